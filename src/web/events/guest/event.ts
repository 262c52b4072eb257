/** Event (https://dom.spec.whatwg.org/#interface-event), as workerd has it. */
import {
  boolean,
  type Converter,
  DOMString,
  defineConstants,
  dictionary,
  exposeInterface,
  illegalInvocation,
  requireArguments,
} from "../../../guest/webidl.ts";
import type { EventTarget } from "./target.ts";

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

const no = () => false;

/** The members of EventInit, for the dictionaries that inherit from it. */
export const eventInitMembers = [
  { key: "bubbles", converter: boolean, defaultValue: no },
  { key: "cancelable", converter: boolean, defaultValue: no },
  { key: "composed", converter: boolean, defaultValue: no },
];

const eventInit = dictionary<Required<EventInit>>("EventInit", eventInitMembers) as Converter<
  Required<EventInit>
>;
const defaults: Required<EventInit> = { bubbles: false, cancelable: false, composed: false };

const STOP = 1;
const STOP_IMMEDIATE = 2;
const CANCELED = 4;
const PASSIVE = 8;
const DISPATCHING = 16;
const TRUSTED = 32;

/** What a dispatch does to an event; only EventTarget and the rooms that create trusted events use these. */
export let beginDispatch: (event: Event, target: EventTarget) => void;
export let endDispatch: (event: Event) => void;
export let setPassive: (event: Event, passive: boolean) => void;
export let setTrusted: (event: Event, trusted: boolean) => void;
export let isDispatching: (event: Event) => boolean;
export let isStopped: (event: Event) => boolean;
export let isEvent: (value: unknown) => value is Event;

/** Something that happened, on its way through the listeners of one target. */
export class Event {
  readonly #type: string;
  readonly #init: EventInit;
  #flags = 0;
  #target: EventTarget | undefined;

  static {
    beginDispatch = (event, target) => {
      event.#flags |= DISPATCHING;
      event.#target = target;
    };
    endDispatch = event => {
      event.#flags &= ~(DISPATCHING | STOP | STOP_IMMEDIATE | PASSIVE);
    };
    setPassive = (event, passive) => {
      event.#flags = passive ? event.#flags | PASSIVE : event.#flags & ~PASSIVE;
    };
    setTrusted = (event, trusted) => {
      event.#flags = trusted ? event.#flags | TRUSTED : event.#flags & ~TRUSTED;
    };
    isDispatching = event => (event.#flags & DISPATCHING) !== 0;
    isStopped = event => (event.#flags & STOP_IMMEDIATE) !== 0;
    isEvent = (value): value is Event => typeof value === "object" && value !== null && #flags in value;
  }

  constructor(type: string, init: EventInit = {}) {
    requireArguments(arguments.length, 1, "Failed to construct 'Event'");
    this.#type = DOMString(type, "Failed to construct 'Event': parameter 1");
    this.#init =
      arguments.length < 2 ? defaults : eventInit(init, "Failed to construct 'Event': parameter 2");
  }

  get type(): string {
    if (!(#flags in this)) throw illegalInvocation();
    return this.#type;
  }

  get eventPhase(): number {
    if (!(#flags in this)) throw illegalInvocation();
    return (this.#flags & DISPATCHING) !== 0 ? 2 : 0;
  }

  get composed(): boolean {
    if (!(#flags in this)) throw illegalInvocation();
    return this.#init.composed === true;
  }

  get bubbles(): boolean {
    if (!(#flags in this)) throw illegalInvocation();
    return this.#init.bubbles === true;
  }

  get cancelable(): boolean {
    if (!(#flags in this)) throw illegalInvocation();
    return this.#init.cancelable === true;
  }

  get defaultPrevented(): boolean {
    if (!(#flags in this)) throw illegalInvocation();
    return (this.#flags & CANCELED) !== 0;
  }

  get returnValue(): boolean {
    if (!(#flags in this)) throw illegalInvocation();
    return (this.#flags & CANCELED) === 0;
  }

  /** The target, after the dispatch too: workerd does not clear it. */
  get currentTarget(): EventTarget | undefined {
    if (!(#flags in this)) throw illegalInvocation();
    return this.#target;
  }

  get target(): EventTarget | undefined {
    if (!(#flags in this)) throw illegalInvocation();
    return this.#target;
  }

  get srcElement(): EventTarget | undefined {
    if (!(#flags in this)) throw illegalInvocation();
    return this.#target;
  }

  /** Always 0, as on workerd, which gives events no clock to measure time by. */
  get timeStamp(): number {
    if (!(#flags in this)) throw illegalInvocation();
    return 0;
  }

  get isTrusted(): boolean {
    if (!(#flags in this)) throw illegalInvocation();
    return (this.#flags & TRUSTED) !== 0;
  }

  get cancelBubble(): boolean {
    if (!(#flags in this)) throw illegalInvocation();
    return (this.#flags & STOP) !== 0;
  }

  set cancelBubble(value: boolean) {
    if (!(#flags in this)) throw illegalInvocation();
    if (value) this.#flags |= STOP;
  }

  stopImmediatePropagation(): void {
    if (!(#flags in this)) throw illegalInvocation();
    this.#flags |= STOP | STOP_IMMEDIATE;
  }

  preventDefault(): void {
    if (!(#flags in this)) throw illegalInvocation();
    if (this.#init.cancelable === true && (this.#flags & PASSIVE) === 0) this.#flags |= CANCELED;
  }

  stopPropagation(): void {
    if (!(#flags in this)) throw illegalInvocation();
    this.#flags |= STOP;
  }

  composedPath(): EventTarget[] {
    if (!(#flags in this)) throw illegalInvocation();
    return (this.#flags & DISPATCHING) !== 0 && this.#target !== undefined ? [this.#target] : [];
  }
}

/** Marks an event as the runtime's own. */
export function trusted<E extends Event>(event: E): E {
  setTrusted(event, true);
  return event;
}

exposeInterface(Event);
defineConstants(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });
