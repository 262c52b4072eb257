/** The tables of the cache store, and the statements on them. */
import type { StagedBlob } from "../../storage/blobs.ts";
import { GroupCommit } from "../../storage/group-commit.ts";
import type { Database } from "../../storage/sqlite.ts";
import { type CachedHead, weightOf } from "./store.ts";

/** Rows that one transaction removes at most, so that it takes milliseconds. */
const REMOVED_AT_ONCE = 500;

/** The database keeps count of what it holds, so that processes that share it agree on it. */
export const MIGRATIONS = [
  `CREATE TABLE responses (
    id INTEGER PRIMARY KEY,
    cache TEXT NOT NULL,
    key TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    weight INTEGER NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    size INTEGER NOT NULL,
    blob TEXT,
    body BLOB,
    UNIQUE (cache, key),
    CHECK ((blob IS NULL) <> (body IS NULL))
  ) STRICT;
  CREATE INDEX expiring ON responses (expires_at);
  CREATE INDEX used ON responses (used_at);
  CREATE INDEX blobs ON responses (blob) WHERE blob IS NOT NULL;
  CREATE TABLE total (weight INTEGER NOT NULL) STRICT;
  INSERT INTO total VALUES (0);
  CREATE TRIGGER added AFTER INSERT ON responses
    BEGIN UPDATE total SET weight = weight + NEW.weight; END;
  CREATE TRIGGER replaced AFTER UPDATE OF weight ON responses
    BEGIN UPDATE total SET weight = weight + NEW.weight - OLD.weight; END;
  CREATE TRIGGER removed AFTER DELETE ON responses
    BEGIN UPDATE total SET weight = weight - OLD.weight; END;`,
];

export interface Row extends Omit<CachedHead, "headers"> {
  readonly id: number;
  readonly usedAt: number;
  /** JSON. */
  readonly headers: string;
  readonly blob: string | null;
  readonly body: Buffer | null;
}

export interface Removed {
  readonly blob: string | null;
  readonly expiresAt: number;
}

/** Files that nothing refers to any more, and whether there is more to remove. */
export interface Removal {
  readonly blobs: (string | null)[];
  readonly more: boolean;
}

/** Reads see the writes that were asked for before them. */
export class CacheDatabase {
  readonly #database: Database;
  readonly #writes: GroupCommit;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#database = database;
    this.#writes = new GroupCommit(database);
    this.#statements = prepare(database);
  }

  get(cache: string, key: string, now: number): Row | undefined {
    this.flush();
    return this.#database.run(() => this.#statements.get.get(cache, key, now));
  }

  /** Makes room as well, if there is too much in all. */
  put(
    cache: string,
    key: string,
    body: Uint8Array | StagedBlob,
    { status, headers, madeAt, expiresAt }: Omit<CachedHead, "size">,
    now: number,
    totalBytes: number,
  ): Promise<Removal> {
    return this.#writes.write(() => {
      const { blobOf, put } = this.#statements;
      const blobs = [blobOf.get(cache, key) ?? null];
      const inline = body instanceof Uint8Array;
      if (!inline) body.commit();
      const size = inline ? body.byteLength : body.size;
      const weight = weightOf(key, headers, size);
      const text = JSON.stringify(headers);
      if (inline) put.run(cache, key, expiresAt, now, madeAt, weight, status, text, size, null, body);
      else put.run(cache, key, expiresAt, now, madeAt, weight, status, text, size, body.id, null);
      const removal = this.#shrink(now, totalBytes);
      return { blobs: [...blobs, ...removal.blobs], more: removal.more };
    });
  }

  delete(cache: string, key: string): Promise<Removed | undefined> {
    return this.#writes.write(() => this.#statements.delete.get(cache, key));
  }

  clear(cache: string): Promise<Removed[]> {
    return this.#writes.write(() => this.#statements.clear.all(cache));
  }

  use(id: number, now: number): Promise<void> {
    return this.#writes.write(() => {
      this.#statements.use.run(now, id);
    });
  }

  purge(now: number): Promise<Removal> {
    return this.#writes.write(() => {
      const blobs = this.#statements.purge.all(now, REMOVED_AT_ONCE);
      return { blobs, more: blobs.length === REMOVED_AT_ONCE };
    });
  }

  shrink(now: number, totalBytes: number): Promise<Removal> {
    return this.#writes.write(() => this.#shrink(now, totalBytes));
  }

  /** Removes what has expired, and then what was used least recently, until no more than `totalBytes` are left. */
  #shrink(now: number, totalBytes: number): Removal {
    const { total, purge, evict } = this.#statements;
    const blobs: (string | null)[] = [];
    const tooMuch = () => (total.get() as number) > totalBytes;
    if (!tooMuch()) return { blobs, more: false };
    blobs.push(...purge.all(now, REMOVED_AT_ONCE));
    for (let count = 1; tooMuch(); count *= 2) {
      if (blobs.length + count > REMOVED_AT_ONCE) return { blobs, more: true };
      blobs.push(...evict.all(count));
    }
    return { blobs, more: false };
  }

  unreferenced(ids: readonly string[]): readonly string[] {
    return this.#database.run(() => ids.filter(id => this.#statements.refers.get(id) === undefined));
  }

  exclusively(work: () => void): void {
    this.#database.transaction(work);
  }

  flush(): void {
    this.#writes.flush();
  }

  close(): void {
    this.#database.close();
  }
}

type PutParameters = [
  cache: string,
  key: string,
  expiresAt: number,
  usedAt: number,
  madeAt: number,
  weight: number,
  status: number,
  headers: string,
  size: number,
  blob: string | null,
  body: Uint8Array | null,
];

function prepare(database: Database) {
  return {
    get: database.prepare<[string, string, number], Row>(
      `SELECT id, expires_at AS expiresAt, used_at AS usedAt, made_at AS madeAt, status, headers, size, blob, body
      FROM responses WHERE cache = ? AND key = ? AND expires_at > ?`,
    ),
    blobOf: database
      .prepare<[string, string], string | null>("SELECT blob FROM responses WHERE cache = ? AND key = ?")
      .pluck(),
    put: database.prepare<PutParameters, never>(
      `INSERT INTO responses (cache, key, expires_at, used_at, made_at, weight, status, headers, size, blob, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (cache, key) DO UPDATE SET expires_at = excluded.expires_at, used_at = excluded.used_at,
        made_at = excluded.made_at, weight = excluded.weight, status = excluded.status, headers = excluded.headers,
        size = excluded.size, blob = excluded.blob, body = excluded.body`,
    ),
    delete: database.prepare<[string, string], Removed>(
      "DELETE FROM responses WHERE cache = ? AND key = ? RETURNING blob, expires_at AS expiresAt",
    ),
    clear: database.prepare<[string], Removed>(
      "DELETE FROM responses WHERE cache = ? RETURNING blob, expires_at AS expiresAt",
    ),
    use: database.prepare<[number, number], never>("UPDATE responses SET used_at = ? WHERE id = ?"),
    purge: database
      .prepare<[number, number], string | null>(
        `DELETE FROM responses WHERE id IN (SELECT id FROM responses WHERE expires_at <= ? LIMIT ?) RETURNING blob`,
      )
      .pluck(),
    evict: database
      .prepare<[number], string | null>(
        "DELETE FROM responses WHERE id IN (SELECT id FROM responses ORDER BY used_at LIMIT ?) RETURNING blob",
      )
      .pluck(),
    total: database.prepare<[], number>("SELECT weight FROM total").pluck(),
    refers: database.prepare<[string], number>("SELECT 1 FROM responses WHERE blob = ?").pluck(),
  };
}
