/** MessageChannel and MessagePort (https://html.spec.whatwg.org/#channel-messaging), delivered the way workerd does. */
import { PromiseResolve, PromiseThen } from "../../guest/primordials.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../guest/webidl.ts";
import {
  defineEventHandler,
  dispatch,
  Event,
  EventTarget,
  MessageEvent,
  trusted,
  watchListeners,
} from "../events/guest.ts";
import { dataCloneError } from "../structured-clone/guest/refusal.ts";
import { cloneWithTransfer, registerTransferable, toTransferList } from "../structured-clone/guest.ts";

interface Message {
  readonly data: unknown;
  readonly ports: readonly object[];
}

type State = "waiting" | "started" | "closed";

interface PostMessageOptions {
  transfer?: Iterable<object>;
}

let constructing = false;
let createPort: () => MessagePort;
let entangle: (one: MessagePort, other: MessagePort) => void;

const settled = PromiseResolve(undefined);

/** One end of a channel. A listener for messages starts it, by whatever means it is added. */
export class MessagePort extends EventTarget {
  #state: State = "waiting";
  #queue: Message[] = [];
  #other: MessagePort | undefined;

  static {
    createPort = () => {
      constructing = true;
      try {
        return new MessagePort();
      } finally {
        constructing = false;
      }
    };
    entangle = (one, other) => {
      one.#other = other;
      other.#other = one;
    };
    registerTransferable(MessagePort, {
      prepare(port) {
        if (port.#state === "closed")
          throw dataCloneError("The MessagePort is closed and could not be transferred.");
        const successor = createPort();
        return { successor, commit: () => port.#moveTo(successor) };
      },
    });
  }

  constructor() {
    if (!constructing) throw illegalConstructor();
    super();
    watchListeners(this, (type, count) => {
      if (type !== "message") return;
      if (count > 0) this.#start();
      else if (this.#state === "started") this.#state = "waiting";
    });
  }

  postMessage(data: unknown, options: Iterable<object> | PostMessageOptions | undefined = undefined): void {
    if (!(#state in this)) throw illegalInvocation();
    const transfer = transferListOf(options);
    if (transfer.includes(this)) throw dataCloneError("A MessagePort cannot be transferred over itself.");
    const { copy, successors } = cloneWithTransfer(data, transfer);
    const other = this.#other;
    if (other !== undefined) other.#receive({ data: copy, ports: successors });
  }

  close(): void {
    if (!(#state in this)) throw illegalInvocation();
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#queue = [];
    const other = this.#other;
    this.#other = undefined;
    other?.close();
    dispatch(this, trusted(new Event("close")));
  }

  start(): void {
    if (!(#state in this)) throw illegalInvocation();
    this.#start();
  }

  #start(): void {
    if (this.#state !== "waiting") return;
    this.#state = "started";
    const messages = this.#queue;
    this.#queue = [];
    if (messages.length === 0) return;
    PromiseThen(settled, () => {
      for (const message of messages) this.#deliver(message);
    });
  }

  #receive(message: Message): void {
    if (this.#state === "waiting") this.#queue.push(message);
    else if (this.#state === "started") PromiseThen(settled, () => this.#deliver(message));
  }

  #deliver({ data, ports }: Message): void {
    dispatch(this, trusted(new MessageEvent("message", { data, ports, origin: null, source: this })));
  }

  /** Hands the place in the channel, and what waits there, to another port. */
  #moveTo(successor: MessagePort): void {
    if (this.#other !== undefined) entangle(successor, this.#other);
    successor.#queue = this.#queue;
    this.#other = undefined;
    this.#queue = [];
    this.#state = "closed";
  }
}

function transferListOf(options: Iterable<object> | PostMessageOptions | null | undefined): object[] {
  if (options === undefined || options === null) return [];
  if (typeof options !== "object" && typeof options !== "function") {
    throw new TypeError(
      "Failed to execute 'postMessage' on 'MessagePort': parameter 2 is not of type 'Array or PostMessageOptions'.",
    );
  }
  if (typeof options === "object" && Symbol.iterator in options)
    return toTransferList(options, "PostMessageOptions");
  const transfer = (options as PostMessageOptions).transfer;
  return transfer === undefined ? [] : toTransferList(transfer, "PostMessageOptions");
}

/** Two ports, each of which receives what is posted to the other. */
export class MessageChannel {
  readonly #port1 = createPort();
  readonly #port2 = createPort();

  constructor() {
    entangle(this.#port1, this.#port2);
  }

  get port1(): MessagePort {
    if (!(#port1 in this)) throw illegalInvocation();
    return this.#port1;
  }

  get port2(): MessagePort {
    if (!(#port2 in this)) throw illegalInvocation();
    return this.#port2;
  }
}

exposeInterface(MessagePort, "MessagePort");
exposeInterface(MessageChannel);
defineEventHandler(MessagePort.prototype, "onmessage");
