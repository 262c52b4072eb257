/**
 * The table of the cache store, and the statements on it. Rows are in the order of their last use, as the cache knows
 * it: what is used anew gets a number after all others. That costs no index, of which a small write would feel each.
 */
import { BlobStatements } from "../../storage/blob-database.ts";
import type { StagedBlob } from "../../storage/blobs.ts";
import type { Database } from "../../storage/sqlite.ts";
import type { CachedHead } from "./store.ts";

/** Rows that one transaction looks at or removes at most, so that it takes milliseconds. */
const ROWS_AT_ONCE = 256;
/** What was used more recently than this is not put after all others once more: most reads cost no write. */
const USE_RESOLUTION_MS = 60_000;

/** `body` comes last, so that what looks at a row's expiry does not read the pages that long bodies overflow to. */
export const MIGRATIONS = [
  `CREATE TABLE responses (
    id INTEGER PRIMARY KEY,
    cache TEXT NOT NULL,
    key TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    size INTEGER NOT NULL,
    blob TEXT,
    body BLOB,
    UNIQUE (cache, key),
    CHECK ((blob IS NULL) <> (body IS NULL))
  ) STRICT;
  CREATE INDEX blobs ON responses (blob, size) WHERE blob IS NOT NULL;`,
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

export class CacheDatabase extends BlobStatements {
  readonly #statements: ReturnType<typeof prepare>;
  /** The row that the search for what has expired has come to. */
  #swept = 0;

  constructor(database: Database) {
    super(database, "SELECT 1 FROM responses WHERE blob = @id");
    this.#statements = prepare(database);
  }

  get(cache: string, key: string, now: number): Row | undefined {
    this.flush();
    return this.database.run(() => this.#statements.get.get(cache, key, now));
  }

  /** Resolves with the blob of the response that was replaced. */
  put(
    cache: string,
    key: string,
    body: Uint8Array | StagedBlob,
    { status, headers, madeAt, expiresAt }: Omit<CachedHead, "size">,
    now: number,
  ): Promise<string | null> {
    const text = JSON.stringify(headers);
    return this.write(() => {
      const { find, insert, update } = this.#statements;
      const inline = body instanceof Uint8Array;
      if (!inline) body.commit();
      const size = inline ? body.byteLength : body.size;
      const blob = inline ? null : body.id;
      const bytes = inline ? body : null;
      const found = find.get(cache, key);
      if (found === undefined || now - found.usedAt >= USE_RESOLUTION_MS) {
        insert.run(expiresAt, now, madeAt, status, text, size, blob, bytes, cache, key);
      } else {
        update.run(expiresAt, now, madeAt, status, text, size, blob, bytes, found.id);
      }
      return found?.blob ?? null;
    });
  }

  delete(cache: string, key: string): Promise<Removed | undefined> {
    return this.write(() => this.#statements.delete.get(cache, key));
  }

  clear(cache: string): Promise<Removed[]> {
    return this.write(() => this.#statements.clear.all(cache));
  }

  /** Puts a response after all others in the order of use, unless that was done a short time ago. */
  use({ id, usedAt }: Row, now: number): Promise<void> | undefined {
    if (now - usedAt < USE_RESOLUTION_MS) return undefined;
    return this.write(() => {
      this.#statements.use.run(now, id);
    });
  }

  /** Removes what has expired, going on where it stopped, and then what was used least recently as long as there is too much. */
  tidy(now: number, totalBytes: number): Promise<Removal> {
    return this.write(() => {
      const blobs = this.#sweep(now);
      const { evict } = this.#statements;
      for (let count = 1; this.#heldBytes() > totalBytes; count *= 2) {
        if (blobs.length + count > ROWS_AT_ONCE) return { blobs, more: true };
        const evicted = evict.all(count);
        blobs.push(...evicted);
        if (evicted.length < count) break;
      }
      return { blobs, more: false };
    });
  }

  #sweep(now: number): (string | null)[] {
    const { rowsAfter, sweep } = this.#statements;
    const after = this.#swept;
    const { last, count } = rowsAfter.get(after, ROWS_AT_ONCE) as { last: number | null; count: number };
    this.#swept = count === ROWS_AT_ONCE ? (last as number) : 0;
    return last === null ? [] : sweep.all(after, last, now);
  }

  /** The pages in use and the files. The count of pages is the file's, so processes that share it agree on it. */
  #heldBytes(): number {
    const { blobBytes, pageBytes } = this.#statements;
    return (pageBytes.get() as number) + (blobBytes.get() as number);
  }
}

type Content = [
  expiresAt: number,
  usedAt: number,
  madeAt: number,
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
    find: database.prepare<[string, string], { id: number; usedAt: number; blob: string | null }>(
      "SELECT id, used_at AS usedAt, blob FROM responses WHERE cache = ? AND key = ?",
    ),
    insert: database.prepare<[...Content, cache: string, key: string], never>(
      `INSERT OR REPLACE INTO responses (expires_at, used_at, made_at, status, headers, size, blob, body, cache, key)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: database.prepare<[...Content, id: number], never>(
      `UPDATE responses SET expires_at = ?, used_at = ?, made_at = ?, status = ?, headers = ?, size = ?, blob = ?, body = ?
      WHERE id = ?`,
    ),
    delete: database.prepare<[string, string], Removed>(
      "DELETE FROM responses WHERE cache = ? AND key = ? RETURNING blob, expires_at AS expiresAt",
    ),
    clear: database.prepare<[string], Removed>(
      "DELETE FROM responses WHERE cache = ? RETURNING blob, expires_at AS expiresAt",
    ),
    use: database.prepare<[number, number], never>(
      "UPDATE responses SET id = (SELECT max(id) + 1 FROM responses), used_at = ? WHERE id = ?",
    ),
    rowsAfter: database.prepare<[number, number], { last: number | null; count: number }>(
      `SELECT max(id) AS last, count(*) AS count
      FROM (SELECT id FROM responses WHERE id > ? ORDER BY id LIMIT ?)`,
    ),
    sweep: database
      .prepare<[number, number, number], string | null>(
        "DELETE FROM responses WHERE id > ? AND id <= ? AND expires_at <= ? RETURNING blob",
      )
      .pluck(),
    evict: database
      .prepare<[number], string | null>(
        "DELETE FROM responses WHERE id IN (SELECT id FROM responses ORDER BY id LIMIT ?) RETURNING blob",
      )
      .pluck(),
    pageBytes: database
      .prepare<[], number>(
        `SELECT (page_count - freelist_count) * page_size
        FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
      )
      .pluck(),
    blobBytes: database
      .prepare<[], number>("SELECT coalesce(sum(size), 0) FROM responses WHERE blob IS NOT NULL")
      .pluck(),
  };
}
