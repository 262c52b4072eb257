/** The stores whose data must outlive a kill. One line per store. */
import { existsSync } from "node:fs";
import Sqlite from "better-sqlite3";
import { SqliteCacheStore } from "../../../src/bindings/cache/sqlite-store.ts";
import { d1Limits } from "../../../src/bindings/d1/limits.ts";
import { SqliteD1Store } from "../../../src/bindings/d1/sqlite-store.ts";
import { SqliteKVStore } from "../../../src/bindings/kv/sqlite-store.ts";
import { SqliteR2Store } from "../../../src/bindings/r2/sqlite-store.ts";
import { type StorePaths, storePaths } from "../../../src/storage/paths.ts";

/** A store as the test uses it. A value is null where there is none. */
export interface Subject {
  put(key: string, value: Uint8Array | AsyncIterable<Uint8Array>): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  get(key: string): Promise<Value | null>;
  close(): Promise<void>;
}

type Value = Uint8Array | AsyncIterable<Uint8Array>;

export interface SubjectKind {
  readonly paths: (stateDir: string) => StorePaths;
  open(paths: StorePaths): Subject;
  /** To look at what is there; the same as `open` unless given. */
  inspect?(paths: StorePaths): Pick<Subject, "get" | "close">;
}

const clock = { now: () => Date.now() };
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

export const subjects: Readonly<Record<string, SubjectKind>> = {
  kv: { paths: stateDir => storePaths(stateDir, "kv", "crash"), open: openKV },
  d1: { paths: stateDir => storePaths(stateDir, "d1", "crash"), open: openD1, inspect: inspectD1 },
  r2: { paths: stateDir => storePaths(stateDir, "r2", "crash"), open: openR2 },
  cache: { paths: stateDir => storePaths(stateDir, "cache", "caches"), open: openCache },
};

function openKV(paths: StorePaths): Subject {
  const store = new SqliteKVStore(paths, clock);
  return {
    put: (key, value) => store.put(key, value, { expiration: null, metadata: null }),
    delete: key => store.delete(key),
    get: async key => (await store.get(key))?.value ?? null,
    close: () => store.close(),
  };
}

function openR2(paths: StorePaths): Subject {
  const store = new SqliteR2Store(paths, clock);
  const plain = { httpMetadata: {}, customMetadata: [], storageClass: "Standard", ssecKeyMd5: null } as const;
  return {
    put: (key, value) => store.put(key, value, { ...plain, checksums: {}, onlyIf: () => true }),
    delete: key => store.delete([key]),
    get: async key => (await store.get(key, ({ size }) => ({ offset: 0, length: size })))?.body ?? null,
    close: () => store.close(),
  };
}

function openD1(paths: StorePaths): Subject {
  const store = new SqliteD1Store(paths.database, d1Limits);
  const perform = (sql: string, ...parameters: unknown[]) =>
    store.query([
      { sql: "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB)", parameters: "[]" },
      { sql, parameters: JSON.stringify(parameters) },
    ]);
  return {
    put: async (key, value) =>
      perform("INSERT OR REPLACE INTO entries VALUES (?, ?)", key, [...(await wholeOf(value))]),
    delete: key => perform("DELETE FROM entries WHERE key = ?", key),
    get: async key => {
      const { results } = await perform("SELECT value FROM entries WHERE key = ?", key);
      const [row] = JSON.parse(results[1]?.rows ?? "[]") as [number[]][];
      return row === undefined ? null : Uint8Array.from(row[0]);
    },
    close: () => store.close(),
  };
}

/** A plain database: it needs no process of its own to be read. */
function inspectD1({ database }: StorePaths): Pick<Subject, "get" | "close"> {
  const connection = existsSync(database) ? new Sqlite(database) : undefined;
  const exists = connection?.prepare("SELECT 1 FROM sqlite_schema").get() !== undefined;
  const select = exists ? connection?.prepare("SELECT value FROM entries WHERE key = ?").pluck() : undefined;
  return {
    get: async key => (select?.get(key) as Buffer | undefined) ?? null,
    close: async () => void connection?.close(),
  };
}

async function wholeOf(value: Value): Promise<Uint8Array> {
  if (value instanceof Uint8Array) return value;
  const chunks: Uint8Array[] = [];
  for await (const chunk of value) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function openCache(paths: StorePaths): Subject {
  const store = new SqliteCacheStore(paths, clock);
  const head = { status: 200, headers: [], madeAt: 0, expiresAt: Date.now() + YEAR_MS };
  return {
    put: (key, value) => store.put("default", key, value, head),
    delete: key => store.delete("default", key),
    get: async key =>
      (await store.match("default", key, ({ size }) => ({ start: 0, end: size })))?.body ?? null,
    close: () => store.close(),
  };
}
