/** The stores whose data must outlive a kill. One line per store. */
import { SqliteCacheStore } from "../../../src/bindings/cache/sqlite-store.ts";
import { SqliteKVStore } from "../../../src/bindings/kv/sqlite-store.ts";
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
}

const clock = { now: () => Date.now() };
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

export const subjects: Readonly<Record<string, SubjectKind>> = {
  kv: { paths: stateDir => storePaths(stateDir, "kv", "crash"), open: openKV },
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
