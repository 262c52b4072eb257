/** `R2MultipartUpload`, as a worker sees it. */
import { call } from "../../../guest/host.ts";
import { toInt } from "../../../guest/numbers.ts";
import { DOMString, exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import { r2Limits } from "../limits.ts";
import {
  arrayArgument,
  type Dictionary,
  dictionaryArgument,
  sendValue,
  ssecKeyField,
  valueArgument,
} from "./convert.ts";
import { type HeadResult, headResult } from "./object.ts";
import { define } from "./own-property.ts";

const CONSTRUCTION = Symbol("construction");

const on = (method: string) => ({ method, interface: "R2MultipartUpload" });

/** An upload in parts. It may have been begun by another worker, or not at all: only its calls tell. */
export class R2MultipartUpload {
  #binding: string;
  #key: string;
  #uploadId: string;

  constructor(token: symbol, binding: string, key: string, uploadId: string) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#binding = binding;
    this.#key = key;
    this.#uploadId = uploadId;
    define(this, "uploadId", uploadId);
    define(this, "key", key);
  }

  async uploadPart(partNumber: unknown, value: unknown, options: unknown = undefined): Promise<unknown> {
    if (!(#binding in this)) throw illegalInvocation();
    const number = toInt(partNumber);
    const source = valueArgument(value, on("uploadPart"), arguments.length);
    checkPartNumber(number);
    const settings = dictionaryArgument(options, on("uploadPart"), 3, "UploadPartOptions");
    const ssecKey = ssecKeyField(settings) ?? null;
    const etag = await sendValue(source, (crossing, size) =>
      call("r2.uploadPart", this.#binding, this.#key, this.#uploadId, number, crossing, size, ssecKey),
    );
    return { partNumber: number, etag };
  }

  async abort(): Promise<void> {
    if (!(#binding in this)) throw illegalInvocation();
    await call("r2.abortMultipartUpload", this.#binding, this.#key, this.#uploadId);
  }

  async complete(uploadedParts: unknown): Promise<HeadResult> {
    if (!(#binding in this)) throw illegalInvocation();
    const parts = arrayArgument(uploadedParts, on("complete"), 1).map(uploadedPart);
    for (const [number] of parts) checkPartNumber(number);
    const object = await call("r2.completeMultipartUpload", this.#binding, this.#key, this.#uploadId, parts);
    return headResult(object);
  }
}

exposeInterface(R2MultipartUpload);

export const multipartUpload = (binding: string, key: string, uploadId: string): R2MultipartUpload =>
  new R2MultipartUpload(CONSTRUCTION, binding, key, uploadId);

function uploadedPart(part: unknown, index: number): readonly [number: number, etag: string] {
  if ((typeof part !== "object" || part === null) && typeof part !== "function") {
    throw new TypeError(
      `Incorrect type for array element ${index}: the provided value is not of type 'UploadedPart'.`,
    );
  }
  const { partNumber, etag } = part as Dictionary;
  return [toInt(partNumber), DOMString(etag)];
}

function checkPartNumber(number: number): void {
  if (number >= 1 && number <= r2Limits.parts) return;
  throw new TypeError(
    `Part number must be between 1 and ${r2Limits.parts} (inclusive). Actual value was: ${number}`,
  );
}
