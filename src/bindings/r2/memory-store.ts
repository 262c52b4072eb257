/** An R2 store that forgets: for tests, and for a worker that shall leave no trace. */
import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "../../storage/clock.ts";
import { collect } from "../../storage/collect.ts";
import { compareUtf8, firstNotBefore } from "../../storage/key-order.ts";
import { digestBytes, multipartEtag } from "./digest.ts";
import { R2Error } from "./errors.ts";
import { r2Limits } from "./limits.ts";
import { listPage } from "./listing.ts";
import type {
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

interface Stored {
  readonly head: R2Head;
  readonly value: Uint8Array;
}

interface StoredUpload extends R2Upload {
  over: boolean;
  readonly parts: Map<number, R2Part & { readonly value: Uint8Array }>;
}

export class MemoryR2Store implements R2Store {
  readonly #clock: Clock;
  readonly #objects = new Map<string, Stored>();
  readonly #uploads = new Map<string, StoredUpload>();
  /** The keys in order; undefined when one has come or gone since. */
  #order: string[] | undefined;

  /** The machine's clock unless given. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async head(key: string): Promise<R2Head | null> {
    return this.#objects.get(key)?.head ?? null;
  }

  async get(key: string, select: (head: R2Head) => R2Slice | null): Promise<R2Entry | null> {
    const stored = this.#objects.get(key);
    if (stored === undefined) return null;
    const { head, value } = stored;
    const slice = select(head);
    const body = slice === null ? null : value.slice(slice.offset, slice.offset + slice.length);
    return { head, slice, body };
  }

  async put(key: string, value: R2Value, options: R2PutOptions): Promise<R2Head | null> {
    const { onlyIf, checksums: expected, ...metadata } = options;
    const bytes = value instanceof Uint8Array ? new Uint8Array(value) : await collect(value);
    const checksums = digestBytes(bytes, expected);
    if (!onlyIf(this.#objects.get(key)?.head ?? null)) return null;
    const etag = checksums.md5 as string;
    return this.#keep({ ...metadata, ...this.#made(), key, size: bytes.byteLength, etag, checksums }, bytes);
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) if (this.#objects.delete(key)) this.#order = undefined;
  }

  async list(options: R2ListOptions): Promise<R2Page> {
    this.#order ??= [...this.#objects.keys()].sort(compareUtf8);
    const order = this.#order;
    const objects = this.#objects;
    return listPage(options, function* (low) {
      for (let index = firstNotBefore(order, low); index < order.length; index++) {
        const key = order[index] as string;
        if (!key.startsWith(options.prefix)) return;
        yield (objects.get(key) as Stored).head;
      }
    });
  }

  async createUpload(key: string, metadata: R2Metadata): Promise<string> {
    const uploadId = randomBytes(32).toString("base64url");
    const created = this.#clock.now();
    this.#forgetOldUploads(created);
    this.#uploads.set(uploadId, { key, uploadId, metadata, created, over: false, parts: new Map() });
    return uploadId;
  }

  async getUpload(key: string, uploadId: string): Promise<R2Upload | null> {
    const upload = this.#uploads.get(uploadId);
    return upload === undefined || upload.key !== key || upload.over ? null : publicUpload(upload);
  }

  async listUploads({ prefix, limit, after }: R2ListUploadsOptions): Promise<readonly R2Upload[]> {
    const order = (left: Pick<R2Upload, "key" | "uploadId">, right: Pick<R2Upload, "key" | "uploadId">) =>
      compareUtf8(left.key, right.key) || compareUtf8(left.uploadId, right.uploadId);
    return [...this.#uploads.values()]
      .filter(upload => !upload.over && upload.key.startsWith(prefix))
      .filter(upload => after === null || order(upload, after) > 0)
      .sort(order)
      .slice(0, limit)
      .map(publicUpload);
  }

  async putPart(key: string, uploadId: string, number: number, value: R2Value): Promise<R2Part> {
    const bytes = value instanceof Uint8Array ? new Uint8Array(value) : await collect(value);
    const { parts } = this.#underWay(key, uploadId);
    const etag = digestBytes(bytes, {}).md5 as string;
    const part = { number, size: bytes.byteLength, etag, uploaded: this.#clock.now() };
    parts.set(number, { ...part, value: bytes });
    return part;
  }

  async listParts(key: string, uploadId: string): Promise<readonly R2Part[]> {
    const { parts } = this.#underWay(key, uploadId);
    return [...parts.values()].sort((left, right) => left.number - right.number).map(publicPart);
  }

  async completeUpload(
    key: string,
    uploadId: string,
    choose: (parts: readonly R2Part[]) => readonly R2Part[],
  ): Promise<R2Head> {
    const chosen = choose(await this.listParts(key, uploadId));
    const upload = this.#underWay(key, uploadId);
    const value = Buffer.concat(chosen.map(({ number }) => upload.parts.get(number)?.value as Uint8Array));
    const etag = multipartEtag(chosen.map(part => part.etag));
    end(upload);
    return this.#keep(
      { ...upload.metadata, ...this.#made(), key, size: value.byteLength, etag, checksums: {} },
      value,
    );
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined || upload.key !== key) throw new R2Error("NoSuchUpload");
    end(upload);
  }

  async close(): Promise<void> {}

  #made(): Pick<R2Head, "version" | "uploaded"> {
    return { version: randomBytes(16).toString("hex"), uploaded: this.#clock.now() };
  }

  #keep(head: R2Head, value: Uint8Array): R2Head {
    if (!this.#objects.has(head.key)) this.#order = undefined;
    this.#objects.set(head.key, { head, value });
    return head;
  }

  #underWay(key: string, uploadId: string): StoredUpload {
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined || upload.key !== key || upload.over) throw new R2Error("NoSuchUpload");
    return upload;
  }

  #forgetOldUploads(now: number): void {
    for (const { uploadId, created } of this.#uploads.values()) {
      if (created < now - r2Limits.uploadMilliseconds) this.#uploads.delete(uploadId);
    }
  }
}

function end(upload: StoredUpload): void {
  upload.over = true;
  upload.parts.clear();
}

const publicUpload = ({ key, uploadId, metadata, created }: StoredUpload): R2Upload => ({
  key,
  uploadId,
  metadata,
  created,
});

const publicPart = ({ number, size, etag, uploaded }: R2Part): R2Part => ({ number, size, etag, uploaded });
