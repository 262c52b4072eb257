/** Outgoing WebSockets: a handshake with a server, or the ordinary response of one that refuses. */
import type { IncomingMessage } from "node:http";
import type { OpContext } from "../../engine/ops.ts";
import type { FetchOptions, WireHeaders, WireResponse } from "../fetch/contract.ts";
import { connectionLost } from "../fetch/exchange.ts";
import { headerFromLatin1, headerToLatin1 } from "../fetch/header-bytes.ts";
import { decodeBody } from "../fetch/host.ts";
import type { Connection } from "./connection.ts";

/** Headers of the connection and of the handshake, which are not the worker's. */
const OWN_HEADERS = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-version",
  "transfer-encoding",
  "upgrade",
]);

function requestHeaders(headers: WireHeaders): Record<string, string[]> {
  const sent: Record<string, string[]> = Object.create(null);
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] as string).toLowerCase();
    if (OWN_HEADERS.has(name)) continue;
    sent[name] ??= [];
    sent[name].push(headerToLatin1(headers[index + 1] as string));
  }
  return sent;
}

/** Asks for a WebSocket; `onStart` is given what will be the connection. */
export async function connect(
  context: OpContext,
  url: string,
  headers: WireHeaders,
  options: FetchOptions,
  onStart: (connection: Connection) => void,
): Promise<WireResponse> {
  const { beginHandshake } = await import("./connection.ts");
  context.signal.throwIfAborted();
  const connection = beginHandshake(url, requestHeaders(headers));
  const onEventEnd = () => connection.terminate();
  context.signal.addEventListener("abort", onEventEnd);
  const { promise, resolve, reject } = Promise.withResolvers<WireResponse>();
  let accepted: WireHeaders = [];
  connection.once("upgrade", (response: IncomingMessage) => {
    accepted = response.rawHeaders.map(headerFromLatin1);
    // As on workerd, it is the worker that judges whether it was offered the protocol that the server chose.
    delete response.headers["sec-websocket-protocol"];
  });
  connection.once("open", () => resolve([101, "Switching Protocols", accepted, null]));
  connection.once("unexpected-response", (_request: unknown, response: IncomingMessage) => {
    const list = response.rawHeaders.map(headerFromLatin1);
    const body = decodeBody(response, list, context, options) ?? context.streams.give(response);
    resolve([response.statusCode ?? 0, response.statusMessage ?? "", list, body]);
  });
  const onError = (error: Error) => reject(connectionLost(error));
  connection.once("error", onError);
  onStart(connection);
  try {
    return await promise;
  } finally {
    context.signal.removeEventListener("abort", onEventEnd);
    connection.off("error", onError);
  }
}
