/** What crosses for R2. The first argument is always the binding's name. */
import type { WireBody } from "../../web/fetch/contract.ts";

/** A value for R2: text, bytes, or the handle of a stream. */
export type R2CrossingValue = string | Uint8Array | number;

export type R2CrossingHttpMetadata = {
  readonly contentType?: string;
  readonly contentLanguage?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly cacheControl?: string;
  /** Milliseconds since the epoch. */
  readonly cacheExpiry?: number;
};

/** An object without its value. `uploaded` is in milliseconds since the epoch, checksums are in hexadecimal digits. */
export type R2CrossingObject = readonly [
  key: string,
  version: string,
  size: number,
  etag: string,
  uploaded: number,
  checksums: readonly (readonly [name: string, hex: string])[],
  /** Null, in a list, where it was not to be included. */
  httpMetadata: R2CrossingHttpMetadata | null,
  customMetadata: readonly (readonly [name: string, value: string])[] | null,
  storageClass: string,
  ssecKeyMd5: string | null,
];

export type R2Etag = readonly [type: "strong" | "weak", value: string] | readonly [type: "*"];

/** Times are in milliseconds since the epoch. */
export type R2Condition = {
  readonly etagMatches?: readonly R2Etag[];
  readonly etagDoesNotMatch?: readonly R2Etag[];
  readonly uploadedBefore?: number;
  readonly uploadedAfter?: number;
  readonly secondsGranularity?: boolean;
};

/** As numbers, or a Range header. */
export type R2Range = readonly [offset: number | null, length: number | null, suffix: number | null] | string;

export type R2CrossingMetadata = {
  readonly httpMetadata?: R2CrossingHttpMetadata;
  readonly customMetadata?: readonly (readonly [name: string, value: string])[];
  readonly storageClass?: string;
  /** In hexadecimal digits. */
  readonly ssecKey?: string;
};

export type R2CrossingPutOptions = R2CrossingMetadata & {
  readonly onlyIf?: R2Condition;
  /** In hexadecimal digits, by name. */
  readonly checksum?: readonly [name: string, hex: string];
};

export type R2CrossingListOptions = {
  readonly limit?: number;
  readonly prefix?: string;
  readonly cursor?: string;
  readonly delimiter?: string;
  readonly startAfter?: string;
  readonly includeHttpMetadata: boolean;
  readonly includeCustomMetadata: boolean;
};

export interface R2AsyncOps {
  "r2.head"(binding: string, key: string): R2CrossingObject | null;
  /** The body is null when the condition does not hold. */
  "r2.get"(
    binding: string,
    key: string,
    onlyIf: R2Condition | null,
    range: R2Range | null,
    ssecKey: string | null,
  ): readonly [body: WireBody, object: R2CrossingObject, offset: number, length: number] | null;
  /** Answers when the object is stored for good; null when the condition does not hold. `size` is that of a stream. */
  "r2.put"(
    binding: string,
    key: string,
    value: R2CrossingValue,
    size: number | null,
    options: R2CrossingPutOptions | null,
  ): R2CrossingObject | null;
  "r2.delete"(binding: string, keys: readonly string[]): null;
  "r2.list"(
    binding: string,
    options: R2CrossingListOptions,
  ): readonly [objects: readonly R2CrossingObject[], prefixes: readonly string[], cursor: string | null];
  /** Answers with the id of the upload. */
  "r2.createMultipartUpload"(binding: string, key: string, options: R2CrossingMetadata): string;
  /** Answers with the entity tag of the part. */
  "r2.uploadPart"(
    binding: string,
    key: string,
    uploadId: string,
    part: number,
    value: R2CrossingValue,
    size: number | null,
    ssecKey: string | null,
  ): string;
  "r2.completeMultipartUpload"(
    binding: string,
    key: string,
    uploadId: string,
    parts: readonly (readonly [part: number, etag: string])[],
  ): R2CrossingObject;
  "r2.abortMultipartUpload"(binding: string, key: string, uploadId: string): null;
  /** A URL that does `method` to an object for `seconds`, by whoever has it. */
  "r2.createSignedUrl"(binding: string, key: string, method: string, seconds: number): string;
}
