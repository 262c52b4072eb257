/** A client's WebSocket handshake: the worker decides, `ws` does the protocol. */
import { type IncomingMessage, ServerResponse } from "node:http";
import type { Answer } from "../engine/ops.ts";
import { UserError } from "../errors.ts";
import type { WireResponse } from "../web/fetch/contract.ts";
import { attachClient, refuseClient } from "../web/websocket/host.ts";

/** A client that asked for a WebSocket, and what it has sent after its request. */
export interface Upgrade {
  readonly head: Buffer;
}

export function asksForWebSocket(request: IncomingMessage): boolean {
  return request.method === "GET" && request.headers.upgrade?.toLowerCase() === "websocket";
}

/**
 * A response to a request that node has handed over with its connection, for the case that the worker answers it like
 * any other. The connection ends with it.
 */
export function responseTo(request: IncomingMessage): ServerResponse {
  const { socket } = request;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once("finish", () => socket.destroySoon());
  socket.on("error", () => socket.destroy());
  return response;
}

/** The number of the WebSocket that the worker answered with; undefined for all other answers. */
export function webSocketOf(answer: Answer): number | undefined {
  return (answer.result as WireResponse)[5];
}

/** Tells the worker that nobody is there for the WebSocket that it answered with. */
export function dropWebSocket(answer: Answer): void {
  const id = webSocketOf(answer);
  if (id !== undefined) refuseClient(answer.context, id);
}

export function upgradeNotAsked(): UserError {
  return new UserError(
    "NO_RESPONSE",
    'Worker tried to return a WebSocket in a response to a request which did not contain the header "Upgrade: websocket".',
    "Answer other requests with a Response that has no webSocket, for example with the status 426.",
  );
}

/** What the handshake itself decides. */
const HANDSHAKE_HEADERS = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "transfer-encoding",
  "upgrade",
]);

/** Completes the handshake, and joins the connection with the worker's WebSocket. A request that is no proper one is refused. */
export async function openWebSocket(
  answer: Answer,
  request: IncomingMessage,
  response: ServerResponse,
  { head }: Upgrade,
): Promise<void> {
  const { answerHandshake } = await import("../web/websocket/connection.ts");
  const [, , headers, , , id = 0] = answer.result as WireResponse;
  const lines: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (HANDSHAKE_HEADERS.has(name.toLowerCase())) continue;
    // What `ws` writes goes out as UTF-8, which is what the values' bytes are.
    lines.push(`${name}: ${headers[index + 1]}`);
  }
  response.detachSocket(request.socket);
  const connection = answerHandshake(request, head, lines);
  if (connection === undefined) {
    response.statusCode = 400;
    dropWebSocket(answer);
    return;
  }
  response.statusCode = 101;
  attachClient(answer.context, id, connection);
}
