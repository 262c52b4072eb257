/** What connects a WebSocket with its other side: the other end of a pair, or a socket of the host's. */
import { currentEvent, withinEvent } from "../../../guest/event-context.ts";
import { currentExecution, keepOpen } from "../../../guest/execution.ts";
import { call, notify } from "../../../guest/host.ts";
import { PromiseResolve, PromiseThen } from "../../../guest/primordials.ts";
import type { WireClose, WireMessage } from "../contract.ts";
import { webSocketLimits } from "../limits.ts";

type Data = string | Uint8Array<ArrayBuffer>;

/** Hears what the other side says. */
export interface Receiver {
  onMessage(data: Data): void;
  onClose(code: number, reason: string, clean: boolean): void;
  onError(error: unknown): void;
}

export interface Link {
  /** Bytes that have been sent and not yet taken. */
  readonly bufferedAmount: number;
  send(data: Data): void;
  /** Sends a close frame; 1005 stands for one without a code. */
  close(code: number, reason: string): void;
  /** Breaks off: the other side gets no close frame. */
  abort(): void;
  /** Has the messages delivered, from the first on. Called once. */
  start(receiver: Receiver): void;
  /** This side has heard all that it wants to hear, and says no more. */
  end(): void;
}

const settled = PromiseResolve(undefined);
const BROKEN_OFF: WireClose = [1006, "WebSocket disconnected without sending Close frame.", false];

const sizeOf = (data: Data): number => (typeof data === "string" ? data.length : data.byteLength);
const isData = (message: Data | WireClose): message is Data => !Array.isArray(message);
const ignore = (): void => {};

/** One end of a pair. What it sends the other end receives in a microtask, as soon as that has been started. */
export class PairLink implements Link {
  #peer!: PairLink;
  #receiver: Receiver | undefined;
  #inbox: (Data | WireClose)[] = [];
  /** Where a client's connection has taken the other end's place. */
  #host: HostLink | undefined;

  static createPair(): [PairLink, PairLink] {
    const one = new PairLink();
    const other = new PairLink();
    one.#peer = other;
    other.#peer = one;
    return [one, other];
  }

  /** Puts a socket of the host's in this end's place. */
  replaceBy(host: HostLink): void {
    const peer = this.#peer;
    for (const message of this.#inbox) {
      if (isData(message)) host.send(message);
      else host.close(message[0], message[1]);
    }
    this.#inbox = [];
    peer.#host = host;
    if (peer.#receiver !== undefined) host.start(peer.#receiver);
  }

  /** The socket of the host's that stands for the other side, if one does. */
  get host(): HostLink | undefined {
    return this.#host;
  }

  get bufferedAmount(): number {
    return this.#host?.bufferedAmount ?? 0;
  }

  send(data: Data): void {
    if (this.#host !== undefined) this.#host.send(data);
    else this.#peer.#take(data);
  }

  close(code: number, reason: string): void {
    if (this.#host !== undefined) this.#host.close(code, reason);
    else this.#peer.#take([code, reason, true]);
  }

  abort(): void {
    if (this.#host !== undefined) this.#host.abort();
    else this.#peer.#take(BROKEN_OFF);
  }

  start(receiver: Receiver): void {
    this.#receiver = receiver;
    if (this.#host !== undefined) {
      this.#host.start(receiver);
      return;
    }
    const messages = this.#inbox;
    this.#inbox = [];
    for (const message of messages) this.#take(message);
  }

  end(): void {
    this.#host?.end();
  }

  #take(message: Data | WireClose): void {
    const receiver = this.#receiver;
    if (receiver === undefined) {
      this.#inbox.push(message);
      return;
    }
    PromiseThen(settled, () => {
      if (isData(message)) receiver.onMessage(message);
      else receiver.onClose(...message);
    });
  }
}

let lastId = 0;

/** A socket of the host's. It belongs to the event that made it, whichever event uses it. */
export class HostLink implements Link {
  readonly id: number;
  readonly event: number;
  #receiver: Receiver | undefined;
  #letGo: (() => void) | undefined;
  /** What waits for the network to take what went before. */
  #queue: (Data | WireClose)[] = [];
  #queued = 0;
  #unsent = 0;
  #flushing = false;
  #ended = false;

  constructor() {
    this.id = ++lastId;
    this.event = currentEvent();
  }

  /** Tells the host that a client will be given this socket. */
  offer(): void {
    notify("websocket.offer", this.id);
  }

  get bufferedAmount(): number {
    if (this.#unsent > 0) this.#flush();
    return this.#unsent + this.#queued;
  }

  send(data: Data): void {
    if (this.#unsent < webSocketLimits.unsentBytes) {
      this.#post(data);
      return;
    }
    this.#queue.push(data);
    this.#queued += sizeOf(data);
  }

  close(code: number, reason: string): void {
    if (this.#queue.length > 0) this.#queue.push([code, reason, true]);
    else withinEvent(this.event, () => notify("websocket.close", this.id, code, reason));
  }

  abort(): void {
    withinEvent(this.event, () => notify("websocket.abort", this.id));
  }

  start(receiver: Receiver): void {
    this.#receiver = receiver;
    withinEvent(this.event, () => {
      const execution = currentExecution();
      const release = () => withinEvent(this.event, () => notify("websocket.release", this.id));
      this.#letGo = execution === undefined ? release : keepOpen(execution, release);
      this.#pull();
    });
  }

  end(): void {
    this.#ended = true;
    this.#letGo?.();
    this.#letGo = undefined;
  }

  #pull(): void {
    PromiseThen(call("websocket.receive", this.id), this.#onMessage, this.#onFailure);
  }

  readonly #onMessage = (message: WireMessage): void => {
    const receiver = this.#receiver as Receiver;
    if (typeof message === "string" || message instanceof Uint8Array) {
      // The host fetches the next message while this one is dealt with.
      this.#pull();
      if (!this.#ended) receiver.onMessage(message as Data);
    } else {
      if (!this.#ended) receiver.onClose(...message);
    }
  };

  readonly #onFailure = (error: unknown): void => {
    if (!this.#ended) this.#receiver?.onError(error);
  };

  #post(data: Data): void {
    this.#unsent += sizeOf(data);
    withinEvent(this.event, () => notify("websocket.send", this.id, data));
    if (this.#unsent >= webSocketLimits.unsentBytes / 4) this.#flush();
  }

  #flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    const covered = this.#unsent;
    const onFlushed = () => {
      this.#flushing = false;
      this.#unsent -= covered;
      this.#sendQueue();
    };
    withinEvent(this.event, () => PromiseThen(call("websocket.flush", this.id), onFlushed, ignore));
  }

  #sendQueue(): void {
    const queue = this.#queue;
    let index = 0;
    for (; index < queue.length && this.#unsent < webSocketLimits.unsentBytes; index++) {
      const message = queue[index] as Data | WireClose;
      if (isData(message)) {
        this.#queued -= sizeOf(message);
        this.#post(message);
      } else {
        withinEvent(this.event, () => notify("websocket.close", this.id, message[0], message[1]));
      }
    }
    this.#queue = queue.slice(index);
    if (this.#queue.length > 0 && this.#unsent >= webSocketLimits.unsentBytes) this.#flush();
  }
}
