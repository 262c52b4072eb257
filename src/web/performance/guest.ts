/** `performance` (https://developers.cloudflare.com/workers/runtime-apis/performance/): whole milliseconds since the epoch. */
import {
  callback,
  DOMString,
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  requireArguments,
  unrestrictedDouble,
  unsignedLong,
} from "../../guest/webidl.ts";
import { EventTarget } from "../events/guest.ts";
import {
  createMeasure,
  createNodeTiming,
  type PerformanceEntry,
  PerformanceMark,
  type PerformanceMarkOptions,
  type PerformanceMeasure,
  type PerformanceNodeTiming,
} from "./guest/entries.ts";
import { type EventCounts, eventCounts } from "./guest/event-counts.ts";
import { announce, connectTimeline, entriesByName, entriesOfType } from "./guest/observer.ts";

export {
  PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
  PerformanceResourceTiming,
} from "./guest/entries.ts";
export { PerformanceObserver, PerformanceObserverEntryList } from "./guest/observer.ts";

interface PerformanceMeasureOptions {
  detail?: unknown;
  start?: number | string;
  duration?: number;
  end?: number | string;
}

let constructing = false;
let entries: PerformanceEntry[] = [];
connectTimeline(() => entries);

function record<T extends PerformanceEntry>(entry: T): T {
  entries.push(entry);
  announce(entry);
  return entry;
}

/** A time, or the time of the last mark with a name. As on workerd, a mark that is not there is at 0. */
function timeOf(mark: number | string): number {
  if (typeof mark === "number") return mark;
  const name = DOMString(mark);
  return entries.findLast(entry => entry.entryType === "mark" && entry.name === name)?.startTime ?? 0;
}

function forget(type: string, name: string | undefined): void {
  entries = entries.filter(entry => entry.entryType !== type || (name !== undefined && entry.name !== name));
}

/** https://w3c.github.io/hr-time/#the-performance-interface, with the origin of workerd's clock: the epoch. */
export class Performance extends EventTarget {
  readonly #brand = true;

  constructor() {
    if (!constructing) throw illegalConstructor();
    super();
  }

  get timeOrigin(): number {
    if (!(#brand in this)) throw illegalInvocation();
    return 0;
  }

  now(): number {
    if (!(#brand in this)) throw illegalInvocation();
    return Date.now();
  }

  mark(name: string, options: PerformanceMarkOptions | undefined = undefined): PerformanceMark {
    if (!(#brand in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'mark' on 'Performance'");
    return record(new PerformanceMark(name, options));
  }

  measure(
    name: string,
    startOrOptions: string | PerformanceMeasureOptions | undefined = undefined,
    endMark: string | undefined = undefined,
  ): PerformanceMeasure {
    if (!(#brand in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'measure' on 'Performance'");
    const label = DOMString(name);
    if (typeof startOrOptions !== "object" || startOrOptions === null) {
      const start =
        startOrOptions === undefined || startOrOptions === null ? 0 : timeOf(String(startOrOptions));
      return record(
        createMeasure(label, start, endMark === undefined ? Date.now() : timeOf(String(endMark)), null),
      );
    }
    const { start, end, duration, detail } = startOrOptions;
    const length = duration === undefined ? undefined : unrestrictedDouble(duration);
    const endTime =
      end !== undefined
        ? timeOf(end)
        : start !== undefined && length !== undefined
          ? timeOf(start) + length
          : Date.now();
    const startTime = start !== undefined ? timeOf(start) : length !== undefined ? endTime - length : 0;
    return record(createMeasure(label, startTime, endTime, detail));
  }

  clearMarks(name: string | undefined = undefined): void {
    if (!(#brand in this)) throw illegalInvocation();
    forget("mark", name);
  }

  clearMeasures(name: string | undefined = undefined): void {
    if (!(#brand in this)) throw illegalInvocation();
    forget("measure", name);
  }

  /** The entries in the order in which they were made, as on workerd. */
  getEntries(): PerformanceEntry[] {
    if (!(#brand in this)) throw illegalInvocation();
    return [...entries];
  }

  getEntriesByName(name: string, type: string | undefined = undefined): PerformanceEntry[] {
    if (!(#brand in this)) throw illegalInvocation();
    return entriesByName(entries, DOMString(name), type);
  }

  getEntriesByType(type: string): PerformanceEntry[] {
    if (!(#brand in this)) throw illegalInvocation();
    return entriesOfType(entries, DOMString(type));
  }

  /** No resources are timed, as on workerd: there is nothing to clear, to limit or to mark. */
  clearResourceTimings(): void {
    if (!(#brand in this)) throw illegalInvocation();
  }

  setResourceTimingBufferSize(size: number): void {
    if (!(#brand in this)) throw illegalInvocation();
    const where = "Failed to execute 'setResourceTimingBufferSize' on 'Performance'";
    requireArguments(arguments.length, 1, where);
    unsignedLong(size, `${where}: parameter 1`);
  }

  markResourceTiming(): void {
    if (!(#brand in this)) throw illegalInvocation();
  }

  /** The counts of user input, of which workers have none. */
  get eventCounts(): EventCounts {
    if (!(#brand in this)) throw illegalInvocation();
    return eventCounts;
  }

  get nodeTiming(): PerformanceNodeTiming {
    if (!(#brand in this)) throw illegalInvocation();
    return createNodeTiming();
  }

  /** Workers see nothing of the event loop under them: as on workerd, all is 0. */
  eventLoopUtilization(): { idle: number; active: number; utilization: number } {
    if (!(#brand in this)) throw illegalInvocation();
    return { idle: 0, active: 0, utilization: 0 };
  }

  /** The function itself: there is no clock within a function's run that could time it. */
  timerify<F extends (...args: never[]) => unknown>(fn: F): F {
    if (!(#brand in this)) throw illegalInvocation();
    return callback(fn, "Failed to execute 'timerify' on 'Performance': parameter 1") as F;
  }

  toJSON(): object {
    if (!(#brand in this)) throw illegalInvocation();
    return { timeOrigin: this.timeOrigin };
  }
}

function createPerformance(): Performance {
  constructing = true;
  try {
    return new Performance();
  } finally {
    constructing = false;
  }
}

exposeInterface(Performance);

export const performance = createPerformance();
