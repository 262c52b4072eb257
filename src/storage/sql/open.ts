/** How a database of a worker's is opened. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type SqlLimits, type SqlSettings, TOO_OLD } from "./protocol.ts";
import { sleep } from "./sleep.ts";

const OPEN_ATTEMPTS = 100;
const OPEN_RETRY_MS = 20;
const SQLITE_BUSY = 5;

/** Opens a database, and makes it when there is none. See `storage/sqlite.ts` for what WAL promises. */
export function openDatabase({ file, limits, busyMilliseconds }: SqlSettings): DatabaseSync {
  if (typeof DatabaseSync.prototype.setAuthorizer !== "function") {
    throw Object.assign(new Error(`this is ${process.version}`), { code: TOO_OLD });
  }
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(file, {
        timeout: busyMilliseconds,
        enableForeignKeyConstraints: true,
        enableDoubleQuotedStringLiterals: true,
      });
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
      database.enableDefensive(true);
      setLimits(database, limits);
      return database;
    } catch (error) {
      database?.close();
      // Switching a new file to WAL does not wait by itself.
      if (((error as { errcode?: number }).errcode ?? 0) % 256 !== SQLITE_BUSY || attempt === OPEN_ATTEMPTS)
        throw error;
      sleep(OPEN_RETRY_MS);
    }
  }
}

function setLimits({ limits }: DatabaseSync, wanted: SqlLimits): void {
  // An older Node.js has none to set; SQLite's own remain.
  if (limits === undefined) return;
  const set = (name: keyof typeof limits, value: number | null) => {
    if (value !== null) limits[name] = value;
  };
  set("length", wanted.valueBytes);
  set("column", wanted.columns);
  set("variableNumber", wanted.parameters);
  set("functionArg", wanted.functionArguments);
  set("likePatternLength", wanted.likePatternBytes);
  set("compoundSelect", wanted.compoundTerms);
  set("exprDepth", wanted.expressionDepth);
  set("triggerDepth", wanted.triggerDepth);
  set("attach", 0);
}

/** The statements that a connection itself uses. */
export function ownStatements(database: DatabaseSync) {
  const prepare = (sql: string) => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  return {
    begin: prepare("BEGIN"),
    beginImmediate: prepare("BEGIN IMMEDIATE"),
    commit: prepare("COMMIT"),
    rollback: prepare("ROLLBACK"),
    changes: prepare("SELECT total_changes(), last_insert_rowid(), changes()"),
    reserved: prepare("SELECT 1 FROM sqlite_schema WHERE lower(substr(name, 1, 4)) = '_cf_' LIMIT 1"),
    pageCount: prepare("PRAGMA page_count"),
    pageSize: (database.prepare("PRAGMA page_size").get() as { page_size: number }).page_size,
  };
}
