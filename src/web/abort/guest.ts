/** AbortController and AbortSignal (https://dom.spec.whatwg.org/#interface-abortcontroller). */

import { SafeSet } from "../../guest/collections.ts";
import {
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  requireArguments,
  sequence,
  unrestrictedDouble,
} from "../../guest/webidl.ts";
import { DOMException } from "../dom-exception/guest.ts";
import { connectSignals } from "../events/guest/target.ts";
import {
  defineEventHandler,
  dispatch,
  Event,
  EventTarget,
  listenerCount,
  reportException,
  trusted,
  watchListeners,
} from "../events/guest.ts";
import { startTimer } from "../timers/guest/timer.ts";

/** How many dependents a signal gathers before it looks for those that are gone. */
const PRUNE_FROM = 64;

let constructing = false;

type Algorithm = (reason: unknown) => void;

/** Whether a value is an AbortSignal. */
export let isSignal: (value: unknown) => value is AbortSignal;
/** Aborts a signal; `undefined` as the reason stands for a new AbortError. */
export let signalAbort: (signal: AbortSignal, reason?: unknown) => void;
/** Runs `listener` when the signal aborts, before its event's listeners. Returns what takes it back. */
export let onAbort: (signal: AbortSignal, listener: (reason: unknown) => void) => () => void;
/** Makes a signal follow others: it aborts when the first of them does. */
export let follow: (dependent: AbortSignal, signals: Iterable<AbortSignal>) => void;

/** Whether an operation should stop, and why. */
export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown;
  #algorithms: Set<Algorithm> | undefined;
  /** For a signal made by `any`: the signals that it follows. */
  #sources: Set<WeakRef<AbortSignal>> | undefined;
  /** The signals that follow this one. They live on their own account, or many would gather at a long-lived one. */
  #dependents: Set<WeakRef<AbortSignal>> | undefined;
  /** Those of them that somebody listens to: nothing else may hold them. */
  #held: Set<AbortSignal> | undefined;
  #pruneAt = PRUNE_FROM;

  static {
    isSignal = (value): value is AbortSignal =>
      typeof value === "object" && value !== null && #aborted in value;

    onAbort = (signal, algorithm) => {
      if (signal.#aborted) return () => {};
      signal.#algorithms ??= new SafeSet();
      const algorithms = signal.#algorithms.add(algorithm);
      signal.#updateHold();
      return () => {
        algorithms.delete(algorithm);
        signal.#updateHold();
      };
    };

    // https://dom.spec.whatwg.org/#abortsignal-signal-abort
    signalAbort = (signal, reason) => {
      if (signal.#aborted) return;
      const aborted = [signal];
      signal.#abort(reason);
      if (signal.#dependents !== undefined) {
        for (const reference of signal.#dependents) {
          const dependent = reference.deref();
          if (dependent === undefined || dependent.#aborted) continue;
          dependent.#abort(signal.#reason);
          aborted.push(dependent);
        }
        signal.#dependents = undefined;
        signal.#held = undefined;
      }
      for (const each of aborted) each.#run();
    };

    // https://dom.spec.whatwg.org/#create-a-dependent-abort-signal
    follow = (dependent, signals) => {
      for (const source of signals) {
        if (!source.#aborted) continue;
        dependent.#abort(source.#reason);
        return;
      }
      dependent.#sources = new SafeSet();
      for (const signal of signals) {
        if (signal.#sources === undefined) {
          dependent.#link(signal);
          continue;
        }
        for (const reference of signal.#sources) {
          const source = reference.deref();
          if (source !== undefined) dependent.#link(source);
        }
      }
      watchListeners(dependent, () => dependent.#updateHold());
    };
  }

  constructor() {
    if (!constructing) throw illegalConstructor();
    super();
  }

  /** A signal that is aborted already. */
  static abort(reason: unknown = undefined): AbortSignal {
    const signal = createSignal();
    signal.#abort(reason);
    return signal;
  }

  /** A signal that aborts by itself with a TimeoutError. */
  static timeout(delay: number): AbortSignal {
    const where = "Failed to execute 'timeout' on 'AbortSignal'";
    requireArguments(arguments.length, 1, where);
    // As on workerd no number is refused, where the standard wants an integer.
    const milliseconds = unrestrictedDouble(delay, `${where}: parameter 1`) || 0;
    const signal = createSignal();
    startTimer(Math.min(Math.max(milliseconds, 0), Number.MAX_SAFE_INTEGER), () => {
      signalAbort(signal, new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    });
    return signal;
  }

  /** A signal that aborts when the first of others does. */
  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const where = "Failed to execute 'any' on 'AbortSignal'";
    requireArguments(arguments.length, 1, where);
    const sources = toSignals(signals, `${where}: parameter 1`);
    const signal = createSignal();
    follow(signal, sources);
    return signal;
  }

  get aborted(): boolean {
    if (!(#aborted in this)) throw illegalInvocation();
    return this.#aborted;
  }

  get reason(): unknown {
    if (!(#aborted in this)) throw illegalInvocation();
    return this.#reason;
  }

  throwIfAborted(): void {
    if (!(#aborted in this)) throw illegalInvocation();
    if (this.#aborted) throw this.#reason;
  }

  #abort(reason: unknown): void {
    this.#aborted = true;
    this.#reason =
      reason === undefined ? new DOMException("The operation was aborted", "AbortError") : reason;
  }

  #run(): void {
    const algorithms = this.#algorithms;
    this.#algorithms = undefined;
    if (algorithms !== undefined) {
      for (const algorithm of algorithms) {
        try {
          algorithm(this.#reason);
        } catch (error) {
          reportException(error);
        }
      }
    }
    dispatch(this, trusted(new Event("abort")));
  }

  #link(source: AbortSignal): void {
    source.#dependents ??= new SafeSet();
    source.#dependents.add(new WeakRef(this));
    this.#sources?.add(new WeakRef(source));
    if (source.#dependents.size >= source.#pruneAt) source.#prune(source.#dependents);
  }

  #prune(dependents: Set<WeakRef<AbortSignal>>): void {
    for (const reference of dependents) if (reference.deref() === undefined) dependents.delete(reference);
    this.#pruneAt = Math.max(PRUNE_FROM, dependents.size * 2);
  }

  /** Makes the sources of a dependent signal hold it for as long as its abortion would be noticed. */
  #updateHold(): void {
    if (this.#sources === undefined || this.#aborted) return;
    const noticed = (this.#algorithms?.size ?? 0) > 0 || listenerCount(this, "abort") > 0;
    for (const reference of this.#sources) {
      const source = reference.deref();
      if (source === undefined) continue;
      if (!noticed) source.#held?.delete(this);
      else if (source.#held === undefined) source.#held = new SafeSet([this]);
      else source.#held.add(this);
    }
  }
}

const toSignals = sequence((value, context) => {
  if (isSignal(value)) return value;
  throw new TypeError(`${context}: an element is not of type 'AbortSignal'.`);
});

/** A new signal, for the rooms that abort by themselves. */
export function createSignal(): AbortSignal {
  constructing = true;
  try {
    return new AbortSignal();
  } finally {
    constructing = false;
  }
}

/** Owns one signal, and aborts it. */
export class AbortController {
  #signal: AbortSignal | undefined;

  get signal(): AbortSignal {
    if (!(#signal in this)) throw illegalInvocation();
    this.#signal ??= createSignal();
    return this.#signal;
  }

  abort(reason: unknown = undefined): void {
    if (!(#signal in this)) throw illegalInvocation();
    signalAbort(this.signal, reason);
  }
}

connectSignals({
  isSignal,
  isAborted: signal => (signal as AbortSignal).aborted,
  onAbort: (signal, listener) => {
    onAbort(signal as AbortSignal, listener);
  },
});
exposeInterface(AbortSignal);
exposeInterface(AbortController);
defineEventHandler(AbortSignal.prototype, "onabort");
