/** Lists of a bucket: a search of the primary key for each page, and for each prefix that is skipped. */
import { AFTER_ALL_KEYS, successor } from "../../../storage/key-order.ts";
import type { Database } from "../../../storage/sqlite.ts";
import { listPage } from "../listing.ts";
import type { R2Head, R2ListOptions, R2Page } from "../store.ts";
import { HEAD_COLUMNS, type HeadRow, headOf } from "./schema.ts";

export const LIST = `SELECT ${HEAD_COLUMNS} FROM objects WHERE key >= ? AND key < ? ORDER BY key LIMIT ?`;

/** Reads pages from the database. */
export function prepareListing(database: Database): (options: R2ListOptions) => R2Page {
  const list = database.prepare<[string, string | Buffer, number], HeadRow>(LIST);
  return options => {
    const high = successor(options.prefix) ?? AFTER_ALL_KEYS;
    const rowsFrom = function* (low: string, count: number): Generator<R2Head> {
      for (const row of list.iterate(low, high, count)) yield headOf(row);
    };
    return database.run(() => listPage(options, rowsFrom));
  };
}
