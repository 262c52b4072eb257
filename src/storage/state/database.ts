/** Whole databases: copied from and into files that other processes use meanwhile. */
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type BetterSqlite3 from "better-sqlite3";
import { UserError } from "../../errors.ts";
import { quoteName } from "../sql/quote.ts";
import { explain } from "../sqlite.ts";

export type Connection = BetterSqlite3.Database;

/** How long another process's transaction is waited for. Those of worker take milliseconds. */
const BUSY_TIMEOUT_MS = 5000;
const BUSY_RETRY_MS = 20;
/** More pages than a database has: all of them are copied in one step. */
const ALL_PAGES = 0x7fffffff;

/** Lets `use` use a database that is there, with its errors explained. */
export async function withDatabase<T>(
  file: string,
  options: { readonly readonly?: boolean },
  use: (connection: Connection) => T | Promise<T>,
): Promise<T> {
  const { default: Sqlite } = await import("better-sqlite3");
  let connection: Connection | undefined;
  try {
    connection = new Sqlite(file, { ...options, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    return await use(connection);
  } catch (error) {
    throw explain(file, error);
  } finally {
    connection?.close();
  }
}

/** Copies a database into a new file, which is complete by itself: it has no log beside it. */
export async function copyOut(source: Connection, file: string): Promise<void> {
  await copyPages(source, file);
  await withDatabase(file, {}, copy => void copy.pragma("journal_mode = DELETE"));
}

/**
 * Copies a database over that in `file`, in one transaction of it: other connections see the old content or the new, as
 * after any commit. One that was damaged is replaced, which connections that are open do not see: then it says true.
 */
export async function copyInto(source: Connection, file: string): Promise<boolean> {
  let damaged = false;
  const pageBytes = pageBytesOf(source);
  try {
    await prepareTarget(file, pageBytes);
  } catch (error) {
    if (!(error instanceof UserError && error.code === "STATE_DAMAGED")) throw error;
    damaged = true;
    await removeDatabase(file);
    await prepareTarget(file, pageBytes);
  }
  try {
    await copyPages(source, file);
    // Only gives back space: a reader may be in the way.
    await withDatabase(file, {}, target => void target.pragma("wal_checkpoint(TRUNCATE)"));
  } catch (error) {
    throw explain(file, error);
  }
  return damaged;
}

/** Removes a database's files. */
export async function removeDatabase(file: string): Promise<void> {
  for (const path of [`${file}-wal`, `${file}-shm`, file]) await rm(path, { force: true });
}

/** An empty database in memory, with pages like those of `file`, to be copied there. */
export async function withEmptyDatabase<T>(
  file: string,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { default: Sqlite } = await import("better-sqlite3");
  const pageBytes = await withDatabase(file, {}, pageBytesOf);
  const connection = new Sqlite(":memory:");
  try {
    connection.pragma(`page_size = ${pageBytes}`);
    // A database without any page could not be copied.
    connection.exec("CREATE TABLE t (x); DROP TABLE t");
    return await use(connection);
  } finally {
    connection.close();
  }
}

/** The blobs that a database of ours refers to: by convention, every column of that name. */
export function referencedBlobs(connection: Connection): Set<string> {
  const tables = connection
    .prepare<[], string>(
      `SELECT t.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND c.name = 'blob'`,
    )
    .pluck()
    .all();
  const ids = new Set<string>();
  for (const table of tables) {
    const select = `SELECT blob FROM ${quoteName(table)} WHERE blob IS NOT NULL`;
    for (const id of connection.prepare<[], string>(select).pluck().iterate()) ids.add(id);
  }
  return ids;
}

/** Makes sure that there is a database in WAL mode with pages of that size, and that it can be read. */
async function prepareTarget(file: string, pageBytes: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const { default: Sqlite } = await import("better-sqlite3");
  let connection: Connection | undefined;
  try {
    connection = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS });
    connection.pragma(`page_size = ${pageBytes}`);
    connection.pragma("schema_version");
    if (pageBytesOf(connection) !== pageBytes) changePages(file, connection);
    for (const deadline = Date.now() + BUSY_TIMEOUT_MS; ; ) {
      // Switching to WAL does not wait by itself.
      try {
        connection.pragma("journal_mode = WAL");
        return;
      } catch (error) {
        if (!isBusy(error) || Date.now() > deadline) throw error;
      }
      await delay(BUSY_RETRY_MS);
    }
  } catch (error) {
    throw explain(file, error);
  } finally {
    connection?.close();
  }
}

/** A database in WAL mode keeps the size of its pages: one that an older version made has to leave that mode, alone. */
function changePages(file: string, connection: Connection): void {
  try {
    connection.pragma("journal_mode = DELETE");
    connection.exec("VACUUM");
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw new UserError(
      "STATE_UNAVAILABLE",
      `The database ${file} has pages of another size than the saved one, and another process uses it.`,
      "Stop the servers that use this state folder, and try again.",
      { cause: error },
    );
  }
}

function pageBytesOf(connection: Connection): number {
  return connection.pragma("page_size", { simple: true }) as number;
}

async function copyPages(source: Connection, file: string): Promise<void> {
  for (const deadline = Date.now() + BUSY_TIMEOUT_MS; ; ) {
    const { totalPages } = await source.backup(file, { progress: () => ALL_PAGES });
    // None were even counted: another process had the database locked.
    if (totalPages > 0) return;
    if (Date.now() > deadline) throw Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" });
    await delay(BUSY_RETRY_MS);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
}
