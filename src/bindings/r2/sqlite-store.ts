/** The R2 store of the state folder: one SQLite database a bucket, and a folder of files for large values. */
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { UserError } from "../../errors.ts";
import { BlobDatabase } from "../../storage/blob-database.ts";
import { BlobFolder, type StagedBlob } from "../../storage/blobs.ts";
import type { Clock } from "../../storage/clock.ts";
import type { StorePaths } from "../../storage/paths.ts";
import { sized } from "../../storage/read-small.ts";
import { openDatabase } from "../../storage/sqlite.ts";
import { DigestedSource, digestBytes } from "./digest.ts";
import { r2Limits } from "./limits.ts";
import { type BlobOfPart, OpenBucket } from "./sqlite/bucket.ts";
import { prepareListing } from "./sqlite/listing.ts";
import { headOf, MIGRATIONS, type ObjectRow } from "./sqlite/schema.ts";
import { Uploads } from "./sqlite/uploads.ts";
import type {
  R2Checksums,
  R2Entry,
  R2Head,
  R2ListOptions,
  R2ListUploadsOptions,
  R2Metadata,
  R2Page,
  R2Part,
  R2PutOptions,
  R2Slice,
  R2Store,
  R2Upload,
  R2Value,
} from "./store.ts";

const SLICE_BYTES = 1024 * 1024;
const PURGE_INTERVAL_MS = 60 * 60 * 1000;

/** A bucket that is open, with the uploads to it. */
class Bucket extends OpenBucket {
  readonly uploads = new Uploads(this);
  readonly list = prepareListing(this.database);
}

export class SqliteR2Store implements R2Store {
  readonly #clock: Clock;
  readonly #files: BlobDatabase<Bucket>;
  #nextPurge = 0;

  constructor({ database, blobs }: StorePaths, clock: Clock) {
    this.#clock = clock;
    this.#files = new BlobDatabase(new BlobFolder(blobs), async () => {
      const bucket = new Bucket(await openDatabase(database, MIGRATIONS));
      this.#purgeWhenDue(bucket);
      return bucket;
    });
  }

  async head(key: string): Promise<R2Head | null> {
    const bucket = await this.#files.open();
    return bucket.head(key);
  }

  async get(key: string, select: (head: R2Head) => R2Slice | null): Promise<R2Entry | null> {
    const bucket = await this.#files.open();
    for (let missing: string | undefined; ; ) {
      const row = bucket.object(key);
      if (row === undefined) return null;
      const head = headOf(row);
      const slice = select(head);
      if (slice === null) return { head, slice, body: null };
      const body = await this.#read(bucket, row, slice);
      if (body !== null) return { head, slice, body };
      // Replaced between the two steps: look again. If the object is still the same, its file is lost.
      if (missing === head.version) throw this.#lostValue(key);
      missing = head.version;
    }
  }

  async put(key: string, value: R2Value, options: R2PutOptions): Promise<R2Head | null> {
    const bucket = await this.#files.open();
    const { onlyIf, checksums: expected, ...metadata } = options;
    const write = async (kept: Uint8Array | StagedBlob, size: number, checksums: R2Checksums) => {
      const made = { ...metadata, ...this.#made(), key, size, etag: checksums.md5 as string, checksums };
      const { head, dropped } = await bucket.put(made, kept, onlyIf);
      this.#files.drop(dropped);
      return head;
    };
    const found = await sized(value);
    if ("inline" in found) {
      const { inline } = found;
      return write(inline, inline.byteLength, digestBytes(inline, expected));
    }
    const source = digested(found.large, expected);
    return this.#files.keepInFile(source, async staged => {
      const head = await write(staged, staged.size, source.checksums);
      if (head === null) await staged.discard();
      return head;
    });
  }

  async delete(keys: readonly string[]): Promise<void> {
    const bucket = await this.#files.open();
    this.#files.drop(await bucket.delete(keys));
  }

  async list(options: R2ListOptions): Promise<R2Page> {
    const bucket = await this.#files.open();
    bucket.flush();
    return bucket.list(options);
  }

  async createUpload(key: string, metadata: R2Metadata): Promise<string> {
    const bucket = await this.#files.open();
    this.#purgeWhenDue(bucket);
    const id = randomBytes(32).toString("base64url");
    await bucket.uploads.create(key, id, metadata, this.#clock.now());
    return id;
  }

  async getUpload(key: string, uploadId: string): Promise<R2Upload | null> {
    const { uploads } = await this.#files.open();
    return uploads.get(key, uploadId);
  }

  async listUploads(options: R2ListUploadsOptions): Promise<readonly R2Upload[]> {
    const { uploads } = await this.#files.open();
    return uploads.list(options);
  }

  async putPart(key: string, uploadId: string, number: number, value: R2Value): Promise<R2Part> {
    const { uploads } = await this.#files.open();
    const source = digested(value, {});
    return this.#files.keepInFile(source, async staged => {
      const etag = source.checksums.md5 as string;
      const part: R2Part = { number, size: staged.size, etag, uploaded: this.#clock.now() };
      this.#files.drop(await uploads.putPart(key, uploadId, part, staged));
      return part;
    });
  }

  async listParts(key: string, uploadId: string): Promise<readonly R2Part[]> {
    const { uploads } = await this.#files.open();
    return uploads.parts(key, uploadId);
  }

  async completeUpload(
    key: string,
    uploadId: string,
    choose: (parts: readonly R2Part[]) => readonly R2Part[],
  ): Promise<R2Head> {
    const { uploads } = await this.#files.open();
    const { head, dropped } = await uploads.complete(key, uploadId, choose, this.#made());
    this.#files.drop(dropped);
    return head as R2Head;
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    const { uploads } = await this.#files.open();
    this.#files.drop(await uploads.abort(key, uploadId));
  }

  close(): Promise<void> {
    return this.#files.close();
  }

  #made(): Pick<R2Head, "version" | "uploaded"> {
    return { version: randomBytes(16).toString("hex"), uploaded: this.#clock.now() };
  }

  /** The slice of an object's value; null when its file is not there. */
  async #read(bucket: OpenBucket, row: ObjectRow, slice: R2Slice): Promise<Uint8Array | Readable | null> {
    const { offset, length } = slice;
    if (row.value !== null) return row.value.subarray(offset, offset + length);
    if (row.blob === null) return this.#readParts(bucket, row, slice);
    const opened = await this.#files.blobs.open(row.blob, rangeOf(slice));
    if (opened?.size === row.size) return opened.stream;
    opened?.stream.destroy();
    return null;
  }

  #readParts(bucket: OpenBucket, row: ObjectRow, slice: R2Slice): Readable | null {
    const parts = bucket.partsOf(row.version);
    if (parts.reduce((size, part) => size + part.size, 0) !== row.size) return null;
    const wanted = partsWithin(parts, slice);
    // Opened one after the other: an object may have more parts than a process may have files.
    const unpin = this.#files.blobs.pin(wanted.map(({ blob }) => blob));
    const body = Readable.from(this.#chunksOf(row.key, wanted), { objectMode: false });
    return body.once("close", unpin);
  }

  async *#chunksOf(key: string, parts: readonly (R2Slice & BlobOfPart)[]): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      const opened = await this.#files.blobs.open(part.blob, rangeOf(part));
      if (opened?.size !== part.size) {
        opened?.stream.destroy();
        throw this.#lostValue(key);
      }
      yield* opened.stream as AsyncIterable<Uint8Array>;
    }
  }

  /** Ends uploads that are too old, a bounded number at a time. */
  #purgeWhenDue({ uploads }: Bucket): void {
    const now = this.#clock.now();
    if (now < this.#nextPurge) return;
    this.#nextPurge = now + PURGE_INTERVAL_MS;
    this.#files.inBackground(
      uploads.purge(now - r2Limits.uploadMilliseconds).then(({ dropped, more }) => {
        if (more) this.#nextPurge = 0;
        this.#files.drop(dropped);
      }),
    );
  }

  #lostValue(key: string): UserError {
    return new UserError(
      "STATE_DAMAGED",
      `The value of the object ${JSON.stringify(key)} is lost: ${this.#files.blobs.directory} lacks its file, or a part of it.`,
      `Put the object again, delete it, or restore ${this.#files.blobs.directory} from a copy.`,
    );
  }
}

const rangeOf = ({ offset, length }: R2Slice) => ({ start: offset, end: offset + length });

const digested = (value: R2Value, expected: R2Checksums) =>
  new DigestedSource(value instanceof Uint8Array ? slicesOf(value) : value, expected);

/** Pieces that are hashed while others are written, and between which other work gets its turn. */
async function* slicesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += SLICE_BYTES)
    yield bytes.subarray(start, start + SLICE_BYTES);
}

/** Of which parts a slice of the whole is made. */
function partsWithin(parts: readonly BlobOfPart[], { offset, length }: R2Slice): (R2Slice & BlobOfPart)[] {
  const slices: (R2Slice & BlobOfPart)[] = [];
  let start = 0;
  for (const part of parts) {
    const from = Math.max(offset - start, 0);
    const to = Math.min(offset + length - start, part.size);
    if (from < to) slices.push({ ...part, offset: from, length: to - from });
    start += part.size;
  }
  return slices;
}
