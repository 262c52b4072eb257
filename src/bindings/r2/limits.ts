/** Cloudflare's limits of R2 (https://developers.cloudflare.com/r2/platform/limits/). */
export interface R2Limits {
  readonly keyBytes: number;
  /** An object that is put in one piece, and a part of a multipart upload. */
  readonly objectBytes: number;
  /** Names and values of an object's custom metadata together. */
  readonly metadataBytes: number;
  /** Objects and prefixes that one `list` may answer with, and the number when none is asked for. */
  readonly listObjects: number;
  /** The same where metadata is included: an answer of R2's is bounded by its size, and pages get shorter. */
  readonly listObjectsWithMetadata: number;
  /** Keys that one `delete` may name. */
  readonly deleteKeys: number;
  /** The least that a part may have, the last one aside. */
  readonly partBytes: number;
  /** The highest number of a part. */
  readonly parts: number;
  /** The time after which an upload that was not completed is aborted. */
  readonly uploadMilliseconds: number;
  /** The longest time for which a URL can be signed. */
  readonly signedUrlSeconds: number;
}

export const r2Limits: R2Limits = {
  keyBytes: 1024,
  objectBytes: 5 * 1024 ** 3 - 5 * 1024 ** 2,
  metadataBytes: 8192,
  listObjects: 1000,
  listObjectsWithMetadata: 100,
  deleteKeys: 1000,
  partBytes: 5 * 1024 ** 2,
  parts: 10_000,
  uploadMilliseconds: 7 * 24 * 60 * 60 * 1000,
  signedUrlSeconds: 7 * 24 * 60 * 60,
};
