/** What the worker of these tests finds beside the usual globals. */
interface GuestSocket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array | string>;
  readonly opened: Promise<{ remoteAddress?: string; localAddress?: string }>;
  readonly closed: Promise<void>;
  readonly upgraded: boolean;
  readonly secureTransport: string;
  close(): Promise<void>;
  startTls(options?: unknown): GuestSocket;
}

declare const cloudflareSockets: { connect(address?: unknown, options?: unknown): GuestSocket };

/** A client of Redis, over a socket (redis.test.ts). */
declare class RedisClient {
  constructor(socket: GuestSocket);
  readonly socket: GuestSocket;
  send(...commands: (string | Uint8Array)[][]): Promise<void>;
  reply(): Promise<unknown>;
  command(...words: (string | Uint8Array)[]): Promise<unknown>;
}

/** How a promise ends: `["fulfilled", value]`, `["rejected", name, message]`, or "pending" after some milliseconds. */
declare function outcome(promise: Promise<unknown>, patience?: number): Promise<unknown>;
