/** Base64 (https://infra.spec.whatwg.org/#forgiving-base64) for `atob`, `btoa` and whoever needs it inside. */
import { callSync } from "../../../guest/host.ts";
import { interpreted, LONG } from "./interpreted.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const codes = new Uint8Array(64);
const values = new Uint8Array(128);
for (let value = 0; value < 64; value++) {
  codes[value] = ALPHABET.charCodeAt(value);
  values[codes[value]!] = value;
}

const EQUALS = 0x3d;

/** The base64 of bytes, as the bytes of its ASCII characters. */
export function base64Units(bytes: Uint8Array): Uint8Array {
  const units = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let out = 0;
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const triple = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    units[out++] = codes[triple >> 18]!;
    units[out++] = codes[(triple >> 12) & 63]!;
    units[out++] = left > 1 ? codes[(triple >> 6) & 63]! : EQUALS;
    units[out++] = left > 2 ? codes[triple & 63]! : EQUALS;
  }
  return units;
}

/** The base64 text without white space and padding; undefined when `forgiving-base64 decode` would fail. */
function normalize(text: string): string | undefined {
  const data = withoutPadding(text);
  if (!/[^A-Za-z0-9+/]/.test(data)) return data.length % 4 === 1 ? undefined : data;
  const stripped = text.replace(/[\t\n\f\r ]+/g, "");
  return stripped.length === text.length ? undefined : normalize(stripped);
}

function withoutPadding(text: string): string {
  if (text.length % 4 !== 0 || !text.endsWith("=")) return text;
  return text.slice(0, text.endsWith("==") ? -2 : -1);
}

/** Forgiving-base64 decode; undefined on failure. */
export function base64Decode(text: string): Uint8Array<ArrayBuffer> | undefined {
  const data = normalize(text);
  if (data === undefined) return undefined;
  if (interpreted && data.length >= LONG)
    return callSync("encoding.base64Decode", data) as Uint8Array<ArrayBuffer>;
  const bytes = new Uint8Array(Math.floor((data.length * 3) / 4));
  let out = 0;
  for (let at = 0; at < data.length; at += 4) {
    let quad = 0;
    for (let index = at; index < at + 4; index++) {
      quad = (quad << 6) | (index < data.length ? values[data.charCodeAt(index)]! : 0);
    }
    // Writes past the end of a typed array are dropped, which is what the last, shorter group needs.
    bytes[out++] = quad >> 16;
    bytes[out++] = quad >> 8;
    bytes[out++] = quad;
  }
  return bytes;
}
