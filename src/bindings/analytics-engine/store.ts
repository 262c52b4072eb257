/** A data point as it is kept. */
export interface DataPoint {
  readonly dataset: string;
  /** Milliseconds since the epoch; kept in seconds. */
  readonly time: number;
  readonly index: string | Uint8Array;
  /** At most 20. Those that are left out are "". */
  readonly blobs: readonly (string | Uint8Array)[];
  /** At most 20. Those that are left out are 0; NaN is kept as null. */
  readonly doubles: readonly number[];
}

export interface Dataset {
  readonly name: string;
  readonly points: number;
  /** `YYYY-MM-DD hh:mm:ss`, in UTC. */
  readonly first: string;
  readonly last: string;
}

/** What stands behind Analytics Engine bindings. Another implementation passes the suite `describeAnalyticsStore`. */
export interface AnalyticsStore {
  /** Writes points in their order. Resolves when a crash of the process can no longer lose them. */
  write(points: readonly DataPoint[]): Promise<void>;
  /** The datasets that have points, by name. */
  datasets(): Promise<Dataset[]>;
  /** The points of a dataset in the order in which they were written; columns are named as in SQL. */
  points(dataset: string): Promise<Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}
