/** application/x-www-form-urlencoded (https://url.spec.whatwg.org/#urlencoded-parsing). */
import { utf8Decode, utf8Encode } from "../../encoding/guest.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const PERCENT = 0x25;

function hexValue(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** https://url.spec.whatwg.org/#percent-decode */
export function percentDecode(bytes: Bytes): Bytes {
  let read = bytes.indexOf(PERCENT);
  if (read < 0) return bytes;
  const decoded = bytes.slice();
  let written = read;
  for (; read < bytes.length; read++) {
    const byte = bytes[read] as number;
    const high = byte === PERCENT ? hexValue(bytes[read + 1]) : -1;
    const low = high < 0 ? -1 : hexValue(bytes[read + 2]);
    if (low < 0) {
      decoded[written++] = byte;
      continue;
    }
    decoded[written++] = high * 16 + low;
    read += 2;
  }
  return decoded.subarray(0, written);
}

function decodeComponent(component: string): string {
  const spaced = component.replaceAll("+", " ");
  return spaced.includes("%") ? utf8Decode(percentDecode(utf8Encode(spaced))) : spaced;
}

/** The name-value pairs of a form's text. */
export function parseUrlencoded(text: string): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (const sequence of text.split("&")) {
    if (sequence === "") continue;
    const equals = sequence.indexOf("=");
    const name = equals < 0 ? sequence : sequence.slice(0, equals);
    const value = equals < 0 ? "" : sequence.slice(equals + 1);
    pairs.push([decodeComponent(name), decodeComponent(value)]);
  }
  return pairs;
}
