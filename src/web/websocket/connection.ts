/** A connection of the `ws` package, and the two ways to one: as a server and as a client. */
import type { IncomingMessage } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import { webSocketLimits } from "./limits.ts";

/**
 * A connection that leaves the answer to the peer's close frame to its owner, so that the worker may still answer the
 * messages before it. Tells of the frame by the event "closing", with its code and reason.
 */
export class Connection extends WebSocket {
  /** How `ws` itself closes: it answers a close frame with no argument or with two, a breach of the protocol with one. */
  override close(code?: number, reason?: string | Buffer): void {
    if (arguments.length === 1) super.close(code);
    else this.emit("closing", code ?? 1005, reason?.toString() ?? "");
  }

  /** Sends a close frame, or answers the peer's. */
  sendClose(code: number, reason: string): void {
    if (code === 1005) super.close();
    else super.close(code, reason);
  }
}

const settings = { perMessageDeflate: false, maxPayload: webSocketLimits.messageBytes };

const server = new WebSocketServer({
  ...settings,
  noServer: true,
  clientTracking: false,
  WebSocket: Connection as never,
  // The worker chooses: its choice is among the headers.
  handleProtocols: () => false,
});

/**
 * Answers a client's handshake. `lines` are further lines of the response's head. A handshake that is none is answered
 * with an error, and the result is undefined.
 */
export function answerHandshake(
  request: IncomingMessage,
  head: Buffer,
  lines: readonly string[],
): Connection | undefined {
  let connection: Connection | undefined;
  const addLines = (all: string[]) => all.push(...lines);
  server.once("headers", addLines);
  // Done when the call returns, as nothing has to be verified first.
  server.handleUpgrade(request, request.socket, head, opened => {
    connection = opened as Connection;
  });
  server.off("headers", addLines);
  return connection;
}

/** Begins a handshake with a server, at an http or https URL. */
export function beginHandshake(url: string, headers: Record<string, string[]>): Connection {
  return new Connection(url, [], { ...settings, headers: headers as never });
}
