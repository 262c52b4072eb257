import type { Readable } from "node:stream";

/**
 * What stands behind an R2 bucket. Another implementation (S3, a file system, …) passes the suite `describeR2Store`.
 *
 * Keys are well-formed strings of at most 1024 bytes of UTF-8, and any character may be in them, NUL too. Calls on
 * one store take effect in the order in which they are made, except that a put takes effect when its value has been
 * read to the end. Functions that a caller gives (`select`, `onlyIf`, `choose`) see the state that the call acts on: no
 * other write comes between. They may be called more than once, and what they throw rejects the call, which then
 * changes nothing.
 *
 * Refusals are `R2Error`s (errors.ts). Limits are the caller's business.
 */
export interface R2Store {
  /** All about an object but its value; null when there is none. */
  head(key: string): Promise<R2Head | null>;

  /**
   * An object, or null when there is none. `select` says which part of its value is wanted, within its size; null for
   * none of it.
   */
  get(key: string, select: (head: R2Head) => R2Slice | null): Promise<R2Entry | null>;

  /**
   * Makes or replaces an object, and resolves when a crash of the process can no longer lose it. Resolves with null,
   * and changes nothing, when `onlyIf` does not hold. Rejects with a BadDigest when the value has not the checksums that
   * were given, and with the value's own error when that fails; the old object then stays as it was.
   */
  put(key: string, value: R2Value, options: R2PutOptions): Promise<R2Head | null>;

  /** Removes objects for good, all at once; a key without one is no error. */
  delete(keys: readonly string[]): Promise<void>;

  /**
   * Objects in the order of their keys' UTF-8 bytes. A page costs the same wherever it is, and a prefix costs the same
   * however many objects it stands for. Rejects with an `InvalidCursorError` (src/storage/cursor.ts) for a cursor
   * that it did not give out.
   */
  list(options: R2ListOptions): Promise<R2Page>;

  /** Begins a multipart upload, and tells its id. */
  createUpload(key: string, metadata: R2Metadata): Promise<string>;

  /** An upload that is under way; null when there is none. */
  getUpload(key: string, uploadId: string): Promise<R2Upload | null>;

  /** Uploads that are under way, by key and then by id, from the one after `after` on. */
  listUploads(options: R2ListUploadsOptions): Promise<readonly R2Upload[]>;

  /** Keeps a part, in place of the one with its number. Rejects with NoSuchUpload when no such upload is under way. */
  putPart(key: string, uploadId: string, number: number, value: R2Value): Promise<R2Part>;

  /** The parts of an upload by their numbers. Rejects with NoSuchUpload when no such upload is under way. */
  listParts(key: string, uploadId: string): Promise<readonly R2Part[]>;

  /**
   * Makes the object of those parts that `choose` takes, in its order, and forgets the others. Rejects with NoSuchUpload
   * when no such upload is under way.
   */
  completeUpload(
    key: string,
    uploadId: string,
    choose: (parts: readonly R2Part[]) => readonly R2Part[],
  ): Promise<R2Head>;

  /** Forgets an upload and its parts. One that is over is no error; one that never was is a NoSuchUpload. */
  abortUpload(key: string, uploadId: string): Promise<void>;

  /** Lets go of files and connections when the calls under way are done. */
  close(): Promise<void>;
}

export type R2Value = Uint8Array | AsyncIterable<Uint8Array>;

export const CHECKSUMS = ["md5", "sha1", "sha256", "sha384", "sha512"] as const;
export type R2ChecksumName = (typeof CHECKSUMS)[number];

/** In lower-case hexadecimal digits. */
export type R2Checksums = { readonly [Name in R2ChecksumName]?: string };

/** Headers that an object is served with. */
export interface R2HttpMetadata {
  readonly contentType?: string;
  readonly contentLanguage?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly cacheControl?: string;
  /** Milliseconds since the epoch. */
  readonly cacheExpiry?: number;
}

export type R2CustomMetadata = readonly (readonly [name: string, value: string])[];

export type R2StorageClass = "Standard" | "InfrequentAccess";

/** What an object is given beside its value. */
export interface R2Metadata {
  readonly httpMetadata: R2HttpMetadata;
  readonly customMetadata: R2CustomMetadata;
  readonly storageClass: R2StorageClass;
  /** The MD5 of the customer's key in Base64; null for an object without one. */
  readonly ssecKeyMd5: string | null;
}

export interface R2Head extends R2Metadata {
  readonly key: string;
  /** New with each put. */
  readonly version: string;
  /** In bytes. */
  readonly size: number;
  /** The MD5 of the value; of an object of n parts the MD5 of their MD5s and `-n`. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly uploaded: number;
  /** The MD5, except of an object of parts, and those that were given when it was put. */
  readonly checksums: R2Checksums;
}

/** A part of a value, in bytes. */
export interface R2Slice {
  readonly offset: number;
  readonly length: number;
}

export interface R2Entry {
  readonly head: R2Head;
  /** Null when nothing of the value was selected. */
  readonly slice: R2Slice | null;
  /** Little as bytes, much as a stream, which the caller reads to its end or destroys; null with no slice. */
  readonly body: Uint8Array | Readable | null;
}

export interface R2PutOptions extends R2Metadata {
  /** What the value's checksums must be. They are kept with the object. */
  readonly checksums: R2Checksums;
  /** Whether to put it, given the object that it would replace. */
  onlyIf(current: R2Head | null): boolean;
}

export interface R2ListOptions {
  /** "" for all keys. */
  readonly prefix: string;
  /** Keys that have it behind the prefix are told as one prefix that ends with it; "" for none. */
  readonly delimiter: string;
  /** Objects and prefixes together; at least 1. */
  readonly limit: number;
  /** Only keys behind this one; null for all. */
  readonly startAfter: string | null;
  /** The cursor of the page before; null for the first one. Where it is behind `startAfter`, it wins. */
  readonly cursor: string | null;
}

export interface R2Page {
  readonly objects: readonly R2Head[];
  readonly prefixes: readonly string[];
  /** Null on the last page. */
  readonly cursor: string | null;
}

export interface R2Upload {
  readonly key: string;
  readonly uploadId: string;
  readonly metadata: R2Metadata;
  /** Milliseconds since the epoch. */
  readonly created: number;
}

export interface R2ListUploadsOptions {
  readonly prefix: string;
  /** At least 1. */
  readonly limit: number;
  readonly after: { readonly key: string; readonly uploadId: string } | null;
}

export interface R2Part {
  readonly number: number;
  readonly size: number;
  /** The MD5 of the part. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly uploaded: number;
}
