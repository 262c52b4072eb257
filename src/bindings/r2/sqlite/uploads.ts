/** Multipart uploads in the database of a bucket. */
import type { StagedBlob } from "../../../storage/blobs.ts";
import { AFTER_ALL_KEYS, successor } from "../../../storage/key-order.ts";
import { multipartEtag } from "../digest.ts";
import { R2Error } from "../errors.ts";
import type { R2Head, R2ListUploadsOptions, R2Metadata, R2Part, R2Upload } from "../store.ts";
import type { OpenBucket, Written } from "./bucket.ts";

interface UploadRow {
  key: string;
  id: string;
  created: number;
  over: number;
  metadata: string;
}

interface PartRow extends R2Part {
  readonly blob: string;
}

/** Rows that one purge takes: it is asked for again and again. */
const PURGED_UPLOADS = 100;

export class Uploads {
  readonly #bucket: OpenBucket;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(bucket: OpenBucket) {
    this.#bucket = bucket;
    this.#statements = prepare(bucket);
  }

  create(key: string, id: string, metadata: R2Metadata, now: number): Promise<void> {
    return this.#bucket.write(() => {
      this.#statements.create.run(key, id, now, JSON.stringify(metadata));
    });
  }

  get(key: string, id: string): R2Upload | null {
    this.#bucket.flush();
    const row = this.#bucket.database.run(() => this.#statements.get.get(key, id));
    return row === undefined || row.over ? null : uploadOf(row);
  }

  list({ prefix, limit, after }: R2ListUploadsOptions): readonly R2Upload[] {
    this.#bucket.flush();
    const high = successor(prefix) ?? AFTER_ALL_KEYS;
    const { key, uploadId } = after ?? { key: "", uploadId: "" };
    return this.#bucket.database
      .run(() => this.#statements.list.all(prefix, high, key, uploadId, limit))
      .map(uploadOf);
  }

  /** Resolves with the part, and the file of the one that it replaces. */
  putPart(key: string, id: string, part: R2Part, staged: StagedBlob) {
    const { addPart, part: partOf } = this.#statements;
    return this.#bucket.write(() => {
      this.#underWay(key, id);
      const replaced = partOf.get(id, part.number);
      staged.commit();
      addPart.run(id, part.number, part.size, part.etag, part.uploaded, staged.id);
      return replaced === undefined ? [] : [replaced.blob];
    });
  }

  parts(key: string, id: string): readonly R2Part[] {
    this.#bucket.flush();
    return this.#bucket.database.run(() => {
      this.#underWay(key, id);
      return this.#statements.parts.all(id).map(partOf);
    });
  }

  complete(
    key: string,
    id: string,
    choose: (parts: readonly R2Part[]) => readonly R2Part[],
    made: Pick<R2Head, "version" | "uploaded">,
  ): Promise<Written> {
    const { parts, dropParts, end } = this.#statements;
    return this.#bucket.write(() => {
      const { metadata } = this.#underWay(key, id);
      const rows = parts.all(id);
      const chosen = choose(rows.map(partOf)).map(part => rows.find(row => row.number === part.number)!);
      const head: R2Head = {
        ...metadata,
        ...made,
        key,
        size: chosen.reduce((size, part) => size + part.size, 0),
        etag: multipartEtag(chosen.map(part => part.etag)),
        checksums: {},
      };
      const kept = new Set(chosen.map(part => part.blob));
      const dropped = dropParts.all(id).filter(blob => !kept.has(blob));
      dropped.push(...this.#bucket.putAssembled(head, chosen));
      end.run(key, id);
      return { head, dropped };
    });
  }

  /** Resolves with the files that nothing refers to now. */
  abort(key: string, id: string): Promise<readonly string[]> {
    const { get, dropParts, end } = this.#statements;
    return this.#bucket.write(() => {
      if (get.get(key, id) === undefined) throw new R2Error("NoSuchUpload");
      end.run(key, id);
      return dropParts.all(id);
    });
  }

  /** Ends uploads that began before a moment, and forgets those that are over. Resolves with their files. */
  purge(before: number): Promise<{ dropped: readonly string[]; more: boolean }> {
    const { old, forget, dropParts } = this.#statements;
    return this.#bucket.write(() => {
      const rows = old.all(before, PURGED_UPLOADS);
      const dropped = rows.flatMap(({ key, id }) => {
        forget.run(key, id);
        return dropParts.all(id);
      });
      return { dropped, more: rows.length === PURGED_UPLOADS };
    });
  }

  /** The upload, when it is neither completed nor aborted. */
  #underWay(key: string, id: string): R2Upload {
    const row = this.#statements.get.get(key, id);
    if (row === undefined || row.over) throw new R2Error("NoSuchUpload");
    return uploadOf(row);
  }
}

function uploadOf({ key, id, created, metadata }: UploadRow): R2Upload {
  return { key, uploadId: id, created, metadata: JSON.parse(metadata) as R2Metadata };
}

const partOf = ({ number, size, etag, uploaded }: PartRow): R2Part => ({ number, size, etag, uploaded });

function prepare({ database }: OpenBucket) {
  const parts = "number, size, etag, uploaded, blob FROM upload_parts";
  return {
    create: database.prepare<[string, string, number, string], never>(
      "INSERT INTO uploads (key, id, created, metadata) VALUES (?, ?, ?, ?)",
    ),
    get: database.prepare<[string, string], UploadRow>("SELECT * FROM uploads WHERE key = ? AND id = ?"),
    list: database.prepare<[string, string | Buffer, string, string, number], UploadRow>(
      `SELECT * FROM uploads WHERE key >= ? AND key < ? AND (key, id) > (?, ?) AND NOT over
      ORDER BY key, id LIMIT ?`,
    ),
    end: database.prepare<[string, string], never>("UPDATE uploads SET over = 1 WHERE key = ? AND id = ?"),
    old: database.prepare<[number, number], UploadRow>("SELECT * FROM uploads WHERE created < ? LIMIT ?"),
    forget: database.prepare<[string, string], never>("DELETE FROM uploads WHERE key = ? AND id = ?"),
    part: database.prepare<[string, number], PartRow>(`SELECT ${parts} WHERE upload = ? AND number = ?`),
    parts: database.prepare<[string], PartRow>(`SELECT ${parts} WHERE upload = ? ORDER BY number`),
    addPart: database.prepare<[string, number, number, string, number, string], never>(
      "INSERT OR REPLACE INTO upload_parts (upload, number, size, etag, uploaded, blob) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    dropParts: database
      .prepare<[string], string>("DELETE FROM upload_parts WHERE upload = ? RETURNING blob")
      .pluck(),
  };
}
