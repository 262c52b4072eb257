/** The columns of a dataset (https://developers.cloudflare.com/analytics/analytics-engine/sql-api/#table-structure). */
import { analyticsLimits } from "./limits.ts";
import type { DataPoint } from "./store.ts";

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${name}${index + 1}`);
const blobs = numbered("blob", analyticsLimits.blobs);
const doubles = numbered("double", analyticsLimits.doubles);

export const COLUMNS: readonly string[] = [
  "dataset",
  "timestamp",
  "_sample_interval",
  "index1",
  ...blobs,
  ...doubles,
];

type Value = string | number | Uint8Array | null;

/** The values of a point, in the order of the columns. Nothing is sampled here: each stands for itself. */
export function rowOf({ dataset, time, index, blobs, doubles }: DataPoint): Value[] {
  const row: Value[] = [dataset, timestampOf(time), 1, index];
  for (let at = 0; at < analyticsLimits.blobs; at++) row.push(blobs[at] ?? "");
  for (let at = 0; at < analyticsLimits.doubles; at++) {
    const double = doubles[at] ?? 0;
    row.push(Number.isNaN(double) ? null : double);
  }
  return row;
}

/** A time as the SQL API has it: `YYYY-MM-DD hh:mm:ss`, in UTC. */
export function timestampOf(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace("T", " ");
}
