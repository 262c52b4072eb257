/** SQLite databases of the state folder: opened on first use, safe against a kill, shared between processes. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type BetterSqlite3 from "better-sqlite3";
import { hasErrno, UserError } from "../errors.ts";

type Connection = BetterSqlite3.Database;

/** How long a statement waits for another process's transaction. Ours take milliseconds. */
const BUSY_TIMEOUT_MS = 5000;
/** Switching a new file to WAL does not wait by itself: it is tried again this often. */
const OPEN_ATTEMPTS = 100;
const OPEN_RETRY_MS = 20;
/**
 * How far the log grows before it is written to the database, which waits for the disk. SQLite's own 4 MB halve the
 * rate of small writes; much more makes the waits longer.
 */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;
/** SQLite's own. */
const PAGE_BYTES = 4096;

/** An open database. Errors of SQLite that a user can act on leave it as `UserError`s. */
export class Database {
  readonly file: string;
  readonly #connection: Connection;
  readonly #transact: (work: () => unknown) => unknown;

  constructor(file: string, connection: Connection) {
    this.file = file;
    this.#connection = connection;
    // IMMEDIATE: a transaction that starts by reading could find the database locked when it comes to write.
    const transaction = connection.transaction((work: () => unknown) => work());
    this.#transact = work => transaction.immediate(work);
  }

  prepare<Parameters extends unknown[], Row>(sql: string): BetterSqlite3.Statement<Parameters, Row> {
    return this.run(() => this.#connection.prepare<Parameters, Row>(sql)) as BetterSqlite3.Statement<
      Parameters,
      Row
    >;
  }

  /** Performs statements, with their errors explained. */
  run<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw explain(this.file, error);
    }
  }

  /** Performs statements as one transaction that holds the database's write lock; rolled back when `work` throws. */
  transaction<T>(work: () => T): T {
    return this.run(() => this.#transact(work) as T);
  }

  close(): void {
    if (this.#connection.open) this.#connection.close();
  }
}

/**
 * Opens a database, and makes it when there is none. `migrations` are SQL scripts: the n-th one takes the schema from
 * version n to n + 1 (kept in `user_version`). They are only ever added to. `pageBytes` is the page size of a new
 * database: rows of a WITHOUT ROWID table that have more than a quarter of it cost a page of their own.
 *
 * In WAL mode a commit is one append to the log file. With `synchronous = NORMAL` that append is not fsynced: once it
 * is written it belongs to the operating system, so it survives the death of this process by any signal, and a loss
 * of power can take the last commits but not damage the file.
 */
export async function openDatabase(
  file: string,
  migrations: readonly string[],
  pageBytes: number = PAGE_BYTES,
): Promise<Database> {
  // 8 ms that a worker without storage does not pay.
  const { default: Sqlite } = await import("better-sqlite3");
  for (let attempt = 1; ; attempt++) {
    let connection: Connection | undefined;
    try {
      await mkdir(dirname(file), { recursive: true });
      connection = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS });
      connection.pragma(`page_size = ${pageBytes}`);
      connection.pragma("journal_mode = WAL");
      connection.pragma("synchronous = NORMAL");
      connection.pragma(`wal_autocheckpoint = ${CHECKPOINT_BYTES / pageBytes}`);
      migrate(file, connection, migrations);
      return new Database(file, connection);
    } catch (error) {
      connection?.close();
      if (!hasErrno(error, "SQLITE_BUSY", "SQLITE_BUSY_RECOVERY") || attempt === OPEN_ATTEMPTS) {
        throw explain(file, error);
      }
      await delay(OPEN_RETRY_MS);
    }
  }
}

function migrate(file: string, connection: Connection, migrations: readonly string[]): void {
  const version = () => connection.pragma("user_version", { simple: true }) as number;
  if (version() === migrations.length) return;
  connection
    .transaction(() => {
      // Read again under the lock: another process may have migrated meanwhile.
      const current = version();
      if (current > migrations.length) {
        throw new UserError(
          "STATE_DAMAGED",
          `The database ${file} was written by a newer version of worker (schema ${current}, known: ${migrations.length}).`,
          "Update worker, or use another state folder with --persist-to.",
        );
      }
      for (const script of migrations.slice(current)) connection.exec(script);
      connection.pragma(`user_version = ${migrations.length}`);
    })
    .immediate();
}

/** The error that a user should see for one of SQLite's; any other error as it is. */
export function explain(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  const { code } = error;
  if (/^SQLITE_(?:NOTADB|CORRUPT)/.test(code)) {
    return new UserError(
      "STATE_DAMAGED",
      `The database ${file} is damaged: ${error.message}.`,
      `Restore it from a copy, or delete it together with ${file}-wal and ${file}-shm to start empty.`,
      { cause: error },
    );
  }
  if (/^SQLITE_BUSY/.test(code)) {
    return new UserError(
      "STATE_UNAVAILABLE",
      `The database ${file} is locked by another process.`,
      "Stop the other process, or use another state folder with --persist-to.",
      { cause: error },
    );
  }
  if (/^SQLITE_(?:CANTOPEN|READONLY|PERM|FULL|IOERR)/.test(code) || /^E[A-Z]+$/.test(code)) {
    return new UserError(
      "STATE_UNAVAILABLE",
      `The database ${file} cannot be used: ${error.message}.`,
      "Check the folder's permissions and free space, or use another one with --persist-to.",
      { cause: error },
    );
  }
  return error;
}
