/** The host's side of WebSockets: the sockets of each event, and the ops on them. */
import { EventEnd, type HostOps, type OpContext } from "../../engine/ops.ts";
import { connect } from "./connect.ts";
import type { Connection } from "./connection.ts";
import type { WebSocketAsyncOps, WebSocketNotices } from "./contract.ts";
import { dismiss, HostSocket } from "./host-socket.ts";
import { relay } from "./relay.ts";

const socketsOf = new WeakMap<OpContext, Map<number, HostSocket>>();

/** What peers are told when a worker ends before its sockets (https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1). */
const CODES: Readonly<Record<EventEnd["how"], number>> = {
  done: 1001,
  stopped: 1001,
  replaced: 1012,
  lost: 1011,
};

function onEnd({ signal }: OpContext, listener: (code: number) => void): void {
  const tell = () => listener(CODES[signal.reason instanceof EventEnd ? signal.reason.how : "done"]);
  signal.addEventListener("abort", tell, { once: true });
}

function add(context: OpContext, id: number): HostSocket {
  let sockets = socketsOf.get(context);
  if (sockets === undefined) {
    const created = new Map<number, HostSocket>();
    onEnd(context, code => {
      for (const socket of created.values()) socket.end(code);
      created.clear();
    });
    socketsOf.set(context, created);
    sockets = created;
  }
  if (sockets.has(id)) throw new TypeError(`There is a WebSocket ${id} already.`);
  const socket = new HostSocket(context);
  sockets.set(id, socket);
  return socket;
}

function find(context: OpContext, id: number): HostSocket | undefined {
  return socketsOf.get(context)?.get(id);
}

function forget(context: OpContext, id: number): void {
  find(context, id)?.release();
  socketsOf.get(context)?.delete(id);
}

function get(context: OpContext, id: number): HostSocket {
  const socket = find(context, id);
  if (socket === undefined) throw new TypeError(`There is no WebSocket ${id}.`);
  return socket;
}

/** Joins a client's connection with the socket that a worker answered with. */
export function attachClient(context: OpContext, id: number, client: Connection): void {
  const socket = find(context, id);
  if (socket === undefined) {
    client.terminate();
    return;
  }
  socket.hold();
  const outgoing = socket.detach();
  if (outgoing === undefined) {
    socket.attach(client);
    return;
  }
  const { connection, inbox } = outgoing;
  relay(connection, inbox, client, () => forget(context, id));
  onEnd(context, code => {
    for (const end of [connection, client]) dismiss(end, code);
  });
}

/** Tells a worker that the client for which it had a socket is not there. */
export function refuseClient(context: OpContext, id: number): void {
  find(context, id)?.abort();
}

export const webSocketOps: HostOps<WebSocketAsyncOps> = {
  "websocket.connect": async (context, id, url, headers, options) => {
    context.countSubrequest();
    const socket = add(context, id);
    try {
      const answer = await connect(context, url, headers, options, connection => socket.attach(connection));
      if (answer[0] !== 101) forget(context, id);
      return answer;
    } catch (error) {
      forget(context, id);
      throw error;
    }
  },
  "websocket.receive": (context, id) => get(context, id).receive(),
  "websocket.flush": (context, id) => find(context, id)?.flush() ?? null,
};

export const webSocketNotices: HostOps<WebSocketNotices> = {
  "websocket.offer": (context, id) => {
    if (find(context, id) === undefined) add(context, id);
  },
  "websocket.send": (context, id, message) => find(context, id)?.send(message),
  "websocket.close": (context, id, code, reason) => find(context, id)?.close(code, reason),
  "websocket.abort": (context, id) => find(context, id)?.abort(),
  "websocket.release": (context, id) => forget(context, id),
};
