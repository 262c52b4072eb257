/** Percent-encoding (https://url.spec.whatwg.org/#percent-encoded-bytes). All strings are of scalar values. */
import { utf8Decode } from "../../encoding/guest.ts";

const encodeRun = encodeURIComponent;
const decodeStrictly = decodeURIComponent;

/** A percent-encode set: whether a text needs encoding, and the runs of characters that do. */
export interface EncodeSet {
  readonly any: RegExp;
  readonly runs: RegExp;
}

/** `characters` come to the C0 controls and all that is not ASCII, which are in every set. */
function encodeSet(characters: string): EncodeSet {
  return {
    any: new RegExp(`[\\0-\\x1f${characters}\\x7f-\\uffff]`),
    runs: new RegExp(`[\\0-\\x1f${characters}\\x7f-\\u{10ffff}]+`, "gu"),
  };
}

export const C0_CONTROL: EncodeSet = encodeSet("");
export const FRAGMENT: EncodeSet = encodeSet(' "<>`');
export const QUERY: EncodeSet = encodeSet(' "#<>');
export const SPECIAL_QUERY: EncodeSet = encodeSet(" \"#<>'");
export const PATH: EncodeSet = encodeSet(' "#<>?^`{\\}');
export const USERINFO: EncodeSet = encodeSet(' "#<>?^`{\\}/:;=@[\\\\\\]|');

// Of the characters in any of these sets, encodeURIComponent leaves only the apostrophe alone.
const encodeAll = (run: string): string => encodeRun(run).replaceAll("'", "%27");

/** https://url.spec.whatwg.org/#string-utf-8-percent-encode */
export function percentEncode(text: string, set: EncodeSet): string {
  return set.any.test(text) ? text.replace(set.runs, encodeAll) : text;
}

/** Percent-decodes and decodes the result as UTF-8 without BOM handling, malformed sequences replaced. */
export function percentDecode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeStrictly(text);
  } catch {
    return utf8Decode(percentDecodeToBytes(text));
  }
}

function percentDecodeToBytes(text: string): Uint8Array {
  const escaped = encodeRun(text).replaceAll(/%25([0-9A-Fa-f]{2})/g, "%$1");
  const bytes = new Uint8Array(escaped.length);
  let length = 0;
  for (let index = 0; index < escaped.length; index++) {
    const unit = escaped.charCodeAt(index);
    if (unit === 0x25) {
      bytes[length++] = Number.parseInt(escaped.slice(index + 1, index + 3), 16);
      index += 2;
    } else {
      bytes[length++] = unit;
    }
  }
  return bytes.subarray(0, length);
}
