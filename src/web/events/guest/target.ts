/** EventTarget (https://dom.spec.whatwg.org/#interface-eventtarget) and event handler attributes. */

import { SafeMap } from "../../../guest/collections.ts";
import { wrongField } from "../../../guest/type-errors.ts";
import {
  DOMString,
  exposeInterface,
  illegalInvocation,
  object,
  requireArguments,
} from "../../../guest/webidl.ts";
import { DOMException } from "../../dom-exception/guest.ts";
import {
  beginDispatch,
  type Event,
  endDispatch,
  isDispatching,
  isEvent,
  isStopped,
  setPassive,
  setTrusted,
} from "./event.ts";

type ListenerFunction = (this: unknown, event: Event) => unknown;
interface ListenerObject {
  handleEvent(event: Event): unknown;
}
export type EventListener = ListenerFunction | ListenerObject;

export interface AddEventListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: object;
}

interface Listener {
  /** What `removeEventListener` compares; for an event handler attribute, the attribute's value. */
  callback: EventListener | object;
  readonly call: ListenerFunction | undefined;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  removed: boolean;
}

/** The listeners of one target, by the event's type. */
class ListenerTable {
  readonly byType = new SafeMap<string, Listener[]>();
  /** The event handler attributes that have a value, by type. */
  handlers: Map<string, Listener> | undefined;
  /** Told when the number of a type's listeners changed. */
  onChange: ((type: string, count: number) => void) | undefined;

  add(type: string, listener: Listener): void {
    const list = this.byType.get(type);
    if (list === undefined) this.byType.set(type, [listener]);
    else list.push(listener);
    this.onChange?.(type, list?.length ?? 1);
  }

  remove(type: string, listener: Listener): void {
    listener.removed = true;
    const list = this.byType.get(type);
    const index = list?.indexOf(listener) ?? -1;
    if (list === undefined || index < 0) return;
    // A dispatch may be walking the list: give it the old one.
    const rest = list.toSpliced(index, 1);
    if (rest.length === 0) this.byType.delete(type);
    else this.byType.set(type, rest);
    this.onChange?.(type, rest.length);
  }

  find(type: string, callback: unknown, capture: boolean): Listener | undefined {
    return this.byType.get(type)?.find(entry => entry.callback === callback && entry.capture === capture);
  }
}

interface Signals {
  isSignal(value: unknown): boolean;
  isAborted(signal: object): boolean;
  onAbort(signal: object, listener: () => void): void;
}

let signals: Signals | undefined;

/** How AbortSignal, which is an EventTarget itself, makes itself known here. */
export function connectSignals(connected: Signals): void {
  signals = connected;
}

let report: (error: unknown) => void = () => {};

/** Sets what becomes of an exception that a listener throws. */
export function reportListenerErrorsTo(reporter: (error: unknown) => void): void {
  report = reporter;
}

/** The global object's listeners: it is an EventTarget, though no constructor of ours ran for it. */
let globalTable: ListenerTable | undefined;

let tableOf: (target: unknown) => ListenerTable | undefined;
let ensureTable: (target: unknown) => ListenerTable;

/** Something that events are dispatched to. */
export class EventTarget {
  #listeners: ListenerTable | undefined;

  static {
    // Methods called on nothing act on the global object (https://webidl.spec.whatwg.org/#js-operations).
    tableOf = target => {
      if (typeof target === "object" && target !== null && #listeners in target) return target.#listeners;
      if (target === undefined || target === null || target === globalThis) return globalTable;
      throw illegalInvocation();
    };
    ensureTable = target => {
      const table = tableOf(target);
      if (table !== undefined) return table;
      const created = new ListenerTable();
      if (typeof target === "object" && target !== null && #listeners in target) target.#listeners = created;
      else globalTable = created;
      return created;
    };
  }

  addEventListener(
    type: string,
    callback: EventListener | null,
    options: AddEventListenerOptions | boolean | null = {},
  ): void {
    const where = "Failed to execute 'addEventListener' on 'EventTarget'";
    tableOf(this);
    requireArguments(arguments.length, 2, where);
    const name = DOMString(type, `${where}: parameter 1`);
    const chosen = flatten(options);
    const signal = chosen.signal;
    if (signal !== undefined && signals?.isSignal(signal) !== true) {
      throw new TypeError(`${where}: the 'signal' option is not of type 'AbortSignal'.`);
    }
    if (callback === null || callback === undefined) return;
    const call = callableOf(callback, where);
    if (signal !== undefined && signals?.isAborted(signal)) return;
    const table = ensureTable(this);
    if (table.find(name, callback, chosen.capture) !== undefined) return;
    const { capture, once, passive } = chosen;
    const listener: Listener = { callback, call, capture, once, passive, removed: false };
    table.add(name, listener);
    if (signal !== undefined) signals?.onAbort(signal, () => table.remove(name, listener));
  }

  removeEventListener(
    type: string,
    callback: EventListener | null,
    options: { capture?: boolean } | boolean | null = {},
  ): void {
    const table = tableOf(this);
    requireArguments(arguments.length, 2, "Failed to execute 'removeEventListener' on 'EventTarget'");
    const name = DOMString(type);
    if (
      callback !== null &&
      callback !== undefined &&
      typeof callback !== "object" &&
      typeof callback !== "function"
    ) {
      throw new TypeError(
        "Failed to execute 'removeEventListener' on 'EventTarget': parameter 2 is not of type 'Object'.",
      );
    }
    const capture =
      typeof options === "object" && options !== null ? Boolean(options.capture) : Boolean(options);
    const listener = table?.find(name, callback, capture);
    if (table !== undefined && listener !== undefined) table.remove(name, listener);
  }

  dispatchEvent(event: Event): boolean {
    tableOf(this);
    if (!isEvent(event)) {
      throw new TypeError(
        "Failed to execute 'dispatchEvent' on 'EventTarget': parameter 1 is not of type 'Event'.",
      );
    }
    if (isDispatching(event)) {
      throw new DOMException("The event is already being dispatched.", "InvalidStateError");
    }
    setTrusted(event, false);
    return dispatch(this ?? (globalThis as unknown as EventTarget), event);
  }
}

interface Flattened {
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  readonly signal: object | undefined;
}

/** https://dom.spec.whatwg.org/#event-flatten-more */
function flatten(options: AddEventListenerOptions | boolean | null | undefined): Flattened {
  if (typeof options !== "object" && typeof options !== "function") {
    return { capture: Boolean(options), once: false, passive: false, signal: undefined };
  }
  const capture = Boolean(options?.capture);
  const once = Boolean(options?.once);
  const passive = Boolean(options?.passive);
  return { capture, once, passive, signal: options?.signal };
}

/** The function behind a listener. As on workerd, an object must have its `handleEvent` from the start. */
function callableOf(callback: EventListener, where: string): ListenerFunction {
  if (typeof callback === "function") return callback;
  if (typeof callback !== "object") {
    throw new TypeError(`${where}: parameter 2 is not of type 'function or HandlerObject'.`);
  }
  const handleEvent: unknown = callback.handleEvent;
  if (typeof handleEvent !== "function") {
    throw wrongField("handleEvent", "HandlerObject", "function");
  }
  return handleEvent as ListenerFunction;
}

/**
 * Dispatches an event as it is, trusted or not, and tells whether nobody prevented its default action. `onError` is
 * given what listeners throw.
 */
export function dispatch(
  target: EventTarget,
  event: Event,
  onError: (error: unknown) => void = report,
): boolean {
  beginDispatch(event, target);
  const type = event.type;
  const table = tableOf(target);
  // workerd calls a plain `on…` property of any target, before the listeners.
  if (table?.handlers?.has(type) !== true) callProperty(target, type, event, onError);
  const listeners = table?.byType.get(type);
  if (table !== undefined && listeners !== undefined) {
    const count = listeners.length;
    let capturing = false;
    for (let index = 0; index < count; index++) capturing ||= listeners[index]?.capture === true;
    if (capturing) invokeAll(target, table, listeners, count, event, true, onError);
    invokeAll(target, table, listeners, count, event, false, onError);
  }
  endDispatch(event);
  return !event.defaultPrevented;
}

function callProperty(
  target: EventTarget,
  type: string,
  event: Event,
  onError: (error: unknown) => void,
): void {
  try {
    const handler = (target as unknown as Record<string, unknown>)[`on${type}`];
    if (typeof handler === "function") Reflect.apply(handler, target, [event]);
  } catch (error) {
    onError(error);
  }
}

/** https://dom.spec.whatwg.org/#concept-event-listener-inner-invoke */
function invokeAll(
  target: EventTarget,
  table: ListenerTable,
  listeners: readonly Listener[],
  count: number,
  event: Event,
  capture: boolean,
  onError: (error: unknown) => void,
): void {
  const type = event.type;
  for (let index = 0; index < count; index++) {
    if (isStopped(event)) return;
    const listener = listeners[index];
    if (listener === undefined || listener.removed || listener.capture !== capture) continue;
    if (listener.once) table.remove(type, listener);
    if (listener.passive) setPassive(event, true);
    const receiver = typeof listener.callback === "function" ? target : listener.callback;
    try {
      // An event handler attribute may change its value without losing its place: ask it now.
      const call = listener.call ?? (listener.callback as ListenerFunction);
      if (typeof call === "function") Reflect.apply(call, receiver, [event]);
    } catch (error) {
      onError(error);
    }
    if (listener.passive) setPassive(event, false);
  }
}

/** How many listeners of a type a target has, its event handler attribute included. */
export function listenerCount(target: EventTarget, type: string): number {
  return tableOf(target)?.byType.get(type)?.length ?? 0;
}

/** Calls `listener` whenever the number of some type's listeners changes. */
export function watchListeners(target: EventTarget, listener: (type: string, count: number) => void): void {
  ensureTable(target).onChange = listener;
}

/** Defines an event handler attribute such as `onabort` (https://html.spec.whatwg.org/#event-handler-idl-attributes). */
export function defineEventHandler(prototype: object, attribute: `on${string}`): void {
  const type = attribute.slice(2);
  const accessors = {
    get [attribute](): unknown {
      if (!inherits(this, prototype)) throw illegalInvocation();
      return tableOf(this)?.handlers?.get(type)?.callback ?? null;
    },
    set [attribute](value: unknown) {
      if (!inherits(this, prototype)) throw illegalInvocation();
      setHandler(ensureTable(this), type, value);
    },
  };
  const descriptor = Object.getOwnPropertyDescriptor(accessors, attribute);
  if (descriptor !== undefined) Object.defineProperty(prototype, attribute, descriptor);
}

const isPrototype = Object.prototype.isPrototypeOf;

const inherits = (value: unknown, prototype: object): boolean =>
  Reflect.apply(isPrototype, prototype, [value]);

function setHandler(table: ListenerTable, type: string, value: unknown): void {
  const present = table.handlers?.get(type);
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    if (present === undefined) return;
    table.handlers?.delete(type);
    table.remove(type, present);
    return;
  }
  if (present !== undefined) {
    present.callback = object(value);
    table.onChange?.(type, table.byType.get(type)?.length ?? 0);
    return;
  }
  const listener: Listener = {
    callback: value,
    call: undefined,
    capture: false,
    once: false,
    passive: false,
    removed: false,
  };
  table.handlers ??= new SafeMap();
  table.handlers.set(type, listener);
  table.add(type, listener);
}

exposeInterface(EventTarget);
