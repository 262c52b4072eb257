/** PerformanceObserver (https://w3c.github.io/performance-timeline/#the-performanceobserver-interface). */
import { PromiseResolve, PromiseThen } from "../../../guest/primordials.ts";
import {
  callback,
  DOMString,
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  sequence,
} from "../../../guest/webidl.ts";
import { reportException } from "../../events/guest.ts";
import type { PerformanceEntry } from "./entries.ts";

interface ObserveOptions {
  entryTypes?: Iterable<string>;
  type?: string;
  buffered?: boolean;
}

type ObserverCallback = (list: PerformanceObserverEntryList, observer: PerformanceObserver) => void;

export const observedTypes = Object.freeze(["mark", "measure"]);

export const entriesOfType = (entries: readonly PerformanceEntry[], type: string) =>
  entries.filter(entry => entry.entryType === type);

export const entriesByName = (entries: readonly PerformanceEntry[], name: string, type?: string) =>
  entries.filter(entry => entry.name === name && (type === undefined || entry.entryType === type));

let listed: readonly PerformanceEntry[] | undefined;

/** What an observer is told at a time. */
export class PerformanceObserverEntryList {
  readonly #entries: readonly PerformanceEntry[];

  constructor() {
    if (listed === undefined) throw illegalConstructor();
    this.#entries = listed;
  }

  getEntries(): PerformanceEntry[] {
    if (!(#entries in this)) throw illegalInvocation();
    return [...this.#entries];
  }

  getEntriesByType(type: string): PerformanceEntry[] {
    if (!(#entries in this)) throw illegalInvocation();
    return entriesOfType(
      this.#entries,
      DOMString(type, "Failed to execute 'observe' on 'PerformanceObserver': 'type'"),
    );
  }

  getEntriesByName(name: string, type: string | undefined = undefined): PerformanceEntry[] {
    if (!(#entries in this)) throw illegalInvocation();
    return entriesByName(this.#entries, DOMString(name), type);
  }
}

function createList(entries: readonly PerformanceEntry[]): PerformanceObserverEntryList {
  listed = entries;
  try {
    return new PerformanceObserverEntryList();
  } finally {
    listed = undefined;
  }
}

const observers = new Set<PerformanceObserver>();
let timeline: () => readonly PerformanceEntry[] = () => [];

/** Says where `buffered` observers find the entries there are already. */
export function connectTimeline(entries: () => readonly PerformanceEntry[]): void {
  timeline = entries;
}

const settled = PromiseResolve(undefined);
const toTypes = sequence(DOMString);

/** Tells the observers of a new entry. */
export let announce: (entry: PerformanceEntry) => void;

/** Hears of new entries of some types, a batch at a time. */
export class PerformanceObserver {
  readonly #callback: ObserverCallback;
  #types = new Set<string>();
  #buffer: PerformanceEntry[] = [];

  static {
    announce = entry => {
      for (const observer of observers) if (observer.#types.has(entry.entryType)) observer.#add(entry);
    };
  }

  static get supportedEntryTypes(): readonly string[] {
    return observedTypes;
  }

  constructor(listener: ObserverCallback) {
    this.#callback = callback(
      listener,
      "Failed to construct 'PerformanceObserver': parameter 1",
    ) as ObserverCallback;
  }

  observe(options: ObserveOptions | null = {}): void {
    if (!(#types in this)) throw illegalInvocation();
    const { entryTypes, type, buffered } = options ?? {};
    if ((entryTypes === undefined) === (type === undefined)) {
      throw new TypeError(
        "Failed to execute 'observe' on 'PerformanceObserver': either entryTypes or type is required.",
      );
    }
    if (entryTypes !== undefined) {
      this.#types = new Set(
        toTypes(entryTypes, "Failed to execute 'observe' on 'PerformanceObserver': 'entryTypes'").filter(
          name => observedTypes.includes(name),
        ),
      );
    } else {
      const name = DOMString(type);
      if (observedTypes.includes(name)) this.#types.add(name);
      if (buffered) for (const entry of entriesOfType(timeline(), name)) this.#add(entry);
    }
    if (this.#types.size > 0) observers.add(this);
  }

  disconnect(): void {
    if (!(#types in this)) throw illegalInvocation();
    observers.delete(this);
    this.#types.clear();
    this.#buffer = [];
  }

  takeRecords(): PerformanceEntry[] {
    if (!(#types in this)) throw illegalInvocation();
    const entries = this.#buffer;
    this.#buffer = [];
    return entries;
  }

  #add(entry: PerformanceEntry): void {
    if (this.#buffer.push(entry) > 1) return;
    PromiseThen(settled, () => {
      const entries = this.takeRecords();
      if (entries.length === 0) return;
      try {
        Reflect.apply(this.#callback, this, [createList(entries), this]);
      } catch (error) {
        reportException(error);
      }
    });
  }
}

exposeInterface(PerformanceObserverEntryList);
exposeInterface(PerformanceObserver);
