/** Outgoing TCP connections, plain and with TLS. Certificates are verified as by Node.js. */
import type { NetConnectOpts, Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { HostOps, OpContext } from "../../engine/ops.ts";
import type { SocketAsyncOps } from "./contract.ts";

/** Connections that are open, by the event that opened them and the guest's handle. */
const connections = new WeakMap<OpContext, Map<number, Socket>>();

/** Makes a connection known by the guest's handle, and its bytes readable and writable under it. */
export function adoptConnection(context: OpContext, handle: number, socket: Socket): void {
  const own = connections.get(context) ?? new Map<number, Socket>();
  connections.set(context, own);
  own.set(handle, socket);
  socket.once("close", () => own.delete(handle));
  context.streams.adopt(handle, socket);
}

function find(context: OpContext, handle: number): Socket | undefined {
  return connections.get(context)?.get(handle);
}

/** An address that is no name cannot be asked for in the handshake, only verified. */
function serverNameOptions(name: string, isIP: (text: string) => number): ConnectionOptions {
  return isIP(name) === 0 ? { host: name, servername: name } : { host: name };
}

function whenOpen(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    // Stays for the connection's whole life: later failures are its readers' and writers' to hear of.
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("The connection was closed.")));
  });
}

/** Opens a connection that ends with the event. It is nobody's until `adoptConnection`. */
export async function openConnection(
  context: OpContext,
  hostname: string,
  port: number,
  secure: boolean,
): Promise<Socket> {
  // Node takes an empty name for this machine.
  if (hostname === "") throw new Error("There is no host of an empty name.");
  // Taken at once: the event may be over before anything else is.
  const { signal } = context;
  const [{ connect, isIP }, tls] = await Promise.all([
    import("node:net"),
    secure ? import("node:tls") : undefined,
  ]);
  // Node connects a socket even if its signal was aborted before.
  signal.throwIfAborted();
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  // The guest alone decides when its side ends: by then it has read everything, and written everything.
  const options = { host, port, allowHalfOpen: true, noDelay: true, signal };
  if (tls === undefined) {
    const socket = connect(options satisfies NetConnectOpts);
    await whenOpen(socket, "connect");
    return socket;
  }
  const socket = tls.connect({ ...options, ...serverNameOptions(host, isIP) });
  await whenOpen(socket, "secureConnect");
  return socket;
}

function cannotConnect(port: number, cause: unknown): Error {
  const message = "proxy request failed, cannot connect to the specified address";
  const hint =
    ". It looks like you might be trying to connect to a HTTP-based service — consider using fetch instead";
  return new Error(port === 80 || port === 443 ? message + hint : message, { cause });
}

async function connect(
  context: OpContext,
  handle: number,
  hostname: string,
  port: number,
  secure: boolean,
): Promise<null> {
  context.countSubrequest();
  let socket: Socket;
  try {
    socket = await openConnection(context, hostname, port, secure);
  } catch (cause) {
    throw cannotConnect(port, cause);
  }
  adoptConnection(context, handle, socket);
  return null;
}

async function startTls(
  context: OpContext,
  handle: number,
  secureHandle: number,
  serverName: string,
): Promise<null> {
  const [tls, { isIP }] = await Promise.all([import("node:tls"), import("node:net")]);
  const plain = find(context, handle);
  if (plain === undefined || plain.destroyed) throw new Error("Network connection lost.");
  context.streams.reclaim(handle);
  const name = serverName.startsWith("[") ? serverName.slice(1, -1) : serverName;
  const socket = tls.connect({ socket: plain, ...serverNameOptions(name, isIP) });
  try {
    await whenOpen(socket, "secureConnect");
  } catch (cause) {
    plain.destroy();
    throw new Error("TLS handshake failed.", { cause });
  }
  connections.get(context)?.delete(handle);
  adoptConnection(context, secureHandle, socket);
  return null;
}

function whenGone(socket: Socket | undefined): null | Promise<null> {
  if (socket === undefined) return null;
  return new Promise(resolve => {
    socket.once("close", () => resolve(null));
  });
}

export const socketOps: HostOps<SocketAsyncOps> = {
  "sockets.connect": connect,
  "sockets.startTls": startTls,
  "sockets.close": (context, handle) => {
    const socket = find(context, handle);
    if (socket === undefined) return null;
    context.streams.reclaim(handle);
    // Bytes left unread would make the system reset the connection, and the server lose what is on its way to it.
    socket.resume();
    socket.end(() => setImmediate(() => socket.destroy()));
    return whenGone(socket);
  },
  "sockets.closed": (context, handle) => whenGone(find(context, handle)),
};
