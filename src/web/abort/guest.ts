/** AbortController and AbortSignal (https://dom.spec.whatwg.org/#interface-abortcontroller). */
import {
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  requireArguments,
  sequence,
  unsignedLongLongEnforce,
} from "../../guest/webidl.ts";
import { DOMException } from "../dom-exception/guest.ts";
import { connectSignals } from "../events/guest/target.ts";
import {
  defineEventHandler,
  dispatch,
  Event,
  EventTarget,
  reportException,
  trusted,
} from "../events/guest.ts";
import { startTimer } from "../timers/guest/timer.ts";

let constructing = false;

type Algorithm = (reason: unknown) => void;

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
  /** The signals that follow this one. */
  #dependents: Set<AbortSignal> | undefined;

  static {
    isSignal = (value): value is AbortSignal =>
      typeof value === "object" && value !== null && #aborted in value;

    onAbort = (signal, algorithm) => {
      if (signal.#aborted) return () => {};
      signal.#algorithms ??= new Set();
      const algorithms = signal.#algorithms.add(algorithm);
      return () => {
        algorithms.delete(algorithm);
      };
    };

    // https://dom.spec.whatwg.org/#abortsignal-signal-abort
    signalAbort = (signal, reason) => {
      if (signal.#aborted) return;
      const aborted = [signal];
      signal.#abort(reason);
      if (signal.#dependents !== undefined) {
        for (const dependent of signal.#dependents) {
          if (dependent.#aborted) continue;
          dependent.#abort(signal.#reason);
          aborted.push(dependent);
        }
        signal.#dependents = undefined;
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
      dependent.#sources = new Set();
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
    };
  }

  constructor() {
    if (!constructing) throw illegalConstructor();
    super();
  }

  /** A signal that is aborted already. */
  static abort(reason?: unknown): AbortSignal {
    const signal = createSignal();
    signal.#abort(reason);
    return signal;
  }

  /** A signal that aborts by itself with a TimeoutError. */
  static timeout(delay: number): AbortSignal {
    const where = "Failed to execute 'timeout' on 'AbortSignal'";
    requireArguments(arguments.length, 1, where);
    const milliseconds = unsignedLongLongEnforce(delay, `${where}: parameter 1`);
    const signal = createSignal();
    startTimer(milliseconds, () => {
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
    source.#dependents ??= new Set();
    source.#dependents.add(this);
    this.#sources?.add(new WeakRef(source));
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

  abort(reason?: unknown): void {
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
