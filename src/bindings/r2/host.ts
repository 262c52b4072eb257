/** R2 on the host: the ops of a bucket. */
import type { Readable } from "node:stream";
import type { HostOps, OpContext } from "../../engine/ops.ts";
import type { Clock } from "../../storage/clock.ts";
import { storePaths } from "../../storage/paths.ts";
import { wireBody } from "../../web/fetch/wire-body.ts";
import { chooseStore, type StoreChoice } from "../stores.ts";
import { R2Bucket } from "./bucket.ts";
import type { R2AsyncOps, R2CrossingObject, R2CrossingPutOptions, R2CrossingValue } from "./contract.ts";
import { R2Error } from "./errors.ts";
import { signedUrl } from "./signed-url.ts";
import { SqliteR2Store } from "./sqlite-store.ts";
import type { R2ChecksumName, R2Head, R2Store } from "./store.ts";

/** An `r2_buckets` entry of the configuration. */
export interface R2Descriptor {
  readonly type: "r2";
  /** The property of `env`. */
  readonly name: string;
  /** The bucket's name. Buckets with one name are one bucket. The binding's name unless given. */
  readonly id?: string;
  /** What signs requests to its S3 endpoint; without it, what every bucket has. */
  readonly s3Credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
}

/** What a bucket is made from, besides its descriptor. */
export interface R2Environment extends Clock, StoreChoice {
  readonly stateDir: string;
  /** Where the server is reached, without a slash at its end: "http://127.0.0.1:8787". */
  readonly origin: string;
}

/** The bucket behind a binding. */
export class R2Host extends R2Bucket {
  readonly #descriptor: R2Descriptor;
  readonly #environment: R2Environment;

  constructor(descriptor: R2Descriptor, environment: R2Environment) {
    super(openR2Store(descriptor.id ?? descriptor.name, environment));
    this.#descriptor = descriptor;
    this.#environment = environment;
  }

  /** A URL that does `method` to an object for `seconds`, by whoever has it. */
  signedUrl(key: string, method: string, seconds: number): string {
    const { origin } = this.#environment;
    return signedUrl(this.#descriptor, { origin, key, method, seconds, now: this.#environment.now() });
  }
}

/** The store of a bucket, with no limits in front of it. */
export function openR2Store(id: string, environment: Omit<R2Environment, "origin">): R2Store {
  const standard = () => new SqliteR2Store(storePaths(environment.stateDir, "r2", id), environment);
  return chooseStore(environment, "r2", id, standard);
}

/** The bucket of a descriptor, kept in the state folder. Nothing is opened before the first call. */
export function createR2(descriptor: R2Descriptor, environment: R2Environment): R2Host {
  return new R2Host(descriptor, environment);
}

/** What the guest is told of a bucket: not its credentials, but where it is reached. */
export function describeR2ForGuest(descriptor: R2Descriptor, { origin }: R2Environment) {
  return { type: descriptor.type, name: descriptor.name, id: descriptor.id ?? descriptor.name, origin };
}

/** Calls a bucket for a worker; what it refuses is worded as `action: message (code)`. */
async function perform<T>(
  context: OpContext,
  binding: string,
  action: string,
  work: (bucket: R2Host) => Promise<T>,
): Promise<T> {
  context.countSubrequest();
  try {
    return await work(context.resource<R2Host>("r2", binding));
  } catch (error) {
    throw error instanceof R2Error ? error.toWorker(action) : error;
  }
}

/** The ops of R2. */
export const r2Ops: HostOps<R2AsyncOps> = {
  "r2.head": (context, binding, key) =>
    perform(context, binding, "head", async bucket => {
      const head = await bucket.head(key);
      return head && crossing(head);
    }),

  "r2.get": (context, binding, key, onlyIf, range, ssecKey) =>
    perform(context, binding, "get", async bucket => {
      const entry = await bucket.get(key, { onlyIf, range, ssecKey });
      if (entry === null) return null;
      const { head, slice, body } = entry;
      const { offset, length } = slice ?? { offset: 0, length: head.size };
      return [wireBody(body, context.streams), crossing(head), offset, length];
    }),

  "r2.put": (context, binding, key, value, size, options) =>
    perform(context, binding, "put", bucket =>
      consuming(context, value, size, async source => {
        const head = await bucket.put(key, source, putSettings(options ?? {}));
        return head && crossing(head);
      }),
    ),

  "r2.delete": (context, binding, keys) =>
    perform(context, binding, "delete", async bucket => {
      await bucket.delete(keys);
      return null;
    }),

  "r2.list": (context, binding, options) =>
    perform(context, binding, "list", async bucket => {
      const { includeHttpMetadata, includeCustomMetadata, ...settings } = options;
      const withMetadata = includeHttpMetadata || includeCustomMetadata;
      const page = await bucket.list({ ...settings, withMetadata });
      const objects = page.objects.map(head => crossing(head, includeHttpMetadata, includeCustomMetadata));
      return [objects, page.prefixes, page.cursor];
    }),

  "r2.createMultipartUpload": (context, binding, key, options) =>
    perform(context, binding, "createMultipartUpload", bucket => bucket.createUpload(key, options)),

  "r2.uploadPart": (context, binding, key, uploadId, number, value, size, ssecKey) =>
    perform(context, binding, "uploadPart", bucket =>
      consuming(context, value, size, async source => {
        const part = await bucket.uploadPart(key, uploadId, number, source, ssecKey);
        return part.etag;
      }),
    ),

  "r2.completeMultipartUpload": (context, binding, key, uploadId, parts) =>
    perform(context, binding, "completeMultipartUpload", async bucket => {
      const chosen = parts.map(([number, etag]) => ({ number, etag }));
      return crossing(await bucket.completeUpload(key, uploadId, chosen));
    }),

  "r2.abortMultipartUpload": (context, binding, key, uploadId) =>
    perform(context, binding, "abortMultipartUpload", async bucket => {
      await bucket.abortUpload(key, uploadId);
      return null;
    }),

  "r2.createSignedUrl": (context, binding, key, method, seconds) =>
    context.resource<R2Host>("r2", binding).signedUrl(key, method, seconds),
};

/** Hands a value over. A stream is destroyed when that fails, so that whoever writes it hears of it. */
async function consuming<T>(
  context: OpContext,
  value: R2CrossingValue,
  size: number | null,
  work: (source: Uint8Array | AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  if (typeof value === "string") return work(Buffer.from(value, "utf8"));
  if (typeof value !== "number") return work(value);
  const stream = context.streams.take(value);
  try {
    return await work(size === null ? stream : exactly(stream, size));
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** The stream, which fails when its length is not the one that it was said to have. */
async function* exactly(stream: Readable, size: number): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    left -= chunk.byteLength;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0) throw new TypeError("The stream's length is not the one that it was said to have.");
}

function putSettings({ onlyIf, checksum, ...metadata }: R2CrossingPutOptions) {
  const checksums = checksum && { [checksum[0] as R2ChecksumName]: checksum[1] };
  return { ...metadata, onlyIf, checksums };
}

function crossing(head: R2Head, withHttpMetadata = true, withCustomMetadata = true): R2CrossingObject {
  return [
    head.key,
    head.version,
    head.size,
    head.etag,
    head.uploaded,
    Object.entries(head.checksums),
    withHttpMetadata ? head.httpMetadata : null,
    withCustomMetadata ? head.customMetadata : null,
    head.storageClass,
    head.ssecKeyMd5,
  ];
}
