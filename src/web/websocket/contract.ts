import type { FetchOptions, WireHeaders, WireResponse } from "../fetch/contract.ts";

/** A close frame, or the lack of one: the code is then 1006 and `clean` is false. 1005 stands for a frame without a code. */
export type WireClose = [code: number, reason: string, clean: boolean];

/** What a peer sends: text, bytes, or its last word. */
export type WireMessage = string | Uint8Array | WireClose;

/**
 * WebSockets of the host's, which the guest names by numbers of its own choice. A socket belongs to the event that
 * connected or offered it: all of its ops are performed on behalf of that event.
 */
export interface WebSocketAsyncOps {
  /**
   * Asks a server for a WebSocket. The status 101 tells that the socket is open; any other response is one to an
   * ordinary request. Rejects when the server cannot be reached or breaks the protocol.
   */
  "websocket.connect"(id: number, url: string, headers: WireHeaders, options: FetchOptions): WireResponse;
  /** The next message. After a close, or when it rejects, there is none. */
  "websocket.receive"(id: number): WireMessage;
  /** Answers when the network has taken all that was sent so far. */
  "websocket.flush"(id: number): null;
}

export interface WebSocketNotices {
  /** The guest answers its event with this socket: what it sends is kept until the client's handshake is done. */
  "websocket.offer"(id: number): void;
  "websocket.send"(id: number, message: string | Uint8Array): void;
  /** Sends a close frame; 1005 stands for one without a code. */
  "websocket.close"(id: number, code: number, reason: string): void;
  /** Ends the connection, or the attempt at one, with no further word. */
  "websocket.abort"(id: number): void;
  /** The guest is through with the socket: it keeps the event alive no longer. */
  "websocket.release"(id: number): void;
}
