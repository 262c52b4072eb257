/** From the options that a worker gives to what crosses. */
import { toNumber } from "../../../guest/numbers.ts";
import { wrongField } from "../../../guest/type-errors.ts";
import { bytesOf, DOMString } from "../../../guest/webidl.ts";
import type {
  R2Condition,
  R2CrossingHttpMetadata,
  R2CrossingMetadata,
  R2CrossingPutOptions,
  R2Etag,
  R2Range,
} from "../contract.ts";
import { parseEtagList } from "../etag-list.ts";
import {
  type Dictionary,
  dateField,
  dictionaryOrHeaders,
  headerDate,
  headerReader,
  looseString,
  ssecKeyField,
  strictString,
  toHex,
} from "./convert.ts";

/** What is left of an object without the undefined ones. */
function defined<T extends object>(source: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const result: Dictionary = {};
  for (const key of Object.keys(source)) {
    const value = (source as Dictionary)[key];
    if (value !== undefined) result[key] = value;
  }
  return result as { [K in keyof T]?: Exclude<T[K], undefined> };
}

export function conditionOf(source: Dictionary, dictionary: string): R2Condition | undefined {
  const given = dictionaryOrHeaders(source, "onlyIf", dictionary, "Conditional");
  if (given === undefined) return undefined;
  const header = headerReader(given);
  return header === undefined ? conditionOfDictionary(given as Dictionary) : conditionOfHeaders(header);
}

function conditionOfDictionary(source: Dictionary): R2Condition {
  return defined({
    etagMatches: etagField(source, "etagMatches"),
    etagDoesNotMatch: etagField(source, "etagDoesNotMatch"),
    uploadedBefore: dateField(source, "uploadedBefore", "Conditional"),
    uploadedAfter: dateField(source, "uploadedAfter", "Conditional"),
    secondsGranularity: source["secondsGranularity"] ? true : undefined,
  });
}

function etagField(source: Dictionary, field: string): readonly R2Etag[] | undefined {
  const value = strictString(source, field, "Conditional");
  if (value === undefined) return undefined;
  if (value.length > 1 && value.startsWith('"') && value.endsWith('"')) {
    throw new TypeError(`Conditional ETag should not be wrapped in quotes (${value}).`);
  }
  return [value === "*" ? ["*"] : ["strong", value]];
}

function conditionOfHeaders(header: (name: string) => string | undefined): R2Condition {
  const etags = (name: string): readonly R2Etag[] | undefined => {
    const value = header(name);
    return value === undefined ? undefined : parseEtagList(name, value);
  };
  const date = (name: string): number | undefined => {
    const value = header(name);
    return value === undefined ? undefined : headerDate(value);
  };
  return defined({
    etagMatches: etags("if-match"),
    etagDoesNotMatch: etags("if-none-match"),
    uploadedAfter: date("if-modified-since"),
    uploadedBefore: date("if-unmodified-since"),
    secondsGranularity: true,
  });
}

export function rangeOf(source: Dictionary): R2Range | null {
  const given = source["range"];
  if (given === undefined || given === null) return null;
  const header = headerReader(given);
  if (header !== undefined) return header("range") ?? null;
  if (typeof given !== "object" && typeof given !== "function") {
    throw wrongField("range", "GetOptions", "Range or Headers");
  }
  const fields = given as Dictionary;
  const [offset, length, suffix] = [fields["offset"], fields["length"], fields["suffix"]].map(value =>
    value === undefined ? null : toNumber(value),
  ) as [number | null, number | null, number | null];
  check(offset, "Invalid range. Starting offset", "Invalid range. Starting offset");
  check(length, "Invalid range. Length", "Invalid range. Length");
  if (suffix !== null) {
    if (offset !== null) throw new TypeError("Suffix is incompatible with offset.");
    if (length !== null) throw new TypeError("Suffix is incompatible with length.");
    check(suffix, "Invalid suffix. Suffix", "Invalid range. Suffix");
  }
  if (offset === null && length === null && suffix === null) return null;
  // JSON has no infinity, and no object is as large as this.
  const bounded = (value: number | null) => value && Math.min(value, Number.MAX_SAFE_INTEGER);
  return [bounded(offset), bounded(length), bounded(suffix)];
}

function check(value: number | null, negative: string, fractional: string): void {
  if (value === null) return;
  const shown = Number.isNaN(value) ? "nan" : String(value);
  if (!(value >= 0)) throw new RangeError(`${negative} (${shown}) must be greater than or equal to 0.`);
  if (Number.isFinite(value) && !Number.isInteger(value)) {
    throw new RangeError(`${fractional} (${shown}) must be an integer, not floating point.`);
  }
}

/** Reads the metadata of a put or an upload. */
export function metadataOf(source: Dictionary, dictionary: string): R2CrossingMetadata {
  return defined({
    httpMetadata: httpMetadataOf(source, dictionary),
    customMetadata: customMetadataOf(source, dictionary),
    storageClass: looseString(source, "storageClass"),
    ssecKey: ssecKeyField(source),
  });
}

function httpMetadataOf(source: Dictionary, dictionary: string): R2CrossingHttpMetadata | undefined {
  const given = dictionaryOrHeaders(source, "httpMetadata", dictionary, "HttpMetadata");
  if (given === undefined) return undefined;
  const header = headerReader(given);
  if (header === undefined) {
    const fields = given as Dictionary;
    return defined({
      contentType: looseString(fields, "contentType"),
      contentLanguage: looseString(fields, "contentLanguage"),
      contentDisposition: looseString(fields, "contentDisposition"),
      contentEncoding: looseString(fields, "contentEncoding"),
      cacheControl: looseString(fields, "cacheControl"),
      cacheExpiry: dateField(fields, "cacheExpiry", "HttpMetadata"),
    });
  }
  const expires = header("expires");
  return defined({
    contentType: header("content-type"),
    contentLanguage: header("content-language"),
    contentDisposition: header("content-disposition"),
    contentEncoding: header("content-encoding"),
    cacheControl: header("cache-control"),
    cacheExpiry: expires === undefined ? undefined : headerDate(expires),
  });
}

function customMetadataOf(
  source: Dictionary,
  dictionary: string,
): readonly (readonly [string, string])[] | undefined {
  const given = source["customMetadata"];
  if (given === undefined) return undefined;
  if ((typeof given !== "object" || given === null) && typeof given !== "function") {
    throw wrongField("customMetadata", dictionary, "object");
  }
  return Object.keys(given).map(name => [
    name.toWellFormed(),
    DOMString((given as Dictionary)[name]).toWellFormed(),
  ]);
}

export function putOptions(source: Dictionary): R2CrossingPutOptions {
  const onlyIf = conditionOf(source, "PutOptions");
  const metadata = metadataOf(source, "PutOptions");
  const checksum = checksumOf(source);
  return { ...metadata, ...defined({ onlyIf, checksum }) };
}

const CHECKSUMS = [
  ["md5", "MD5", 16],
  ["sha1", "SHA-1", 20],
  ["sha256", "SHA-256", 32],
  ["sha384", "SHA-384", 48],
  ["sha512", "SHA-512", 64],
] as const;

function checksumOf(source: Dictionary): readonly [string, string] | undefined {
  let found: readonly [string, string] | undefined;
  for (const [name, title, size] of CHECKSUMS) {
    const value = source[name];
    if (value === undefined) continue;
    if (found !== undefined) throw new TypeError("You cannot specify multiple hashing algorithms.");
    found = [name, checksumHex(value, name, title, size)];
  }
  return found;
}

function checksumHex(value: unknown, name: string, title: string, size: number): string {
  if (typeof value === "string") {
    if (value.length !== size * 2)
      throw new TypeError(`${title} is ${size * 2} hex characters, not ${value.length}`);
    if (!/^[0-9a-f]+$/i.test(value)) throw new TypeError(`Provided ${title} wasn't a valid hex string`);
    return value.toLowerCase();
  }
  const bytes = bytesOf(value);
  if (bytes === undefined) throw wrongField(name, "PutOptions", "JsBufferSource or string");
  if (bytes.byteLength !== size) throw new TypeError(`${title} is ${size} bytes, not ${bytes.byteLength}`);
  return toHex(bytes);
}
