/** The kinds of event that carry data of their own. */
import {
  boolean,
  type Converter,
  DOMString,
  dictionary,
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  requireArguments,
  sequence,
  USVString,
  unsignedLong,
  unsignedShort,
} from "../../../guest/webidl.ts";
import { Event, type EventInit, eventInitMembers, trusted } from "./event.ts";
import type { EventTarget } from "./target.ts";

const any: Converter<unknown> = value => value;
const emptyString = () => "";
const zero = () => 0;

export interface CustomEventInit extends EventInit {
  detail?: unknown;
}

const customEventInit = dictionary<CustomEventInit>("CustomEventInit", [
  ...eventInitMembers,
  { key: "detail", converter: any },
]);

/** https://dom.spec.whatwg.org/#interface-customevent; without a detail it is undefined, as on workerd. */
export class CustomEvent extends Event {
  readonly #detail: unknown;

  constructor(type: string, init: CustomEventInit = {}) {
    requireArguments(arguments.length, 1, "Failed to construct 'CustomEvent'");
    const chosen = customEventInit(init, "Failed to construct 'CustomEvent': parameter 2");
    super(type, chosen);
    this.#detail = chosen.detail;
  }

  get detail(): unknown {
    if (!(#detail in this)) throw illegalInvocation();
    return this.#detail;
  }
}

export interface ErrorEventInit extends EventInit {
  message?: string;
  filename?: string;
  lineno?: number;
  colno?: number;
  error?: unknown;
}

type ErrorEventValues = Required<Omit<ErrorEventInit, keyof EventInit | "error">> &
  EventInit & { error: unknown };

const errorEventInit = dictionary<ErrorEventValues>("ErrorEventInit", [
  ...eventInitMembers,
  { key: "colno", converter: unsignedLong, defaultValue: zero },
  { key: "error", converter: any },
  { key: "filename", converter: USVString, defaultValue: emptyString },
  { key: "lineno", converter: unsignedLong, defaultValue: zero },
  { key: "message", converter: DOMString, defaultValue: emptyString },
]);

/** https://html.spec.whatwg.org/#the-errorevent-interface */
export class ErrorEvent extends Event {
  readonly #values: ErrorEventValues;

  constructor(type: string, init: ErrorEventInit = {}) {
    requireArguments(arguments.length, 1, "Failed to construct 'ErrorEvent'");
    const values = errorEventInit(init, "Failed to construct 'ErrorEvent': parameter 2");
    super(type, values);
    this.#values = values;
  }

  get filename(): string {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.filename;
  }

  get message(): string {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.message;
  }

  get lineno(): number {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.lineno;
  }

  get colno(): number {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.colno;
  }

  get error(): unknown {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.error;
  }
}

export interface MessageEventInit extends EventInit {
  data?: unknown;
  origin?: string | null;
  lastEventId?: string;
  source?: EventTarget | null;
  ports?: readonly object[];
}

interface MessageEventValues extends EventInit {
  readonly data: unknown;
  readonly origin: string | null;
  readonly lastEventId: string;
  readonly source: EventTarget | null;
  readonly ports: readonly object[];
}

const nothing = () => null;

const messageEventInit = dictionary<MessageEventValues>("MessageEventInit", [
  ...eventInitMembers,
  { key: "data", converter: any, defaultValue: nothing },
  { key: "lastEventId", converter: DOMString, defaultValue: emptyString },
  {
    key: "origin",
    converter: value => (value === null ? null : USVString(value)),
    defaultValue: emptyString,
  },
  { key: "ports", converter: sequence(any), defaultValue: () => [] },
  { key: "source", converter: any, defaultValue: nothing },
]);

/** https://html.spec.whatwg.org/#the-messageevent-interface */
export class MessageEvent extends Event {
  readonly #values: MessageEventValues;

  constructor(type: string, init: MessageEventInit = {}) {
    requireArguments(arguments.length, 1, "Failed to construct 'MessageEvent'");
    const values = messageEventInit(init, "Failed to construct 'MessageEvent': parameter 2");
    super(type, values);
    this.#values = values;
    Object.freeze(values.ports);
  }

  get data(): unknown {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.data;
  }

  get origin(): string | null {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.origin;
  }

  get lastEventId(): string {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.lastEventId;
  }

  get source(): EventTarget | null {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.source;
  }

  get ports(): readonly object[] {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.ports;
  }
}

export interface CloseEventInit extends EventInit {
  code?: number;
  reason?: string;
  wasClean?: boolean;
}

const closeEventInit = dictionary<Required<CloseEventInit>>("CloseEventInit", [
  ...eventInitMembers,
  { key: "code", converter: unsignedShort, defaultValue: zero },
  { key: "reason", converter: USVString, defaultValue: emptyString },
  { key: "wasClean", converter: boolean, defaultValue: () => false },
]);

/** https://websockets.spec.whatwg.org/#the-closeevent-interface */
export class CloseEvent extends Event {
  readonly #values: Required<CloseEventInit>;

  constructor(type: string, init: CloseEventInit = {}) {
    requireArguments(arguments.length, 1, "Failed to construct 'CloseEvent'");
    const values = closeEventInit(init, "Failed to construct 'CloseEvent': parameter 2");
    super(type, values);
    this.#values = values;
  }

  get code(): number {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.code;
  }

  get reason(): string {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.reason;
  }

  get wasClean(): boolean {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.wasClean;
  }
}

interface Rejection {
  readonly promise: Promise<unknown>;
  readonly reason: unknown;
}

/** What the next PromiseRejectionEvent carries; scripts cannot construct one, as on workerd. */
let rejection: Rejection | undefined;

/** https://html.spec.whatwg.org/#the-promiserejectionevent-interface */
export class PromiseRejectionEvent extends Event {
  readonly #rejection: Rejection;

  constructor(type: string) {
    if (rejection === undefined) throw illegalConstructor();
    super(type, { cancelable: true });
    this.#rejection = rejection;
  }

  get promise(): Promise<unknown> {
    if (!(#rejection in this)) throw illegalInvocation();
    return this.#rejection.promise;
  }

  get reason(): unknown {
    if (!(#rejection in this)) throw illegalInvocation();
    return this.#rejection.reason;
  }
}

/** A trusted `unhandledrejection` or `rejectionhandled` event. */
export function createRejectionEvent(
  type: string,
  promise: Promise<unknown>,
  reason: unknown,
): PromiseRejectionEvent {
  rejection = { promise, reason };
  try {
    return trusted(new PromiseRejectionEvent(type));
  } finally {
    rejection = undefined;
  }
}

exposeInterface(CustomEvent);
exposeInterface(ErrorEvent);
exposeInterface(MessageEvent);
exposeInterface(CloseEvent);
exposeInterface(PromiseRejectionEvent);
