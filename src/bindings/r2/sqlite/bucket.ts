/** The statements on one open bucket. */
import { BlobStatements } from "../../../storage/blob-database.ts";
import type { StagedBlob } from "../../../storage/blobs.ts";
import type { Database } from "../../../storage/sqlite.ts";
import type { R2Head } from "../store.ts";
import { HEAD_COLUMNS, type HeadRow, headOf, type ObjectRow } from "./schema.ts";

/** Where a value is: in its row, in a file, in several. */
export type StoredValue = Uint8Array | StagedBlob | readonly BlobOfPart[];

export interface BlobOfPart {
  readonly blob: string;
  readonly size: number;
}

/** What came of a write: the object, or null when its condition did not hold; and the files that nothing refers to now. */
export interface Written {
  readonly head: R2Head | null;
  readonly dropped: readonly string[];
}

const REFERS = `SELECT 1 FROM objects WHERE blob = @id
  UNION ALL SELECT 1 FROM object_parts WHERE blob = @id UNION ALL SELECT 1 FROM upload_parts WHERE blob = @id`;

export class OpenBucket extends BlobStatements {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    super(database, REFERS);
    this.#statements = prepare(database);
  }

  head(key: string): R2Head | null {
    this.flush();
    const row = this.database.run(() => this.#statements.head.get(key));
    return row === undefined ? null : headOf(row);
  }

  object(key: string): ObjectRow | undefined {
    this.flush();
    return this.database.run(() => this.#statements.object.get(key));
  }

  partsOf(version: string): readonly BlobOfPart[] {
    return this.database.run(() => this.#statements.parts.all(version));
  }

  put(head: R2Head, value: StoredValue, onlyIf: (current: R2Head | null) => boolean): Promise<Written> {
    return this.write(() => {
      const current = this.#statements.current.get(head.key);
      if (!onlyIf(current === undefined ? null : headOf(current))) return { head: null, dropped: [] };
      return { head, dropped: this.#replace(current, head, value) };
    });
  }

  /** Inside a transaction: makes or replaces an object of parts. Returns the files that nothing refers to now. */
  putAssembled(head: R2Head, parts: readonly BlobOfPart[]): readonly string[] {
    return this.#replace(this.#statements.current.get(head.key), head, parts);
  }

  #replace(current: Place | undefined, head: R2Head, value: StoredValue): string[] {
    const dropped = this.#forgetValue(current);
    const inline = value instanceof Uint8Array ? value : null;
    let blob: string | null = null;
    if (inline === null && "commit" in value) {
      value.commit();
      blob = value.id;
    }
    this.#statements.put.run(
      head.key,
      head.version,
      head.size,
      head.etag,
      head.uploaded,
      JSON.stringify(head.checksums),
      JSON.stringify(head.httpMetadata),
      JSON.stringify(head.customMetadata),
      head.storageClass,
      head.ssecKeyMd5,
      blob,
      inline,
    );
    if (Array.isArray(value)) {
      for (const [position, part] of (value as readonly BlobOfPart[]).entries())
        this.#statements.addPart.run(head.version, position, part.size, part.blob);
    }
    return dropped;
  }

  /** Resolves with the files that nothing refers to now. */
  delete(keys: readonly string[]): Promise<readonly string[]> {
    return this.write(() => keys.flatMap(key => this.#forgetValue(this.#statements.delete.get(key))));
  }

  #forgetValue(row: Place | undefined): string[] {
    if (row === undefined || row.inline) return [];
    return row.blob === null ? this.#statements.dropParts.all(row.version) : [row.blob];
  }
}

type PutParameters = [
  key: string,
  version: string,
  size: number,
  etag: string,
  uploaded: number,
  checksums: string,
  httpMetadata: string,
  customMetadata: string,
  storageClass: string,
  ssecKeyMd5: string | null,
  blob: string | null,
  value: Uint8Array | null,
];

/** Where the value of a row is. */
interface Place {
  version: string;
  blob: string | null;
  /** 1: in the row itself. */
  inline: number;
}

function prepare(database: Database) {
  return {
    head: database.prepare<[string], HeadRow>(`SELECT ${HEAD_COLUMNS} FROM objects WHERE key = ?`),
    object: database.prepare<[string], ObjectRow>(
      `SELECT ${HEAD_COLUMNS}, blob, value FROM objects WHERE key = ?`,
    ),
    current: database.prepare<[string], HeadRow & Place>(
      `SELECT ${HEAD_COLUMNS}, blob, value IS NOT NULL AS inline FROM objects WHERE key = ?`,
    ),
    parts: database.prepare<[string], BlobOfPart>(
      "SELECT blob, size FROM object_parts WHERE version = ? ORDER BY position",
    ),
    put: database.prepare<PutParameters, never>(
      `INSERT OR REPLACE INTO objects (${HEAD_COLUMNS}, blob, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    addPart: database.prepare<[string, number, number, string], never>(
      "INSERT INTO object_parts (version, position, size, blob) VALUES (?, ?, ?, ?)",
    ),
    dropParts: database
      .prepare<[string], string>("DELETE FROM object_parts WHERE version = ? RETURNING blob")
      .pluck(),
    delete: database.prepare<[string], Place>(
      "DELETE FROM objects WHERE key = ? RETURNING version, blob, value IS NOT NULL AS inline",
    ),
  };
}
