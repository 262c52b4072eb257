/** The Analytics Engine on the host: points are gathered for a moment and written together, so that no event waits. */
import type { HostOps } from "../../engine/ops.ts";
import type { Clock } from "../../storage/clock.ts";
import { storePaths } from "../../storage/paths.ts";
import type { AnalyticsNotices, WireText } from "./contract.ts";
import { SqliteAnalyticsStore } from "./sqlite-store.ts";
import type { AnalyticsStore, DataPoint } from "./store.ts";

const GATHER_MS = 50;
/** Gathered points that are written without waiting for more. */
const MOST_GATHERED = 2000;

/** The type of the resource that all datasets share. */
export const ANALYTICS = "analytics";

export interface AnalyticsEnvironment extends Clock {
  readonly stateDir: string;
}

export class AnalyticsHost {
  readonly #store: AnalyticsStore;
  #gathered: DataPoint[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(store: AnalyticsStore) {
    this.#store = store;
  }

  /** Writes a point soon. `complain` is told if that fails. */
  write(point: DataPoint, complain: (error: Error) => void): void {
    this.#gathered.push(point);
    if (this.#gathered.length >= MOST_GATHERED) void this.#flush(complain);
    else this.#timer ??= setTimeout(() => void this.#flush(complain), GATHER_MS);
  }

  /** Resolves when everything that was gathered is written. */
  async close(): Promise<void> {
    await this.#flush(() => {});
    await this.#store.close();
  }

  #flush(complain: (error: Error) => void): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const points = this.#gathered;
    this.#gathered = [];
    if (points.length > 0) {
      this.#writing = this.#writing.then(() => this.#store.write(points)).catch(complain);
    }
    return this.#writing;
  }
}

/** Where the datasets of a state folder are. */
export function analyticsFile(stateDir: string): string {
  return storePaths(stateDir, "analytics", "datasets").database;
}

/** The datasets of a state folder. Nothing is opened before the first point. */
export function createAnalytics(_descriptor: unknown, environment: AnalyticsEnvironment): AnalyticsHost {
  return new AnalyticsHost(new SqliteAnalyticsStore(analyticsFile(environment.stateDir)));
}

const received = (text: WireText) =>
  text === null ? "" : typeof text === "string" ? text : Buffer.from(text[0], "latin1");

/** The notices of the Analytics Engine. */
export const analyticsNotices: HostOps<AnalyticsNotices> = {
  "analytics.write": (context, dataset, index, blobs, doubles) => {
    const point = {
      dataset,
      time: context.now(),
      index: received(index),
      blobs: blobs.map(received),
      doubles: doubles.map(Number),
    };
    context
      .resource<AnalyticsHost>(ANALYTICS, "")
      .write(point, error => context.writeConsole("error", `Data points were lost: ${error.message}`));
  },
};
