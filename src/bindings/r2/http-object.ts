/** Objects over HTTP: conditions and ranges of requests, headers of responses. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type AskedRange, parseRange } from "../../web/fetch/byte-range.ts";
import type { R2Bucket } from "./bucket.ts";
import { holds, sliceOfAsked } from "./condition.ts";
import type { R2Condition, R2Etag } from "./contract.ts";
import { R2Error } from "./errors.ts";
import { parseEtagList } from "./etag-list.ts";
import type { R2Entry, R2Head, R2HttpMetadata, R2Slice } from "./store.ts";

/** The condition that a request's headers make; undefined for none. Throws a MalformedHeader. */
export function conditionOf(headers: IncomingHttpHeaders, prefix = ""): R2Condition | undefined {
  const value = (name: string) => headers[prefix + name] as string | undefined;
  const etags = (name: string) => {
    const header = value(name);
    return header === undefined ? undefined : tolerantEtags(name, header);
  };
  const date = (name: string) => {
    const time = Date.parse(value(name) ?? "");
    return Number.isNaN(time) ? undefined : time;
  };
  const condition = {
    etagMatches: etags("if-match"),
    etagDoesNotMatch: etags("if-none-match"),
    uploadedAfter: date("if-modified-since"),
    uploadedBefore: inclusive(date("if-unmodified-since")),
  };
  if (Object.values(condition).every(part => part === undefined)) return undefined;
  return JSON.parse(JSON.stringify({ ...condition, secondsGranularity: true })) as R2Condition;
}

/** As HTTP has it: not modified since that second. R2's own bound is exclusive. */
const inclusive = (time: number | undefined) => (time === undefined ? undefined : time + 1000);

/** Many clients leave out the quotation marks. */
function tolerantEtags(name: string, header: string): readonly R2Etag[] {
  if (/^[^"*,\s]+$/.test(header)) return [["strong", header]];
  try {
    return parseEtagList(name, header);
  } catch (error) {
    throw new MalformedHeader((error as Error).message);
  }
}

/** A header that is not what its name promises. */
export class MalformedHeader extends Error {}

export interface Found {
  readonly entry: R2Entry;
  /** Whether a range was asked for. */
  readonly partial: boolean;
}

/**
 * The object that a GET or HEAD asks for, by its conditions and its range. Null where there is none; an R2Error for a range
 * that cannot be had.
 */
export async function findObject(
  bucket: R2Bucket,
  key: string,
  headers: IncomingHttpHeaders,
  options: { readonly range?: AskedRange | undefined; readonly ssecKey?: string | undefined } = {},
): Promise<Found | null> {
  const { range: asked, ssecKey } = options;
  let partial = false;
  const range = (head: R2Head): R2Slice => {
    partial = asked !== undefined && ifRangeHolds(headers["if-range"], head);
    if (asked === undefined || !partial) return { offset: 0, length: head.size };
    const slice = sliceOfAsked(asked, head.size);
    if (slice === undefined) throw new R2Error("InvalidRange");
    return slice;
  };
  const onlyIf = conditionOf(headers);
  const entry = await bucket.get(key, { onlyIf, range, ssecKey });
  return entry && { entry, partial };
}

/** The range that a header asks for; undefined without one. Throws a MalformedHeader. */
export function rangeOf(header: string | undefined): AskedRange | undefined {
  if (header === undefined) return undefined;
  const asked = parseRange(header);
  if (asked === undefined) throw new MalformedHeader("The Range header is not a single range of bytes.");
  return asked;
}

function ifRangeHolds(header: string | string[] | undefined, { etag, uploaded }: R2Head): boolean {
  if (typeof header !== "string") return true;
  if (header.startsWith('"') || header.startsWith("W/")) return header === `"${etag}"`;
  const time = Date.parse(header);
  return !Number.isNaN(time) && Math.floor(uploaded / 1000) * 1000 <= time;
}

/** The status for an object whose condition did not hold: it has not changed, or it is not the one that was meant. */
export function refusalStatus(headers: IncomingHttpHeaders, head: R2Head): 304 | 412 {
  const { etagMatches, uploadedBefore } = conditionOf(headers) ?? {};
  const precondition = {
    ...(etagMatches === undefined ? {} : { etagMatches }),
    ...(uploadedBefore === undefined ? {} : { uploadedBefore, secondsGranularity: true }),
  };
  return holds(precondition, head) ? 304 : 412;
}

/** The headers that tell of an object, whatever is sent of it. */
export function objectHeaders(head: R2Head): Record<string, string> {
  return {
    ...metadataHeaders(head.httpMetadata),
    ETag: `"${head.etag}"`,
    "Last-Modified": new Date(head.uploaded).toUTCString(),
    "Accept-Ranges": "bytes",
  };
}

function metadataHeaders(metadata: R2HttpMetadata): Record<string, string> {
  const { contentType, contentLanguage, contentDisposition, contentEncoding, cacheControl, cacheExpiry } =
    metadata;
  const headers = {
    "Content-Type": contentType,
    "Content-Language": contentLanguage,
    "Content-Disposition": contentDisposition,
    "Content-Encoding": contentEncoding,
    "Cache-Control": cacheControl,
    Expires: cacheExpiry === undefined ? undefined : new Date(cacheExpiry).toUTCString(),
  };
  const present = Object.entries(headers).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(present.map(([name, value]) => [name, headerValue(value)]));
}

/** A text as a header may have it: RFC 2047's encoding for what is not ASCII. */
export function headerValue(text: string): string {
  return /^[\t\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`;
}

/** Sends what was found of an object, or its headers alone for a HEAD. */
export async function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  { entry, partial }: Found,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { head, slice, body } = entry;
  const { offset, length } = slice ?? { offset: 0, length: head.size };
  response.writeHead(partial ? 206 : 200, {
    ...headers,
    "Content-Length": String(length),
    ...(partial ? { "Content-Range": `bytes ${offset}-${offset + length - 1}/${head.size}` } : {}),
  });
  if (!(body instanceof Readable)) {
    response.end(request.method === "HEAD" ? undefined : body);
  } else if (request.method === "HEAD") {
    body.destroy();
    response.end();
  } else {
    // A client that goes away, or a file that is lost, ends the connection: the head has been sent.
    await pipeline(body, response).catch(() => response.destroy());
  }
}

/** Lets go of an object that is not sent. */
export function discard({ body }: R2Entry): void {
  if (body instanceof Readable) body.destroy();
}
