/** PerformanceEntry and its kinds (https://w3c.github.io/user-timing/). */
import {
  DOMString,
  double,
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  requireArguments,
} from "../../../guest/webidl.ts";
import { cloneValue } from "../../structured-clone/guest.ts";

export interface EntryValues {
  readonly name: string;
  readonly entryType: string;
  readonly startTime: number;
  readonly duration: number;
}

export interface PerformanceMarkOptions {
  detail?: unknown;
  startTime?: number;
}

let values: EntryValues | undefined;

/** Calls `construct` with the values that the next entry takes: scripts construct no entries but marks. */
function withValues<T>(next: EntryValues, construct: () => T): T {
  values = next;
  try {
    return construct();
  } finally {
    values = undefined;
  }
}

/** Something that was measured. */
export class PerformanceEntry {
  readonly #values: EntryValues;

  constructor() {
    if (values === undefined) throw illegalConstructor();
    this.#values = values;
    values = undefined;
  }

  get name(): string {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.name;
  }

  get entryType(): string {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.entryType;
  }

  get startTime(): number {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.startTime;
  }

  get duration(): number {
    if (!(#values in this)) throw illegalInvocation();
    return this.#values.duration;
  }

  toJSON(): object {
    if (!(#values in this)) throw illegalInvocation();
    return { ...this.#values };
  }
}

const withDetail = (json: object, detail: unknown): object => (detail === null ? json : { ...json, detail });

/** A point in time with a name. */
export class PerformanceMark extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(name: string, options: PerformanceMarkOptions | undefined = undefined) {
    const where = "Failed to construct 'PerformanceMark'";
    requireArguments(arguments.length, 1, where);
    const given = options ?? {};
    const startTime =
      given.startTime === undefined
        ? Date.now()
        : double(given.startTime, `${where}: the 'startTime' option`);
    values = { name: DOMString(name, `${where}: parameter 1`), entryType: "mark", startTime, duration: 0 };
    super();
    this.#detail = given.detail === undefined || given.detail === null ? null : cloneValue(given.detail);
  }

  get detail(): unknown {
    if (!(#detail in this)) throw illegalInvocation();
    return this.#detail;
  }

  override toJSON(): object {
    return withDetail(super.toJSON(), this.detail);
  }
}

/** A measure from one time to another; its detail is cloned. */
export let createMeasure: (
  name: string,
  startTime: number,
  endTime: number,
  detail: unknown,
) => PerformanceMeasure;

/** The time between two points. */
export class PerformanceMeasure extends PerformanceEntry {
  #detail: unknown = null;

  static {
    createMeasure = (name, startTime, endTime, detail) => {
      const measured = { name, entryType: "measure", startTime, duration: endTime - startTime };
      const measure = withValues(measured, () => new PerformanceMeasure());
      measure.#detail = detail === undefined || detail === null ? null : cloneValue(detail);
      return measure;
    };
  }

  get detail(): unknown {
    if (!(#detail in this)) throw illegalInvocation();
    return this.#detail;
  }

  override toJSON(): object {
    return withDetail(super.toJSON(), this.detail);
  }
}

/** The interface of timed requests. As on workerd requests are not timed, so that no object is one. */
export class PerformanceResourceTiming extends PerformanceEntry {}

const RESOURCE_TIMES = [
  "connectEnd",
  "connectStart",
  "decodedBodySize",
  "domainLookupEnd",
  "domainLookupStart",
  "encodedBodySize",
  "fetchStart",
  "initiatorType",
  "nextHopProtocol",
  "redirectEnd",
  "redirectStart",
  "requestStart",
  "responseEnd",
  "responseStart",
  "responseStatus",
  "secureConnectionStart",
  "transferSize",
  "workerStart",
];
for (const name of RESOURCE_TIMES) {
  const accessor = {
    get [name](): never {
      throw illegalInvocation();
    },
  };
  const descriptor = Object.getOwnPropertyDescriptor(accessor, name);
  if (descriptor !== undefined) Object.defineProperty(PerformanceResourceTiming.prototype, name, descriptor);
}

/** What Node.js tells of its start and its event loop. As on workerd, which has no such times, all are 0. */
export class PerformanceNodeTiming extends PerformanceEntry {
  declare readonly nodeStart: number;
  declare readonly v8Start: number;
  declare readonly bootstrapComplete: number;
  declare readonly environment: number;
  declare readonly loopStart: number;
  declare readonly loopExit: number;
  declare readonly idleTime: number;
  declare readonly uvMetricsInfo: object;

  constructor() {
    super();
    const facts = {
      nodeStart: 0,
      v8Start: 0,
      bootstrapComplete: 0,
      environment: 0,
      loopStart: 0,
      loopExit: 0,
      idleTime: 0,
      uvMetricsInfo: { loopCount: 0, events: 0, eventsWaiting: 0 },
    };
    for (const [key, value] of Object.entries(facts)) {
      Object.defineProperty(this, key, { value, enumerable: true, configurable: true });
    }
  }

  override toJSON(): object {
    return { ...super.toJSON(), ...this };
  }
}

export function createNodeTiming(): PerformanceNodeTiming {
  const times = { name: "node", entryType: "node", startTime: 0, duration: 0 };
  return withValues(times, () => new PerformanceNodeTiming());
}

exposeInterface(PerformanceEntry);
exposeInterface(PerformanceNodeTiming);
exposeInterface(PerformanceResourceTiming);
exposeInterface(PerformanceMark);
exposeInterface(PerformanceMeasure, "PerformanceMeasure");
