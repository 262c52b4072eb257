/** The KV store of the state folder: one SQLite database a namespace, and a folder of files for large values. */
import { UserError } from "../../errors.ts";
import { BlobDatabase, BlobStatements } from "../../storage/blob-database.ts";
import { BlobFolder, type StagedBlob } from "../../storage/blobs.ts";
import type { Clock } from "../../storage/clock.ts";
import { decodeCursor, encodeCursor } from "../../storage/cursor.ts";
import { AFTER_ALL_KEYS, compareUtf8, nextAfter, successor } from "../../storage/key-order.ts";
import type { StorePaths } from "../../storage/paths.ts";
import { type Database, openDatabase } from "../../storage/sqlite.ts";
import type { KVEntry, KVKey, KVListOptions, KVPage, KVPutOptions, KVStore } from "./store.ts";

/** Values of 1 KB stay in the pages of their keys. */
const PAGE_BYTES = 8192;
const PURGE_INTERVAL_MS = 60_000;
const PURGE_ROWS = 1000;

/** `value` comes last, so that a list does not read the pages that long values overflow to. */
const MIGRATIONS = [
  `CREATE TABLE entries (
    key TEXT NOT NULL PRIMARY KEY,
    expiration INTEGER,
    metadata TEXT,
    size INTEGER NOT NULL,
    blob TEXT,
    value BLOB,
    CHECK ((blob IS NULL) <> (value IS NULL))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX expiring ON entries (expiration) WHERE expiration IS NOT NULL;
  CREATE INDEX blobs ON entries (blob) WHERE blob IS NOT NULL;`,
];

/** One page of keys: a search of the primary key, wherever the page is. */
export const LIST = `SELECT key AS name, expiration, metadata FROM entries
  WHERE key >= ? AND key < ? AND (expiration IS NULL OR expiration > ?) ORDER BY key LIMIT ?`;

interface Row {
  expiration: number | null;
  metadata: string | null;
  size: number;
  blob: string | null;
  value: Buffer | null;
}

export class SqliteKVStore implements KVStore {
  readonly #clock: Clock;
  readonly #files: BlobDatabase<OpenNamespace>;
  #nextPurge = 0;

  constructor({ database, blobs }: StorePaths, clock: Clock) {
    this.#clock = clock;
    this.#files = new BlobDatabase(
      new BlobFolder(blobs),
      async () => new OpenNamespace(await openDatabase(database, MIGRATIONS, PAGE_BYTES)),
    );
  }

  async get(key: string): Promise<KVEntry | null> {
    const namespace = await this.#files.open();
    for (let missing: string | undefined; ; ) {
      const row = namespace.get(key, this.#clock.now());
      if (row === undefined) return null;
      const { expiration, metadata, size, blob, value } = row;
      if (value !== null) return { value, size, expiration, metadata };
      const opened = await this.#files.blobs.open(blob as string);
      if (opened?.size === size) return { value: opened.stream, size, expiration, metadata };
      opened?.stream.destroy();
      // Replaced between the two steps: look again. If the row still names it, the file is lost.
      if (missing === blob) throw this.#lostBlob(key, blob as string);
      missing = blob as string;
    }
  }

  async put(
    key: string,
    value: Uint8Array | AsyncIterable<Uint8Array>,
    options: KVPutOptions,
  ): Promise<void> {
    const namespace = await this.#files.open();
    this.#purgeWhenDue(namespace);
    this.#files.drop([await this.#files.keep(value, kept => namespace.put(key, kept, options))]);
  }

  async delete(key: string): Promise<void> {
    const namespace = await this.#files.open();
    this.#files.drop([await namespace.delete(key)]);
  }

  async list({ prefix, limit, cursor }: KVListOptions): Promise<KVPage> {
    const namespace = await this.#files.open();
    this.#purgeWhenDue(namespace);
    const after = cursor === null ? null : decodeCursor("kv", cursor);
    const keys = namespace.list(prefix, after, limit + 1, this.#clock.now());
    if (keys.length <= limit) return { keys, cursor: null };
    keys.pop();
    return { keys, cursor: encodeCursor("kv", keys.at(-1)?.name ?? "") };
  }

  close(): Promise<void> {
    return this.#files.close();
  }

  /** Removes expired entries, a bounded number at a time: they are invisible already. */
  #purgeWhenDue(namespace: OpenNamespace): void {
    const now = this.#clock.now();
    if (now < this.#nextPurge) return;
    this.#nextPurge = now + PURGE_INTERVAL_MS;
    this.#files.inBackground(
      namespace.purge(now).then(({ blobs, more }) => {
        if (more) this.#nextPurge = 0;
        this.#files.drop(blobs);
      }),
    );
  }

  #lostBlob(key: string, blob: string): UserError {
    return new UserError(
      "STATE_DAMAGED",
      `The value of the key ${JSON.stringify(key)} is lost: ${this.#files.blobs.directory} lacks the file ${blob}, or a part of it.`,
      `Put the value again, delete the key, or restore ${this.#files.blobs.directory} from a copy.`,
    );
  }
}

/** The statements on one open database. */
class OpenNamespace extends BlobStatements {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    super(database, "SELECT 1 FROM entries WHERE blob = @id");
    this.#statements = prepare(database);
  }

  get(key: string, now: number): Row | undefined {
    this.flush();
    return this.database.run(() => this.#statements.get.get(key, now / 1000));
  }

  /** Resolves with the blob of the entry that was replaced. */
  put(key: string, value: Uint8Array | StagedBlob, options: KVPutOptions): Promise<string | null> {
    const { blobOf, put } = this.#statements;
    return this.write(() => {
      const replaced = blobOf.get(key);
      const inline = value instanceof Uint8Array;
      if (!inline) value.commit();
      const { expiration, metadata } = options;
      if (inline) put.run(key, expiration, metadata, value.byteLength, null, value);
      else put.run(key, expiration, metadata, value.size, value.id, null);
      return replaced ?? null;
    });
  }

  /** Resolves with the blob of the entry. */
  delete(key: string): Promise<string | null> {
    return this.write(() => this.#statements.delete.get(key) ?? null);
  }

  list(prefix: string, after: string | null, limit: number, now: number): KVKey[] {
    this.flush();
    const first = after === null ? prefix : nextAfter(after);
    const low = compareUtf8(first, prefix) < 0 ? prefix : first;
    return this.database.run(() =>
      this.#statements.list.all(low, successor(prefix) ?? AFTER_ALL_KEYS, now / 1000, limit),
    );
  }

  purge(now: number): Promise<{ blobs: (string | null)[]; more: boolean }> {
    return this.write(() => {
      const blobs = this.#statements.purge.all(now / 1000, PURGE_ROWS);
      return { blobs, more: blobs.length === PURGE_ROWS };
    });
  }
}

type PutParameters = [
  key: string,
  expiration: number | null,
  metadata: string | null,
  size: number,
  blob: string | null,
  value: Uint8Array | null,
];

function prepare(database: Database) {
  return {
    get: database.prepare<[string, number], Row>(
      `SELECT expiration, metadata, size, blob, value FROM entries
      WHERE key = ? AND (expiration IS NULL OR expiration > ?)`,
    ),
    blobOf: database.prepare<[string], string | null>("SELECT blob FROM entries WHERE key = ?").pluck(),
    put: database.prepare<PutParameters, never>(
      `INSERT INTO entries (key, expiration, metadata, size, blob, value) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET expiration = excluded.expiration, metadata = excluded.metadata,
        size = excluded.size, blob = excluded.blob, value = excluded.value`,
    ),
    delete: database
      .prepare<[string], string | null>("DELETE FROM entries WHERE key = ? RETURNING blob")
      .pluck(),
    list: database.prepare<[string, string | Buffer, number, number], KVKey>(LIST),
    purge: database
      .prepare<[number, number], string | null>(
        `DELETE FROM entries WHERE key IN (SELECT key FROM entries WHERE expiration <= ? LIMIT ?) RETURNING blob`,
      )
      .pluck(),
  };
}
