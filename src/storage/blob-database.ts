/** A database and the folder of the files that its rows name: what every store that keeps large values in files has to do. */
import type { BlobFolder, BlobReferences, ByteSource, StagedBlob } from "./blobs.ts";
import { GroupCommit } from "./group-commit.ts";
import { OpenOnce } from "./open-once.ts";
import { isInline, sized } from "./read-small.ts";
import type { Database } from "./sqlite.ts";

/** The statements on a database whose rows name blobs. Reads see the writes that were asked for before them, if they flush. */
export class BlobStatements implements BlobReferences {
  readonly database: Database;
  readonly #writes: GroupCommit;
  readonly #refers: { get(ids: { id: string }): unknown };

  /** `refers` finds a row for a blob that is referred to; `@id` in it is the blob's. */
  constructor(database: Database, refers: string) {
    this.database = database;
    this.#writes = new GroupCommit(database);
    this.#refers = database.prepare<[{ id: string }], unknown>(refers);
  }

  /** Performs `work` in a transaction that it may share with others. Resolves when it is committed. */
  write<T>(work: () => T): Promise<T> {
    return this.#writes.write(work);
  }

  /** Commits what waits. */
  flush(): void {
    this.#writes.flush();
  }

  unreferenced(ids: readonly string[]): readonly string[] {
    return this.database.run(() => ids.filter(id => this.#refers.get({ id }) === undefined));
  }

  exclusively(work: () => void): void {
    this.database.transaction(work);
  }

  close(): void {
    this.flush();
    this.database.close();
  }
}

/** Opens a database on first use, removes files that nothing refers to any more, and closes when all of that is done. */
export class BlobDatabase<Statements extends BlobStatements> {
  readonly blobs: BlobFolder;
  readonly #statements: OpenOnce<Statements>;
  /** Work that nobody waits for but `close`. */
  readonly #background = new Set<Promise<void>>();

  constructor(blobs: BlobFolder, connect: () => Promise<Statements>) {
    this.blobs = blobs;
    this.#statements = new OpenOnce(async () => {
      const statements = await connect();
      this.inBackground(this.blobs.collect(statements));
      return statements;
    });
  }

  /** The open database. */
  open(): Promise<Statements> {
    return this.#statements.get();
  }

  /**
   * Hands a value to `write` as a row is to have it: whole if it is small, else in a file. Bytes that are small are handed
   * over before this returns, so that calls take effect in the order in which they are made.
   */
  keep<T>(value: Uint8Array | ByteSource, write: (kept: Uint8Array | StagedBlob) => Promise<T>): Promise<T> {
    if (isInline(value)) return write(value);
    return sized(value).then(found =>
      "inline" in found ? write(found.inline) : this.keepInFile(found.large, write),
    );
  }

  /** Writes a value to a file and hands that to `write`; when either fails, nothing of it stays. */
  async keepInFile<T>(value: Uint8Array | ByteSource, write: (staged: StagedBlob) => Promise<T>): Promise<T> {
    const staged = await this.blobs.stage(value);
    try {
      return await write(staged);
    } catch (error) {
      await staged.discard();
      throw error;
    }
  }

  /** Removes the files of blobs that no row names any more. */
  drop(blobs: Iterable<string | null>): void {
    for (const blob of blobs) if (blob !== null) this.inBackground(this.blobs.remove(blob));
  }

  /** Work whose failure costs disk space only: the next start tries again. */
  inBackground(work: Promise<void>): void {
    const settled = work
      .catch(() => {})
      .then(() => {
        this.#background.delete(settled);
      });
    this.#background.add(settled);
  }

  async close(): Promise<void> {
    const opened = await this.#statements.opened();
    opened?.flush();
    while (this.#background.size > 0) await Promise.allSettled(this.#background);
    opened?.close();
  }
}
