/** One WebSocket of the host's, as the guest uses it: messages are pulled by the guest, and wait here in small number. */
import type { RawData } from "ws";
import type { OpContext } from "../../engine/ops.ts";
import type { Connection } from "./connection.ts";
import type { WireClose, WireMessage } from "./contract.ts";
import { webSocketLimits } from "./limits.ts";

const WITHOUT_CLOSE_FRAME: WireClose = [1006, "WebSocket disconnected without sending Close frame.", false];

const sizeOf = (message: string | Uint8Array): number =>
  typeof message === "string" ? message.length : message.byteLength;

export const bytesOf = (data: RawData): Buffer =>
  Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);

/** Closes a connection that nobody is left to care for. The peer has little time to answer. */
export function dismiss(connection: Connection, code: number): void {
  // An error that nobody listens for would be thrown.
  connection.on("error", () => {});
  connection.resume();
  connection.sendClose(code, "");
  setTimeout(() => connection.terminate(), webSocketLimits.farewellMilliseconds).unref();
}

export class HostSocket {
  readonly #context: OpContext;
  #connection: Connection | undefined;
  /** What the guest sent before there was a connection. */
  #early: (string | Uint8Array | WireClose)[] = [];
  readonly #inbox: WireMessage[] = [];
  #inboxBytes = 0;
  /** What went wrong; the last thing that the guest hears. */
  #failure: Error | undefined;
  #waiting: PromiseWithResolvers<WireMessage> | undefined;
  #unsent = 0;
  readonly #flushing: (() => void)[] = [];
  #received = false;
  /** The peer has had its last word. */
  #over = false;
  #letGo: (() => void) | undefined;

  constructor(context: OpContext) {
    this.#context = context;
  }

  /** Keeps the event alive until the guest is through with the socket. */
  hold(): void {
    this.#letGo ??= this.#context.keepOpen();
  }

  release(): void {
    this.#letGo?.();
    this.#letGo = undefined;
  }

  attach(connection: Connection): void {
    this.#connection = connection;
    connection.on("message", this.#onMessage);
    connection.on("closing", this.#onClosing);
    connection.on("close", this.#onClose);
    connection.on("error", this.#onError);
    const early = this.#early;
    this.#early = [];
    for (const message of early) {
      if (typeof message === "string" || message instanceof Uint8Array) this.send(message);
      else this.close(message[0], message[1]);
    }
  }

  /** Gives the connection to somebody else, with what has arrived on it. */
  detach(): { readonly connection: Connection; readonly inbox: readonly WireMessage[] } | undefined {
    const connection = this.#connection;
    if (connection === undefined) return undefined;
    connection.off("message", this.#onMessage);
    connection.off("closing", this.#onClosing);
    connection.off("close", this.#onClose);
    connection.off("error", this.#onError);
    this.#connection = undefined;
    return { connection, inbox: this.#inbox.splice(0) };
  }

  receive(): WireMessage | Promise<WireMessage> {
    if (this.#waiting !== undefined) throw new TypeError("The next message is asked for already.");
    this.#received = true;
    this.hold();
    const message = this.#inbox.shift();
    if (message !== undefined) {
      this.#taken(message);
      return message;
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#over) return WITHOUT_CLOSE_FRAME;
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  send(message: string | Uint8Array): void {
    const connection = this.#connection;
    if (connection === undefined) {
      if (!this.#over) this.#early.push(message);
      return;
    }
    this.#unsent++;
    connection.send(message, { binary: typeof message !== "string" }, this.#onSent);
  }

  flush(): null | Promise<null> {
    if (this.#unsent === 0 || this.#over) return null;
    return new Promise(resolve => this.#flushing.push(() => resolve(null)));
  }

  close(code: number, reason: string): void {
    if (this.#connection !== undefined) this.#connection.sendClose(code, reason);
    else if (!this.#over) this.#early.push([code, reason, true]);
  }

  /** Ends the connection with no further word, or tells that there will be none. */
  abort(): void {
    if (this.#connection !== undefined) this.#connection.terminate();
    else this.#onClose();
  }

  /** The event is over: nobody is left to answer. The peer is told by a code, and then has little time. */
  end(code: number): void {
    const connection = this.#connection;
    this.#waiting?.reject(new Error("The event is over."));
    this.#waiting = undefined;
    if (connection === undefined) return;
    this.detach();
    dismiss(connection, code);
  }

  readonly #onMessage = (data: RawData, isBinary: boolean): void => {
    const bytes = bytesOf(data);
    this.#deliver(isBinary ? bytes : bytes.toString("utf8"));
  };

  readonly #onClosing = (code: number, reason: string): void => {
    this.#over = true;
    this.#deliver([code, reason, true]);
  };

  readonly #onError = (error: Error): void => {
    this.#over = true;
    this.#failure ??= new Error(`WebSocket protocol error: ${error.message}.`);
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  };

  readonly #onClose = (): void => {
    this.#settleFlushes();
    if (!this.#over) {
      this.#over = true;
      this.#deliver(WITHOUT_CLOSE_FRAME);
    }
    // A guest that has not asked for messages will not tell when it is through with them.
    if (!this.#received) this.release();
  };

  readonly #onSent = (): void => {
    if (--this.#unsent === 0) this.#settleFlushes();
  };

  #settleFlushes(): void {
    for (const settle of this.#flushing.splice(0)) settle();
  }

  #deliver(message: WireMessage): void {
    this.#context.renewCpuTime();
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve(message);
      return;
    }
    this.#inbox.push(message);
    if (Array.isArray(message)) return;
    this.#inboxBytes += sizeOf(message as string | Uint8Array);
    const { waitingBytes, waitingMessages } = webSocketLimits;
    if (this.#inboxBytes >= waitingBytes || this.#inbox.length >= waitingMessages) this.#connection?.pause();
  }

  #taken(message: WireMessage): void {
    if (Array.isArray(message)) return;
    this.#inboxBytes -= sizeOf(message as string | Uint8Array);
    const { waitingBytes, waitingMessages } = webSocketLimits;
    const connection = this.#connection;
    if (connection?.isPaused !== true) return;
    if (this.#inboxBytes < waitingBytes / 2 && this.#inbox.length < waitingMessages / 2) connection.resume();
  }
}
