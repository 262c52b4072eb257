/**
 * Objects of a bucket: `R2Object` and `R2ObjectBody` of the types. workerd names the classes HeadResult and GetResult,
 * and shows neither as a global.
 */
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import { type Blob, blobOver } from "../../../web/blob/guest.ts";
import { Body, type BodySource, initBody, internal } from "../../../web/fetch/guest/body.ts";
import { Headers, listBehind } from "../../../web/fetch/guest/headers.ts";
import type { ReadableStream } from "../../../web/streams/guest/readable.ts";
import type { R2CrossingHttpMetadata, R2CrossingObject } from "../contract.ts";
import { define } from "./own-property.ts";

const CONSTRUCTION = Symbol("construction");

export class Checksums {
  #hex: readonly (readonly [name: string, hex: string])[];

  constructor(token: symbol, hex: readonly (readonly [name: string, hex: string])[]) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#hex = hex;
    for (const name of ["sha512", "sha384", "sha256", "sha1", "md5"]) {
      const found = hex.find(([candidate]) => candidate === name);
      define(this, name, found && bytesOfHex(found[1]).buffer);
    }
  }

  toJSON(): Record<string, string> {
    if (!(#hex in this)) throw illegalInvocation();
    return Object.fromEntries(this.#hex);
  }
}

exposeInterface(Checksums);

interface Range {
  readonly offset: number;
  readonly length: number;
}

export class HeadResult {
  #name: string;
  #httpMetadata: R2CrossingHttpMetadata | null;

  constructor(token: symbol, object: R2CrossingObject, range?: Range) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    const [key, version, size, etag, uploaded, checksums, httpMetadata, customMetadata, storageClass, ssec] =
      object;
    this.#name = key;
    this.#httpMetadata = httpMetadata;
    // In workerd's order, which `console.log` and JSON show.
    define(this, "ssecKeyMd5", ssec ?? undefined);
    define(this, "storageClass", storageClass);
    define(this, "range", range && { offset: range.offset, length: range.length, suffix: undefined });
    define(this, "customMetadata", customMetadata === null ? undefined : Object.fromEntries(customMetadata));
    define(this, "httpMetadata", httpMetadata === null ? undefined : publicHttpMetadata(httpMetadata));
    define(this, "uploaded", new Date(uploaded));
    define(this, "checksums", new Checksums(CONSTRUCTION, checksums));
    define(this, "httpEtag", `"${etag}"`);
    define(this, "etag", etag);
    define(this, "size", size);
    define(this, "version", version);
    define(this, "key", key);
  }

  writeHttpMetadata(headers: unknown): void {
    if (!(#name in this)) throw illegalInvocation();
    if (listBehind(headers) === undefined) {
      throw new TypeError(
        "Failed to execute 'writeHttpMetadata' on 'HeadResult': parameter 1 is not of type 'Headers'.",
      );
    }
    const metadata = this.#httpMetadata;
    if (metadata === null) {
      throw new TypeError(
        `HTTP metadata unknown for key \`${this.#name}\`. Did you forget to add 'httpMetadata' to \`include\` when listing?`,
      );
    }
    writeMetadata(headers as Headers, metadata);
  }
}

exposeInterface(HeadResult);

/** By the method that a script cannot have replaced: it refuses headers that must not be changed, and wrong values. */
const set = Headers.prototype.set;

function writeMetadata(headers: Headers, metadata: R2CrossingHttpMetadata): void {
  const { contentType, contentLanguage, contentDisposition, contentEncoding, cacheControl, cacheExpiry } =
    metadata;
  const write = (name: string, value: string | undefined): void => {
    if (value !== undefined) Reflect.apply(set, headers, [name, value]);
  };
  write("content-type", contentType);
  write("content-language", contentLanguage);
  write("content-disposition", contentDisposition);
  write("content-encoding", contentEncoding);
  write("cache-control", cacheControl);
  if (cacheExpiry !== undefined) write("expires", new Date(cacheExpiry).toUTCString());
}

function publicHttpMetadata(metadata: R2CrossingHttpMetadata): Record<string, unknown> {
  const { cacheExpiry } = metadata;
  return {
    contentType: metadata.contentType,
    contentLanguage: metadata.contentLanguage,
    contentDisposition: metadata.contentDisposition,
    contentEncoding: metadata.contentEncoding,
    cacheControl: metadata.cacheControl,
    cacheExpiry: cacheExpiry === undefined ? undefined : new Date(cacheExpiry),
  };
}

/** What reads the body: the same that reads those of requests and responses. */
class ObjectBody extends Body {
  constructor(source: BodySource, length: number) {
    super(internal);
    initBody(this, source, ["content-length", String(length)], true);
  }
}

export class GetResult extends HeadResult {
  #body: ObjectBody;
  #contentType: string;

  constructor(token: symbol, object: R2CrossingObject, range: Range, source: BodySource) {
    super(token, object, range);
    this.#body = new ObjectBody(source, range.length);
    this.#contentType = object[6]?.contentType ?? "";
  }

  get body(): ReadableStream {
    if (!(#body in this)) throw illegalInvocation();
    return this.#body.body as ReadableStream;
  }

  get bodyUsed(): boolean {
    if (!(#body in this)) throw illegalInvocation();
    return this.#body.bodyUsed;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (!(#body in this)) throw illegalInvocation();
    return this.#body.arrayBuffer();
  }

  async bytes(): Promise<Uint8Array> {
    if (!(#body in this)) throw illegalInvocation();
    return this.#body.bytes();
  }

  async text(): Promise<string> {
    if (!(#body in this)) throw illegalInvocation();
    return this.#body.text();
  }

  async json(): Promise<unknown> {
    if (!(#body in this)) throw illegalInvocation();
    return this.#body.json();
  }

  async blob(): Promise<Blob> {
    if (!(#body in this)) throw illegalInvocation();
    return blobOver(await this.#body.bytes(), this.#contentType);
  }
}

exposeInterface(GetResult);

export const headResult = (object: R2CrossingObject, range?: Range): HeadResult =>
  new HeadResult(CONSTRUCTION, object, range);

export const getResult = (object: R2CrossingObject, range: Range, source: BodySource): GetResult =>
  new GetResult(CONSTRUCTION, object, range, source);

function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  return bytes;
}
