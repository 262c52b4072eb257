/** What a worker answered, sent to the client: lengths, encodings and framing are the server's to decide. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { Answer } from "../engine/ops.ts";
import type { WireHeaders, WireResponse } from "../web/fetch/contract.ts";
import { DecodedBody } from "../web/fetch/decoded-body.ts";
import { headerToLatin1 } from "../web/fetch/header-bytes.ts";
import { encoderFor } from "./content-encoding.ts";

type Encoder = () => NodeJS.ReadWriteStream;

interface Head {
  /** Without those that the server itself decides. */
  readonly headers: string[];
  /** The Content-Length that the worker gave; undefined where it is no number. */
  readonly length: number | undefined;
  readonly contentType: string;
  readonly contentEncoding: string | undefined;
}

const BODYLESS = new Set([101, 204, 205, 304]);

/** Sends the answer. `htmlSuffix` is appended to HTML. */
export function sendAnswer(
  answer: Answer,
  request: IncomingMessage,
  response: ServerResponse,
  htmlSuffix: string | undefined,
): void {
  const [status, statusText, wireHeaders, body, encoding] = answer.result as WireResponse;
  const head = readHead(wireHeaders);
  const { headers, contentEncoding } = head;
  const start = () => response.writeHead(status, headerToLatin1(statusText) || undefined, headers);
  const encoder =
    encoding === "manual" || contentEncoding === undefined ? undefined : encoderFor(contentEncoding);
  const isHtml = head.contentType.startsWith("text/html") && contentEncoding === undefined && status !== 206;
  const suffix = isHtml ? htmlSuffix : undefined;
  if (typeof body === "number") {
    const readable = answer.context.streams.take(body);
    const length = encoder === undefined && suffix === undefined ? head.length : undefined;
    if (length !== undefined) headers.push("Content-Length", String(length));
    start();
    if (request.method === "HEAD" || BODYLESS.has(status)) {
      readable.destroy();
      response.end();
    } else {
      sendStream(readable, response, encoder, contentEncoding, suffix, length);
    }
    return;
  }
  const content = suffix === undefined || body === null ? (body ?? "") : appended(body, suffix);
  if (encoder !== undefined && body !== null && request.method !== "HEAD") {
    start();
    const stream = encoder();
    stream.pipe(response);
    stream.end(content);
    return;
  }
  if (!BODYLESS.has(status))
    headers.push("Content-Length", String(lengthOf(content, body === null, head, request)));
  start();
  response.end(BODYLESS.has(status) ? undefined : content);
}

function readHead(wireHeaders: WireHeaders): Head {
  const headers: string[] = [];
  let length: number | undefined;
  let contentType = "";
  let contentEncoding: string | undefined;
  for (let index = 0; index < wireHeaders.length; index += 2) {
    const name = wireHeaders[index] as string;
    const value = wireHeaders[index + 1] as string;
    switch (name.toLowerCase()) {
      case "content-length":
        if (/^\d{1,15}$/.test(value)) length = Number(value);
        continue;
      case "connection":
      case "keep-alive":
      case "transfer-encoding":
        continue;
      case "content-type":
        contentType = value;
        break;
      case "content-encoding":
        contentEncoding = contentEncoding === undefined ? value : `${contentEncoding}, ${value}`;
        break;
    }
    headers.push(name, headerToLatin1(value));
  }
  return { headers, length, contentType, contentEncoding };
}

/** The length of a body that is here. A HEAD request's answer may tell the length of one that is not. */
function lengthOf(content: string | Uint8Array, none: boolean, head: Head, request: IncomingMessage): number {
  if (none && request.method === "HEAD" && head.length !== undefined) return head.length;
  return typeof content === "string" ? Buffer.byteLength(content) : content.byteLength;
}

function appended(body: string | Uint8Array, suffix: string): string | Uint8Array {
  return typeof body === "string" ? body + suffix : Buffer.concat([body, Buffer.from(suffix)]);
}

function sendStream(
  readable: Readable,
  response: ServerResponse,
  encoder: Encoder | undefined,
  contentEncoding: string | undefined,
  suffix: string | undefined,
  length: number | undefined,
): void {
  // A body that breaks off must not look like one that ended.
  const breakOff = () => response.destroy();
  response.on("error", () => {});
  readable.once("error", breakOff);
  response.once("close", () => readable.destroy());
  if (length !== undefined) holdToLength(readable, length, breakOff);
  if (suffix !== undefined) {
    readable.pipe(response, { end: false });
    readable.once("end", () => response.end(suffix));
  } else if (encoder !== undefined) {
    // A body that was fetched in this encoding goes on as it came.
    const encoded = readable instanceof DecodedBody ? readable.takeEncoded(contentEncoding ?? "") : undefined;
    if (encoded === undefined) {
      readable.pipe(encoder()).pipe(response);
    } else {
      encoded.once("error", breakOff);
      response.once("close", () => encoded.destroy());
      encoded.pipe(response);
    }
  } else {
    readable.pipe(response);
  }
}

/** What comes after a body of another length than was announced would be taken for the next response. */
function holdToLength(readable: Readable, length: number, breakOff: () => void): void {
  let sent = 0;
  readable.on("data", (chunk: Uint8Array) => {
    sent += chunk.byteLength;
    if (sent > length) {
      readable.unpipe();
      breakOff();
    }
  });
  readable.once("end", () => {
    if (sent < length) breakOff();
  });
}
