/** `R2Bucket`, as a worker sees it (https://developers.cloudflare.com/r2/api/workers/workers-api-reference/). */
import { type CompatibilityFlag, isFlagOn } from "../../../guest/compatibility.ts";
import { call } from "../../../guest/host.ts";
import { toInt } from "../../../guest/numbers.ts";
import { PromiseThen } from "../../../guest/primordials.ts";
import { wrongField } from "../../../guest/type-errors.ts";
import { DOMString, exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import type { BodySource } from "../../../web/fetch/guest/body.ts";
import { isReadableStream } from "../../../web/streams/guest/readable.ts";
import type { BindingDescriptor } from "../../contracts.ts";
import type { R2CrossingPutOptions } from "../contract.ts";
import { r2Limits } from "../limits.ts";
import { publicUrl } from "../urls.ts";
import {
  type Dictionary,
  deleteArgument,
  dictionaryArgument,
  sendValue,
  ssecKeyField,
  strictString,
  stringArgument,
  valueArgument,
} from "./convert.ts";
import { multipartUpload, type R2MultipartUpload } from "./multipart.ts";
import { type GetResult, getResult, type HeadResult, headResult } from "./object.ts";
import { conditionOf, metadataOf, putOptions, rangeOf } from "./options.ts";

const CONSTRUCTION = Symbol("construction");

/** Before it a list always had all metadata. */
const LIST_HONORS_INCLUDE: CompatibilityFlag = {
  on: "r2_list_honor_include",
  off: "",
  since: "2022-08-04",
};

const CANCELLED = "Stream cancelled because the associated put operation encountered an error.";
const METHODS = ["GET", "HEAD", "PUT", "DELETE"];

const on = (method: string) => ({ method, interface: "R2Bucket" });

interface ListResult {
  readonly objects: HeadResult[];
  readonly truncated: boolean;
  readonly cursor: string | undefined;
  readonly delimitedPrefixes: readonly string[];
}

/** An R2 bucket bound to a worker. */
export class R2Bucket {
  #binding: string;
  #bucket: string;
  #origin: string;

  constructor(token: symbol, descriptor: BindingDescriptor) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    const { name, id, origin } = descriptor;
    this.#binding = name;
    this.#bucket = id as string;
    this.#origin = origin as string;
  }

  async head(key: unknown): Promise<HeadResult | null> {
    if (!(#binding in this)) throw illegalInvocation();
    const name = stringArgument(key, on("head"), 1, arguments.length);
    const object = await call("r2.head", this.#binding, name);
    return object && headResult(object, { offset: 0, length: object[2] });
  }

  async get(key: unknown, options: unknown = undefined): Promise<GetResult | HeadResult | null> {
    if (!(#binding in this)) throw illegalInvocation();
    const name = stringArgument(key, on("get"), 1, arguments.length);
    const source = dictionaryArgument(options, on("get"), 2, "GetOptions");
    const onlyIf = conditionOf(source, "GetOptions") ?? null;
    const range = rangeOf(source);
    const ssecKey = ssecKeyField(source) ?? null;
    const answer = await call("r2.get", this.#binding, name, onlyIf, range, ssecKey);
    if (answer === null) return null;
    const [body, object, offset, length] = answer;
    if (body === null) return headResult(object, { offset, length });
    return getResult(object, { offset, length }, body as BodySource);
  }

  async put(key: unknown, value: unknown, options: unknown = undefined): Promise<HeadResult | null> {
    if (!(#binding in this)) throw illegalInvocation();
    const name = stringArgument(key, on("put"), 1, arguments.length);
    const nothing = (value === null || value === undefined) && arguments.length >= 2;
    const source = nothing ? "" : valueArgument(value, on("put"), arguments.length);
    const settings = putSettings(options, source);
    const object = await sendValue(source, (crossing, size) =>
      call("r2.put", this.#binding, name, crossing, size, settings),
    );
    return object && headResult(object);
  }

  async createMultipartUpload(key: unknown, options: unknown = undefined): Promise<R2MultipartUpload> {
    if (!(#binding in this)) throw illegalInvocation();
    const name = stringArgument(key, on("createMultipartUpload"), 1, arguments.length);
    const source = dictionaryArgument(options, on("createMultipartUpload"), 2, "MultipartOptions");
    const metadata = metadataOf(source, "MultipartOptions");
    const uploadId = await call("r2.createMultipartUpload", this.#binding, name, metadata);
    return multipartUpload(this.#binding, name, uploadId);
  }

  resumeMultipartUpload(key: unknown, uploadId: unknown): R2MultipartUpload {
    if (!(#binding in this)) throw illegalInvocation();
    const name = stringArgument(key, on("resumeMultipartUpload"), 1, arguments.length);
    const id = stringArgument(uploadId, on("resumeMultipartUpload"), 2, arguments.length);
    return multipartUpload(this.#binding, name, id);
  }

  async delete(keys: unknown): Promise<void> {
    if (!(#binding in this)) throw illegalInvocation();
    await call("r2.delete", this.#binding, deleteArgument(keys, on("delete"), arguments.length));
  }

  async list(options: unknown = undefined): Promise<ListResult> {
    if (!(#binding in this)) throw illegalInvocation();
    const source = dictionaryArgument(options, on("list"), 1, "ListOptions");
    const [objects, delimitedPrefixes, cursor] = await call("r2.list", this.#binding, listOptions(source));
    return {
      objects: objects.map(object => headResult(object)),
      truncated: cursor !== null,
      cursor: cursor ?? undefined,
      delimitedPrefixes,
    };
  }

  /**
   * Ours, not Cloudflare's: a URL of this program's server that does `options.method` (GET unless given) to an object
   * for `options.expiresIn` seconds (3600 unless given, a week at most).
   */
  async createSignedUrl(key: unknown, options: unknown = undefined): Promise<string> {
    if (!(#binding in this)) throw illegalInvocation();
    const name = stringArgument(key, on("createSignedUrl"), 1, arguments.length);
    const source = dictionaryArgument(options, on("createSignedUrl"), 2, "SignedUrlOptions");
    const method = source["method"] === undefined ? "GET" : DOMString(source["method"]).toUpperCase();
    if (!METHODS.includes(method)) {
      throw new TypeError(`createSignedUrl: the method is one of ${METHODS.join(", ")}, not ${method}.`);
    }
    const seconds = source["expiresIn"] === undefined ? 3600 : toInt(source["expiresIn"]);
    if (seconds < 1 || seconds > r2Limits.signedUrlSeconds) {
      throw new RangeError(
        `createSignedUrl: expiresIn is from 1 to ${r2Limits.signedUrlSeconds} seconds, not ${seconds}.`,
      );
    }
    return call("r2.createSignedUrl", this.#binding, name, method, seconds);
  }

  /** Ours, not Cloudflare's: the URL at which this program's server has the object for everybody on this machine. */
  publicUrl(key: unknown): string {
    if (!(#binding in this)) throw illegalInvocation();
    const name = stringArgument(key, on("publicUrl"), 1, arguments.length);
    return publicUrl(this.#origin, this.#bucket, name);
  }
}

exposeInterface(R2Bucket);

/** The object on `env` for a binding. */
export function createR2Bucket(descriptor: BindingDescriptor): R2Bucket {
  return new R2Bucket(CONSTRUCTION, descriptor);
}

/** The options of a put. Where they are wrong, a stream that was to be put is cancelled. */
function putSettings(options: unknown, value: unknown): R2CrossingPutOptions | null {
  try {
    const source = dictionaryArgument(options, on("put"), 3, "PutOptions");
    return options === undefined ? null : putOptions(source);
  } catch (error) {
    if (isReadableStream(value)) PromiseThen(value.cancel(new Error(CANCELLED)), ignore, ignore);
    throw error;
  }
}

const ignore = (): void => {};

function listOptions(source: Dictionary) {
  const limit = source["limit"] === undefined ? -1 : toInt(source["limit"]);
  const text = (field: string): Record<string, string> => {
    const value = strictString(source, field, "ListOptions");
    return value === undefined ? {} : { [field]: value };
  };
  const include = includeOf(source["include"]);
  const everything = !isFlagOn(LIST_HONORS_INCLUDE);
  return {
    // As on workerd, where -1 stands for none.
    ...(limit === -1 ? {} : { limit }),
    ...text("prefix"),
    ...text("cursor"),
    ...text("delimiter"),
    ...text("startAfter"),
    includeHttpMetadata: everything || include.includes("httpMetadata"),
    includeCustomMetadata: everything || include.includes("customMetadata"),
  };
}

function includeOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrongField("include", "ListOptions", "Array");
  return value.map(field => {
    if (field === "httpMetadata" || field === "customMetadata") return field;
    throw new RangeError(`Unsupported include value ${DOMString(field)}`);
  });
}
