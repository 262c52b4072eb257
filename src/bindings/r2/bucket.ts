/** A bucket: the store, with R2's limits and rules in front of it. What it refuses, it refuses as an `R2Error`. */
import { createHash } from "node:crypto";
import { UserError } from "../../errors.ts";
import { InvalidCursorError } from "../../storage/cursor.ts";
import { holds, sliceOf } from "./condition.ts";
import type { R2Condition, R2Range } from "./contract.ts";
import { R2Error } from "./errors.ts";
import { type R2Limits, r2Limits } from "./limits.ts";
import type {
  R2Checksums,
  R2CustomMetadata,
  R2Entry,
  R2Head,
  R2HttpMetadata,
  R2ListUploadsOptions,
  R2Metadata,
  R2Page,
  R2Part,
  R2Slice,
  R2StorageClass,
  R2Store,
  R2Upload,
  R2Value,
} from "./store.ts";

export interface R2GetSettings {
  readonly onlyIf?: R2Condition | null | undefined;
  /** How much of the value is wanted; a function is told whose. Everything unless given. */
  readonly range?: R2Range | ((head: R2Head) => R2Slice) | null | undefined;
  /** 32 bytes in hexadecimal digits. */
  readonly ssecKey?: string | null | undefined;
}

export interface R2MetadataSettings {
  readonly httpMetadata?: R2HttpMetadata | undefined;
  readonly customMetadata?: R2CustomMetadata | undefined;
  /** "Standard" unless given. */
  readonly storageClass?: string | undefined;
  /** 32 bytes in hexadecimal digits. */
  readonly ssecKey?: string | undefined;
}

export interface R2PutSettings extends R2MetadataSettings {
  readonly onlyIf?: R2Condition | undefined;
  readonly checksums?: R2Checksums | undefined;
}

export interface R2ListSettings {
  readonly limit?: number | undefined;
  readonly prefix?: string | undefined;
  readonly cursor?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly startAfter?: string | undefined;
  /** Whether metadata is asked for, which makes pages shorter. */
  readonly withMetadata?: boolean | undefined;
}

export interface R2ChosenPart {
  readonly number: number;
  readonly etag: string;
}

export class R2Bucket {
  readonly #store: R2Store;
  readonly #limits: R2Limits;

  constructor(store: R2Store, limits: R2Limits = r2Limits) {
    this.#store = store;
    this.#limits = limits;
  }

  async head(key: string): Promise<R2Head | null> {
    this.#checkKey(key);
    return this.#perform(() => this.#store.head(key));
  }

  /** The object without a body where the condition does not hold; null where there is none. */
  async get(key: string, { onlyIf, range, ssecKey }: R2GetSettings = {}): Promise<R2Entry | null> {
    this.#checkKey(key);
    return this.#perform(() =>
      this.#store.get(key, head => {
        if (!holds(onlyIf ?? null, head)) return null;
        checkKeyOf(head, ssecKey ?? null);
        return typeof range === "function" ? range(head) : sliceOf(range ?? null, head.size);
      }),
    );
  }

  /** Null where the condition does not hold. */
  async put(key: string, value: R2Value, settings: R2PutSettings = {}): Promise<R2Head | null> {
    this.#checkKey(key);
    const metadata = this.#metadataOf(settings);
    const { onlyIf = null, checksums = {} } = settings;
    const options = {
      ...metadata,
      checksums,
      onlyIf: (current: R2Head | null) => holds(onlyIf, current),
    };
    return this.#perform(() => this.#store.put(key, this.#bounded(value), options));
  }

  async delete(keys: readonly string[]): Promise<void> {
    if (keys.length > this.#limits.deleteKeys) throw new R2Error("TooManyKeys");
    for (const key of keys) this.#checkKey(key);
    if (keys.length > 0) await this.#perform(() => this.#store.delete(keys));
  }

  async list(settings: R2ListSettings = {}): Promise<R2Page> {
    const { listObjects, listObjectsWithMetadata } = this.#limits;
    const { limit = listObjects, withMetadata = false } = settings;
    if (limit < 1 || limit > listObjects) throw new R2Error("InvalidMaxKeys");
    const options = {
      prefix: settings.prefix ?? "",
      delimiter: settings.delimiter ?? "",
      limit: withMetadata ? Math.min(limit, listObjectsWithMetadata) : limit,
      startAfter: settings.startAfter ?? null,
      cursor: settings.cursor || null,
    };
    return this.#perform(() => this.#store.list(options));
  }

  async createUpload(key: string, settings: R2MetadataSettings = {}): Promise<string> {
    this.#checkKey(key);
    const metadata = this.#metadataOf(settings);
    return this.#perform(() => this.#store.createUpload(key, metadata));
  }

  async uploadPart(
    key: string,
    uploadId: string,
    number: number,
    value: R2Value,
    ssecKey: string | null = null,
  ): Promise<R2Part> {
    this.#checkKey(key);
    return this.#perform(async () => {
      const upload = await this.#store.getUpload(key, uploadId);
      if (upload === null) throw new R2Error("NoSuchUpload");
      checkKeyOf(upload.metadata, ssecKey);
      return this.#store.putPart(key, uploadId, number, this.#bounded(value));
    });
  }

  async completeUpload(key: string, uploadId: string, chosen: readonly R2ChosenPart[]): Promise<R2Head> {
    this.#checkKey(key);
    const choose = (parts: readonly R2Part[]) => chosenParts(parts, chosen, this.#limits);
    return this.#perform(() => this.#store.completeUpload(key, uploadId, choose));
  }

  async abortUpload(key: string, uploadId: string): Promise<void> {
    this.#checkKey(key);
    await this.#perform(() => this.#store.abortUpload(key, uploadId));
  }

  /** Null where no such upload is under way. */
  getUpload(key: string, uploadId: string): Promise<R2Upload | null> {
    return this.#perform(() => this.#store.getUpload(key, uploadId));
  }

  listUploads(options: R2ListUploadsOptions): Promise<readonly R2Upload[]> {
    return this.#perform(() => this.#store.listUploads(options));
  }

  listParts(key: string, uploadId: string): Promise<readonly R2Part[]> {
    return this.#perform(() => this.#store.listParts(key, uploadId));
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** Calls the store, and words its failures as R2 does. */
  async #perform<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof InvalidCursorError) {
        throw new R2Error("InvalidArgument", "The continuation token provided is not valid.");
      }
      if (error instanceof UserError)
        throw new R2Error("InternalError", `${error.message} ${error.hint}`, { cause: error });
      throw error;
    }
  }

  #checkKey(key: string): void {
    if (Buffer.byteLength(key) > this.#limits.keyBytes) throw new R2Error("InvalidObjectName");
  }

  #metadataOf(settings: R2MetadataSettings): R2Metadata {
    const { httpMetadata = {}, customMetadata = [], storageClass = "Standard", ssecKey } = settings;
    let bytes = 0;
    for (const [name, value] of customMetadata) bytes += serializedLength(name) + serializedLength(value);
    if (bytes > this.#limits.metadataBytes) throw new R2Error("MetadataTooLarge");
    return {
      httpMetadata,
      customMetadata,
      storageClass: checkStorageClass(storageClass),
      ssecKeyMd5: ssecKey === undefined ? null : md5OfKey(ssecKey),
    };
  }

  /** The value, which fails when it is larger than the limit. */
  #bounded(value: R2Value): R2Value {
    const { objectBytes } = this.#limits;
    if (!(value instanceof Uint8Array)) return boundedSource(value, objectBytes);
    if (value.byteLength > objectBytes) throw new R2Error("EntityTooLarge");
    return value;
  }
}

async function* boundedSource(source: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > limit) throw new R2Error("EntityTooLarge");
    yield chunk;
  }
}

/** As R2 counts metadata: one byte a character, or two where a text has one beyond Latin-1. */
function serializedLength(text: string): number {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 255) return text.length * 2;
  return text.length;
}

function checkStorageClass(name: string): R2StorageClass {
  if (name === "Standard" || name === "InfrequentAccess") return name;
  throw new R2Error(
    "InvalidArgument",
    `The storage class you specified is not valid: it is Standard or InfrequentAccess, not ${JSON.stringify(name)}.`,
  );
}

const md5OfKey = (hex: string): string => createHash("md5").update(hex, "hex").digest("base64");

/** An object that was put with a key of the customer's is only had with that key. */
function checkKeyOf({ ssecKeyMd5 }: Pick<R2Metadata, "ssecKeyMd5">, ssecKey: string | null): void {
  if (ssecKeyMd5 === (ssecKey === null ? null : md5OfKey(ssecKey))) return;
  throw new R2Error(
    "InvalidArgument",
    ssecKeyMd5 === null
      ? "The encryption parameters are not applicable to this object."
      : "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
  );
}

/** The parts that an upload is completed with, in the order of their numbers. */
function chosenParts(
  parts: readonly R2Part[],
  chosen: readonly R2ChosenPart[],
  { partBytes }: R2Limits,
): readonly R2Part[] {
  const byNumber = new Map(parts.map(part => [part.number, part]));
  const numbers = new Set<number>();
  const found = chosen.map(({ number, etag }) => {
    const part = byNumber.get(number);
    if (part === undefined || part.etag !== etag || numbers.has(number)) throw new R2Error("InvalidPart");
    numbers.add(number);
    return part;
  });
  found.sort((left, right) => left.number - right.number);
  const last = found.pop();
  if (last === undefined) return [];
  const size = found[0]?.size ?? last.size;
  if (found.some(part => part.size < partBytes)) throw new R2Error("EntityTooSmall");
  if (found.some(part => part.size !== size) || last.size > size) throw new R2Error("BadUpload");
  return [...found, last];
}
