/** What workers have on a WebSocket beside what browsers have. */
interface WebSocket {
  accept(options?: { allowHalfOpen?: boolean }): void;
  serializeAttachment(attachment: unknown): void;
  deserializeAttachment(): unknown;
}

interface Response {
  readonly webSocket?: WebSocket | null;
}

declare class WebSocketPair {
  readonly 0: WebSocket;
  readonly 1: WebSocket;
  [Symbol.iterator](): Iterator<WebSocket>;
}
