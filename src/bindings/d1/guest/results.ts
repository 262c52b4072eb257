/** What a worker gets of a statement (https://developers.cloudflare.com/d1/worker-api/return-object/). */
import { JSONParse } from "../../../guest/primordials.ts";
import type { D1CrossingResult } from "../contract.ts";

const SERVED_BY = "worker.db";

export type Row = unknown[];
type RowObject = Record<string, unknown>;

interface Meta {
  served_by: string;
  served_by_primary: boolean;
  total_attempts: number;
  timings: { sql_duration_ms: number };
  duration: number;
  changes: number;
  last_row_id: number;
  changed_db: boolean;
  size_after: number;
  rows_read: number;
  rows_written: number;
}

export interface Result {
  success: true;
  meta: Meta;
  results: RowObject[];
}

/** The rows as objects, with the account of what the statement did. */
export function resultOf(crossed: D1CrossingResult): Result {
  const [columns, rows, changes, lastRowId, changed, size, rowsRead, rowsWritten, milliseconds] = crossed;
  const results = JSONParse(rows) as unknown[];
  for (let index = 0; index < results.length; index++) {
    results[index] = objectOf(columns, results[index] as Row);
  }
  return {
    success: true,
    meta: {
      served_by: SERVED_BY,
      served_by_primary: true,
      total_attempts: 1,
      timings: { sql_duration_ms: milliseconds },
      duration: milliseconds,
      changes,
      last_row_id: lastRowId,
      changed_db: changed,
      size_after: size,
      rows_read: rowsRead,
      rows_written: rowsWritten,
    },
    results: results as RowObject[],
  };
}

/** A row by its columns; of two with one name the later one counts. */
export function objectOf(columns: readonly string[], row: Row): RowObject {
  const object: RowObject = {};
  for (let index = 0; index < columns.length; index++) {
    const name = columns[index] as string;
    if (name === "__proto__") {
      const descriptor = { value: row[index], writable: true, enumerable: true, configurable: true };
      Object.defineProperty(object, name, descriptor);
    } else {
      object[name] = row[index];
    }
  }
  return object;
}
