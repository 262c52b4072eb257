/** The single-byte encodings (https://encoding.spec.whatwg.org/#legacy-single-byte-encodings) and x-user-defined. */
import { inflateRawSync } from "node:zlib";
import { SINGLE_BYTE_DATA, SINGLE_BYTE_ENCODINGS } from "./data.ts";

const CHUNK = 8192;

const tables = new Map<string, Uint16Array>();
let upperHalves: Buffer | undefined;

/** All 256 code units of an encoding; U+FFFD where the standard has none. */
function tableOf(encoding: string): Uint16Array {
  let table = tables.get(encoding);
  if (table === undefined) {
    table = makeTable(encoding);
    tables.set(encoding, table);
  }
  return table;
}

function makeTable(encoding: string): Uint16Array {
  const table = Uint16Array.from({ length: 256 }, (_, byte) => byte);
  if (encoding === "x-user-defined") {
    for (let byte = 0x80; byte < 0x100; byte++) table[byte] = 0xf700 + byte;
    return table;
  }
  upperHalves ??= inflateRawSync(Buffer.from(SINGLE_BYTE_DATA, "base64"));
  // The right-to-left variants of ISO-8859-8 differ in display only.
  const position = SINGLE_BYTE_ENCODINGS.indexOf(encoding === "iso-8859-8-i" ? "iso-8859-8" : encoding);
  const high = upperHalves.length / 2;
  for (let offset = 0; offset < 128; offset++) {
    const at = position * 128 + offset;
    table[128 + offset] = upperHalves[at]! | (upperHalves[high + at]! << 8);
  }
  return table;
}

/** Whether this module decodes the encoding. */
export function isSingleByte(encoding: string): boolean {
  return (
    encoding === "x-user-defined" || encoding === "iso-8859-8-i" || SINGLE_BYTE_ENCODINGS.includes(encoding)
  );
}

/** Decodes bytes; undefined when `fatal` and a byte has no character. */
export function decodeSingleByte(encoding: string, bytes: Uint8Array, fatal: boolean): string | undefined {
  const table = tableOf(encoding);
  const units = new Uint16Array(Math.min(bytes.length, CHUNK));
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK) {
    const count = Math.min(CHUNK, bytes.length - start);
    for (let index = 0; index < count; index++) {
      const unit = table[bytes[start + index]!]!;
      if (fatal && unit === 0xfffd) return undefined;
      units[index] = unit;
    }
    text += String.fromCharCode.apply(null, units.subarray(0, count) as unknown as number[]);
  }
  return text;
}
