/**
 * The multi-byte encodings that have no modes. A decoder looks at the bytes from a position on and tells how many
 * of them make a character or an error, so that the only state between chunks is an incomplete sequence.
 */
import { big5, eucKr, gb18030, gb18030Ranges, jis0208, jis0212, shiftJis } from "./indexes.ts";

/** What a sequence stands for: `code` is ERROR, or one code point; `second` one more, or 0. `length` 0: incomplete. */
interface Sequence {
  code: number;
  second: number;
  length: number;
}

export type SequenceDecoder = (bytes: Uint8Array, at: number, found: Sequence) => void;

export const ERROR = -1;

const isASCII = (byte: number): boolean => byte < 0x80;
const within = (byte: number, low: number, high: number): boolean => byte >= low && byte <= high;

function set(found: Sequence, code: number, length: number, second = 0): void {
  found.code = code;
  found.second = second;
  found.length = length;
}

/** A two-byte sequence: an ASCII byte that ends a wrong one is read again. */
function setPair(found: Sequence, code: number, trail: number): void {
  if (code > 0) set(found, code, 2);
  else set(found, ERROR, isASCII(trail) ? 1 : 2);
}

/** https://encoding.spec.whatwg.org/#gb18030-decoder */
const decodeGb18030: SequenceDecoder = (bytes, at, found) => {
  const first = bytes[at]!;
  if (first === 0x80) return set(found, 0x20ac, 1);
  if (first === 0xff) return set(found, ERROR, 1);
  const second = bytes[at + 1];
  if (second === undefined) return set(found, 0, 0);
  if (!within(second, 0x30, 0x39)) {
    const valid = within(second, 0x40, 0x7e) || within(second, 0x80, 0xfe);
    const pointer = (first - 0x81) * 190 + second - (second < 0x7f ? 0x40 : 0x41);
    return setPair(found, valid ? gb18030()[pointer]! : 0, second);
  }
  const third = bytes[at + 2];
  if (third === undefined) return set(found, 0, 0);
  if (!within(third, 0x81, 0xfe)) return set(found, ERROR, 1);
  const fourth = bytes[at + 3];
  if (fourth === undefined) return set(found, 0, 0);
  if (!within(fourth, 0x30, 0x39)) return set(found, ERROR, 1);
  const pointer = (((first - 0x81) * 10 + second - 0x30) * 126 + third - 0x81) * 10 + fourth - 0x30;
  if (pointer < 39_420) return set(found, gb18030Ranges()[pointer]!, 4);
  if (within(pointer, 189_000, 1_237_575)) return set(found, 0x10000 + pointer - 189_000, 4);
  set(found, ERROR, 4);
};

/** https://encoding.spec.whatwg.org/#big5-decoder */
const decodeBig5: SequenceDecoder = (bytes, at, found) => {
  const lead = bytes[at]!;
  if (!within(lead, 0x81, 0xfe)) return set(found, ERROR, 1);
  const trail = bytes[at + 1];
  if (trail === undefined) return set(found, 0, 0);
  if (!within(trail, 0x40, 0x7e) && !within(trail, 0xa1, 0xfe)) return setPair(found, 0, trail);
  const pointer = (lead - 0x81) * 157 + trail - (trail < 0x7f ? 0x40 : 0x62);
  // Four pointers stand for a letter with a combining mark.
  if (pointer === 1133) return set(found, 0xca, 2, 0x304);
  if (pointer === 1135) return set(found, 0xca, 2, 0x30c);
  if (pointer === 1164) return set(found, 0xea, 2, 0x304);
  if (pointer === 1166) return set(found, 0xea, 2, 0x30c);
  setPair(found, big5()[pointer]!, trail);
};

/** https://encoding.spec.whatwg.org/#euc-jp-decoder */
const decodeEucJp: SequenceDecoder = (bytes, at, found) => {
  const lead = bytes[at]!;
  if (lead !== 0x8e && lead !== 0x8f && !within(lead, 0xa1, 0xfe)) return set(found, ERROR, 1);
  const trail = bytes[at + 1];
  if (trail === undefined) return set(found, 0, 0);
  if (lead === 0x8e) return setPair(found, within(trail, 0xa1, 0xdf) ? 0xff61 - 0xa1 + trail : 0, trail);
  if (!within(trail, 0xa1, 0xfe)) return setPair(found, 0, trail);
  if (lead !== 0x8f) return setPair(found, jis0208()[(lead - 0xa1) * 94 + trail - 0xa1]!, trail);
  const last = bytes[at + 2];
  if (last === undefined) return set(found, 0, 0);
  const code = within(last, 0xa1, 0xfe) ? jis0212()[(trail - 0xa1) * 94 + last - 0xa1]! : 0;
  if (code > 0) set(found, code, 3);
  else set(found, ERROR, isASCII(last) ? 2 : 3);
};

/** https://encoding.spec.whatwg.org/#shift_jis-decoder */
const decodeShiftJis: SequenceDecoder = (bytes, at, found) => {
  const lead = bytes[at]!;
  if (lead === 0x80) return set(found, 0x80, 1);
  if (within(lead, 0xa1, 0xdf)) return set(found, 0xff61 - 0xa1 + lead, 1);
  if (lead === 0xa0 || lead > 0xfc) return set(found, ERROR, 1);
  const trail = bytes[at + 1];
  if (trail === undefined) return set(found, 0, 0);
  if (!within(trail, 0x40, 0x7e) && !within(trail, 0x80, 0xfc)) return setPair(found, 0, trail);
  const pointer = (lead - (lead < 0xa0 ? 0x81 : 0xc1)) * 188 + trail - (trail < 0x7f ? 0x40 : 0x41);
  const code = within(pointer, 8836, 10_715) ? 0xe000 - 8836 + pointer : shiftJis()[pointer]!;
  setPair(found, code, trail);
};

/** https://encoding.spec.whatwg.org/#euc-kr-decoder */
const decodeEucKr: SequenceDecoder = (bytes, at, found) => {
  const lead = bytes[at]!;
  if (!within(lead, 0x81, 0xfe)) return set(found, ERROR, 1);
  const trail = bytes[at + 1];
  if (trail === undefined) return set(found, 0, 0);
  const code = within(trail, 0x41, 0xfe) ? eucKr()[(lead - 0x81) * 190 + trail - 0x41]! : 0;
  setPair(found, code, trail);
};

const decoders: Readonly<Record<string, SequenceDecoder>> = {
  gbk: decodeGb18030,
  gb18030: decodeGb18030,
  big5: decodeBig5,
  "euc-jp": decodeEucJp,
  shift_jis: decodeShiftJis,
  "euc-kr": decodeEucKr,
};

/** The decoder of an encoding's sequences that do not begin with an ASCII byte. */
export function sequenceDecoder(encoding: string): SequenceDecoder | undefined {
  return decoders[encoding];
}

/** Appends what the bytes stand for to `codes`; returns where an incomplete sequence begins, or the length. */
export function decodeSequences(bytes: Uint8Array, decode: SequenceDecoder, codes: number[]): number {
  const found: Sequence = { code: 0, second: 0, length: 0 };
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (isASCII(byte)) {
      codes.push(byte);
      at++;
      continue;
    }
    decode(bytes, at, found);
    if (found.length === 0) break;
    codes.push(found.code);
    if (found.second !== 0) codes.push(found.second);
    at += found.length;
  }
  return at;
}
