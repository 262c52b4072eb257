/** multipart/form-data, both ways (https://html.spec.whatwg.org/#multipart-form-data, RFC 7578). */
import { blobBytes, blobOver, fileOver } from "../../blob/guest.ts";
import { utf8Decode, utf8Encode } from "../../encoding/guest.ts";
import type { FormDataEntryValue } from "../guest.ts";
import { trimHttpWhitespace } from "./mime-type.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Entry = [name: string, value: FormDataEntryValue];

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;

const escapes: Record<string, string> = { "\n": "%0A", "\r": "%0D", '"': "%22" };
const escapeName = (name: string): string =>
  name.replace(/[\n\r"]/g, character => escapes[character] as string);

/**
 * The body of a form, as the standard's "multipart/form-data encoding algorithm" makes it; but as on workerd newlines stay
 * what they are, and none follows the last boundary.
 */
export function serializeMultipart(entries: readonly Entry[], boundary: string): Bytes {
  const pieces: Bytes[] = [];
  let size = 0;
  let text = "";
  const flush = (bytes: Bytes) => {
    const encoded = utf8Encode(text);
    pieces.push(encoded, bytes);
    size += encoded.byteLength + bytes.byteLength;
    text = "";
  };
  for (const [name, value] of entries) {
    text += `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(name)}"`;
    if (typeof value === "string") {
      text += `\r\n\r\n${value}\r\n`;
      continue;
    }
    text += `; filename="${escapeName(value.name)}"\r\nContent-Type: ${value.type || "application/octet-stream"}\r\n\r\n`;
    flush(blobBytes(value));
    text = "\r\n";
  }
  text += `--${boundary}--`;
  flush(new Uint8Array(0));
  const body = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.byteLength;
  }
  return body;
}

/** The entries of a multipart/form-data body. Like workerd, takes a bare LF for CRLF and skips a preamble. */
export function parseMultipart(body: Bytes, boundary: string): Entry[] {
  const delimiter = utf8Encode(`\n--${boundary}`);
  let at = startsWith(body, delimiter.subarray(1), 0) ? delimiter.length - 1 : after(body, delimiter, 0);
  if (at < 0) throw new TypeError("No initial boundary string (or you have a truncated message).");
  const entries: Entry[] = [];
  for (;;) {
    if (body[at] === DASH && body[at + 1] === DASH) return entries;
    at = afterLineEnd(body, at);
    if (at < 0) throw new TypeError("Boundary string was not succeeded by CRLF, LF, or '--'.");
    const headersEnd = endOfHeaders(body, at);
    if (headersEnd < 0) throw new TypeError("No multipart message header termination found.");
    const part = parseHeaders(utf8Decode(body.subarray(at, headersEnd)));
    const next = after(body, delimiter, headersEnd - 1);
    if (next < 0) throw new TypeError("No subsequent boundary string after multipart message.");
    let contentEnd = next - delimiter.length;
    if (contentEnd > headersEnd && body[contentEnd - 1] === CR) contentEnd--;
    const content = body.subarray(headersEnd, Math.max(headersEnd, contentEnd));
    entries.push([part.name, entryOf(part, content)]);
    at = next;
  }
}

function entryOf(part: PartHeaders, content: Bytes): FormDataEntryValue {
  if (part.filename === undefined) return utf8Decode(content);
  return fileOver(blobOver(content.slice(), part.type), part.filename);
}

function startsWith(body: Bytes, prefix: Bytes, at: number): boolean {
  if (at + prefix.length > body.length) return false;
  for (let index = 0; index < prefix.length; index++) if (body[at + index] !== prefix[index]) return false;
  return true;
}

/** The place behind the next delimiter at or after `from`, or -1. */
function after(body: Bytes, delimiter: Bytes, from: number): number {
  for (let at = body.indexOf(LF, from); at >= 0; at = body.indexOf(LF, at + 1)) {
    if (startsWith(body, delimiter, at)) return at + delimiter.length;
  }
  return -1;
}

function afterLineEnd(body: Bytes, at: number): number {
  if (body[at] === LF) return at + 1;
  return body[at] === CR && body[at + 1] === LF ? at + 2 : -1;
}

/** The place behind the empty line that ends the headers, or -1. */
function endOfHeaders(body: Bytes, from: number): number {
  for (let at = body.indexOf(LF, from); at >= 0; at = body.indexOf(LF, at + 1)) {
    const end = afterLineEnd(body, at + 1);
    if (end >= 0) return end;
  }
  return -1;
}

interface PartHeaders {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string;
}

const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[\t ]*:(.*)$/;
const DISPOSITION = /^([^\t ;]*)[\t ]*/;
/** A parameter of Content-Disposition as browsers write it, where a backslash means itself. */
const PLAIN = /;[\t ]*([^\t ;="]+)[\t ]*=[\t ]*(?:"([^"\r\n]*)"|([^\t ;"]*))[\t ]*/y;
/** And as curl and its like do. */
const ESCAPED = /;[\t ]*([^\t ;="]+)[\t ]*=[\t ]*"((?:[^"\\\r\n]|\\[^\r\n])*)"[\t ]*/y;

function parseHeaders(text: string): PartHeaders {
  let disposition: string | undefined;
  let type = "";
  for (const line of text.split(/\r?\n/)) {
    if (line === "") continue;
    const match = HEADER.exec(line);
    if (match === null) throw new TypeError("FormData part had invalid headers.");
    const name = (match[1] as string).toLowerCase();
    const value = trimHttpWhitespace(match[2] as string);
    if (name === "content-disposition") disposition = value;
    else if (name === "content-type") type = value;
  }
  if (disposition === undefined) {
    throw new TypeError("No valid Content-Disposition header found in FormData part.");
  }
  const [whole, kind] = DISPOSITION.exec(disposition) as unknown as [string, string];
  if (kind.toLowerCase() !== "form-data") {
    throw new TypeError(
      `Content-Disposition header for FormData part must have the value "form-data", possibly followed by parameters. Got: "${kind}"`,
    );
  }
  const parameters = parametersOf(disposition, whole.length);
  const name = parameters.get("name");
  if (name === undefined) {
    throw new TypeError("Content-Disposition header in FormData part is missing a name.");
  }
  return { name, filename: parameters.get("filename"), type };
}

function parametersOf(disposition: string, from: number): Map<string, string> {
  const plain = new Map<string, string>();
  if (collect(disposition, from, PLAIN, plain)) return plain;
  const escaped = new Map<string, string>();
  if (!collect(disposition, from, ESCAPED, escaped)) return plain;
  for (const [key, value] of escaped) escaped.set(key, value.replace(/\\(.)/g, "$1"));
  return escaped;
}

/** Collects parameters by a pattern. Returns whether it accounts for the whole text. */
function collect(text: string, from: number, pattern: RegExp, parameters: Map<string, string>): boolean {
  let at = from;
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    at = pattern.lastIndex;
    const key = (match[1] as string).toLowerCase();
    if (!parameters.has(key)) parameters.set(key, unescapeName(match[2] ?? match[3] ?? ""));
  }
  return at === text.length;
}

const unescapes: Record<string, string> = { "%0A": "\n", "%0D": "\r", "%22": '"' };

/** Undoes `escapeName`. */
const unescapeName = (text: string): string =>
  text.replace(/%0A|%0D|%22/gi, escaped => unescapes[escaped.toUpperCase()] as string);
