/** UTF-8 in both directions (https://encoding.spec.whatwg.org/#utf-8). */
import { callSync } from "../../../guest/host.ts";
import { interpreted, LONG, VERY_LONG } from "./interpreted.ts";

const fromCharCode = String.fromCharCode;
const decodePercent = decodeURIComponent;
const escapeBytes = (globalThis as unknown as { escape(text: string): string }).escape;
const apply = Reflect.apply;

/** Code units that are turned into a string in one call: few enough for every engine's stack. */
const CHUNK = 8192;

/** The UTF-8 bytes of a string, in memory of their own; lone surrogates become U+FFFD. */
export function utf8Encode(text: string): Uint8Array<ArrayBuffer> {
  const length = text.length;
  if (interpreted && length >= LONG) return callSync("encoding.utf8Encode", text) as Uint8Array<ArrayBuffer>;
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return encodeFrom(text, index, bytes);
    bytes[index] = unit;
  }
  return bytes;
}

function encodeFrom(text: string, start: number, ascii: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(start + (text.length - start) * 3);
  bytes.set(ascii.subarray(0, start));
  const { written } = encodeRange(text, start, bytes, start);
  return bytes.slice(0, written);
}

/** What `TextEncoder.encodeInto` did: code units read, bytes written. */
export interface EncodeIntoResult {
  read: number;
  written: number;
}

/** Writes the UTF-8 bytes of as many whole characters as the destination takes. */
export function utf8EncodeInto(text: string, destination: Uint8Array): EncodeIntoResult {
  if (interpreted && text.length >= LONG && destination.length >= text.length) {
    const bytes = callSync("encoding.utf8Encode", text);
    if (bytes.length <= destination.length) {
      destination.set(bytes);
      return { read: text.length, written: bytes.length };
    }
  }
  return encodeRange(text, 0, destination, 0);
}

function encodeRange(text: string, start: number, bytes: Uint8Array, offset: number): EncodeIntoResult {
  const length = text.length;
  const capacity = bytes.length;
  let read = start;
  let written = offset;
  while (read < length) {
    let code = text.charCodeAt(read);
    if (code < 0x80) {
      if (written >= capacity) break;
      bytes[written++] = code;
      read++;
      continue;
    }
    let units = 1;
    if (code >= 0xd800 && code <= 0xdfff) {
      const next = code < 0xdc00 && read + 1 < length ? text.charCodeAt(read + 1) : 0;
      if (next >= 0xdc00 && next <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + next - 0xdc00;
        units = 2;
      } else {
        code = 0xfffd;
      }
    }
    if (written + (code < 0x800 ? 2 : code < 0x10000 ? 3 : 4) > capacity) break;
    written = writeCode(code, bytes, written);
    read += units;
  }
  return { read, written };
}

function writeCode(code: number, bytes: Uint8Array, at: number): number {
  if (code < 0x800) {
    bytes[at++] = 0xc0 | (code >> 6);
  } else {
    if (code < 0x10000) {
      bytes[at++] = 0xe0 | (code >> 12);
    } else {
      bytes[at++] = 0xf0 | (code >> 18);
      bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
    }
    bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
  }
  bytes[at++] = 0x80 | (code & 0x3f);
  return at;
}

/** The string whose code units are the given bytes. */
export function binaryString(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return apply(fromCharCode, null, bytes);
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK) {
    text += apply(fromCharCode, null, bytes.subarray(start, start + CHUNK));
  }
  return text;
}

/** The text of UTF-8 bytes, malformed sequences replaced; a byte order mark is kept unless told otherwise. */
export function utf8Decode(bytes: Uint8Array, options?: { readonly removeBOM?: boolean }): string {
  const text = decode(bytes, false)!;
  return options?.removeBOM === true && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** The text of UTF-8 bytes, a byte order mark kept; undefined when they are malformed. */
export function utf8DecodeStrict(bytes: Uint8Array): string | undefined {
  return decode(bytes, true);
}

function decode(bytes: Uint8Array, strict: boolean): string | undefined {
  return interpreted ? decodeNatively(bytes, strict) : decodeInScript(bytes, strict);
}

/** For an interpreter: every step is one call of a native function, here or at the host. */
function decodeNatively(bytes: Uint8Array, strict: boolean): string | undefined {
  if (bytes.length >= VERY_LONG) return decodeAtHost(bytes, strict);
  const binary = binaryString(bytes);
  if (!/[\x80-\xff]/.test(binary)) return binary;
  try {
    return decodePercent(escapeBytes(binary));
  } catch {
    if (strict) return undefined;
  }
  return bytes.length < LONG ? decodeInScript(bytes, false) : decodeAtHost(bytes, false);
}

function decodeAtHost(bytes: Uint8Array, strict: boolean): string | undefined {
  try {
    return callSync("encoding.utf8Decode", bytes, strict);
  } catch {
    return undefined;
  }
}

function decodeInScript(bytes: Uint8Array, strict: boolean): string | undefined {
  const units = new Uint16Array(Math.min(bytes.length, CHUNK) + 1);
  const cursor = { at: 0 };
  let text = "";
  while (cursor.at < bytes.length) {
    const count = fillUnits(bytes, cursor, units, strict);
    if (count < 0) return undefined;
    text += apply(fromCharCode, null, units.subarray(0, count));
  }
  return text;
}

/** Decodes until `units` is full or the bytes end. Returns the count; -1 when `strict` and a sequence is malformed. */
function fillUnits(bytes: Uint8Array, cursor: { at: number }, units: Uint16Array, strict: boolean): number {
  const end = bytes.length;
  const limit = units.length - 1;
  let at = cursor.at;
  let count = 0;
  while (at < end && count < limit) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      units[count++] = lead;
      at++;
      continue;
    }
    const length = sequenceLength(bytes, at);
    if (length < 0) {
      if (strict) return -1;
      units[count++] = 0xfffd;
      at -= length;
    } else if (length === 2) {
      units[count++] = ((lead & 0x1f) << 6) | (bytes[at + 1]! & 0x3f);
      at += 2;
    } else if (length === 3) {
      units[count++] = ((lead & 0xf) << 12) | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f);
      at += 3;
    } else {
      const high = ((lead & 7) << 18) | ((bytes[at + 1]! & 0x3f) << 12);
      const code = (high | ((bytes[at + 2]! & 0x3f) << 6) | (bytes[at + 3]! & 0x3f)) - 0x10000;
      units[count++] = 0xd800 + (code >> 10);
      units[count++] = 0xdc00 + (code & 0x3ff);
      at += 4;
    }
  }
  cursor.at = at;
  return count;
}

/** The length of the sequence at a position that is not ASCII; negative: so many bytes make one U+FFFD. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const second = bytes[at + 1];
  if (second === undefined || second < lowerBound(lead) || second > upperBound(lead)) return -1;
  if (lead < 0xe0) return 2;
  if (!isContinuation(bytes[at + 2])) return -2;
  if (lead < 0xf0) return 3;
  return isContinuation(bytes[at + 3]) ? 4 : -3;
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
const lowerBound = (lead: number): number => (lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80);
const upperBound = (lead: number): number => (lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf);

/** How many bytes at the end begin a sequence that more bytes could complete. */
export function incompleteTail(bytes: Uint8Array): number {
  const end = bytes.length;
  for (let back = 1; back <= 3 && back <= end; back++) {
    const lead = bytes[end - back]!;
    if (lead < 0x80) return 0;
    if (lead < 0xc0) continue;
    const needed = lead < 0xc2 || lead > 0xf4 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (needed <= back) return 0;
    const second = back > 1 ? bytes[end - back + 1]! : 0x80;
    return back > 1 && (second < lowerBound(lead) || second > upperBound(lead)) ? 0 : back;
  }
  return 0;
}
