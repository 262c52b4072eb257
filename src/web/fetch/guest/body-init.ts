/** From a `BodyInit` to what a body is read from (https://fetch.spec.whatwg.org/#concept-bodyinit-extract). */
import { isFlagOn } from "../../../guest/compatibility.ts";
import { bytesOf, DOMString } from "../../../guest/webidl.ts";
import { isBlob } from "../../blob/guest.ts";
import { serializeMultipart } from "../../form-data/guest/multipart.ts";
import { formDataEntries } from "../../form-data/guest.ts";
import { isReadableStream, ReadableStream } from "../../streams/guest/readable.ts";
import { isDisturbed, isLocked } from "../../streams/guest/transfer.ts";
import { URLSearchParams } from "../../url/guest/search-params.ts";
import type { WireHeaders } from "../contract.ts";
import type { BodySource } from "./body.ts";
import { findHeader } from "./header-list.ts";

const LOCKED = "This ReadableStream is locked to a reader, and cannot be used as a body.";
const DISTURBED =
  "This ReadableStream is disturbed (has already been read from), and cannot be used as a body.";

/** The source of a body. Adds the Content-Type of its kind to the headers, unless they have one. */
export function extractBody(init: unknown, headers: WireHeaders, context: string): BodySource {
  if (init === null || init === undefined) return null;
  if (typeof init !== "object" && typeof init !== "function") {
    setType(headers, "text/plain;charset=UTF-8");
    return DOMString(init, context).toWellFormed();
  }
  if (isReadableStream(init)) {
    if (isDisturbed(init)) throw new TypeError(DISTURBED);
    if (isLocked(init)) throw new TypeError(LOCKED);
    return init;
  }
  if (isBlob(init)) {
    if (init.type !== "") setType(headers, init.type);
    return init;
  }
  const bytes = bytesOf(init);
  if (bytes !== undefined) return bytes.slice();
  if (init instanceof URLSearchParams) {
    setType(headers, "application/x-www-form-urlencoded;charset=UTF-8");
    return init.toString();
  }
  const entries = formDataEntries(init);
  if (entries !== undefined) {
    const boundary = randomBoundary();
    setType(headers, `multipart/form-data; boundary=${boundary}`);
    return serializeMultipart(entries, boundary);
  }
  if (isChunkIterable(init)) return ReadableStream.from(init);
  setType(headers, "text/plain;charset=UTF-8");
  return DOMString(init, context).toWellFormed();
}

function setType(headers: WireHeaders, type: string): void {
  if (findHeader(headers, "content-type") < 0) headers.push("Content-Type", type);
}

const ITERABLES = {
  on: "fetch_iterable_type_support",
  off: "no_fetch_iterable_type_support",
  since: "2026-02-19",
};

/**
 * Whether an object is a body because it can be iterated: workerd's extension. Objects with a `toString` of their own
 * stay strings, which arrays were too at first.
 */
function isChunkIterable(value: object): value is AsyncIterable<unknown> | Iterable<unknown> {
  const candidate = value as {
    [Symbol.asyncIterator]?: unknown;
    [Symbol.iterator]?: unknown;
    [Symbol.toPrimitive]?: unknown;
  };
  if (typeof candidate[Symbol.asyncIterator] === "function") return true;
  if (typeof candidate[Symbol.iterator] !== "function") return false;
  if (Array.isArray(value)) return isFlagOn(ITERABLES);
  return candidate.toString === Object.prototype.toString && candidate[Symbol.toPrimitive] === undefined;
}

function randomBoundary(): string {
  let digits = "";
  while (digits.length < 32) {
    digits += Math.floor(Math.random() * 0x100000000)
      .toString(16)
      .padStart(8, "0");
  }
  return digits;
}
