/**
 * The indexes of the multi-byte encodings (https://encoding.spec.whatwg.org/#indexes), each made at its first use
 * from what ICU says of every pointer, and corrected where the standard differs. 0 stands for no code point.
 */
import { inflateRawSync } from "node:zlib";
import { BIG5_DATA, BIG5_RUNS } from "./data.ts";

type Index = Uint32Array;

function once(make: () => Index): () => Index {
  let index: Index | undefined;
  return () => {
    index ??= make();
    return index;
  };
}

/** Asks ICU for the character of each pointer's bytes, all in one text with a line for each. */
function askICU(encoding: string, size: number, bytesOf: (pointer: number) => readonly number[]): Index {
  const input: number[] = [];
  for (let pointer = 0; pointer < size; pointer++) input.push(...bytesOf(pointer), 0x0a);
  const lines = new TextDecoder(encoding).decode(Uint8Array.from(input)).split("\n");
  const index = new Uint32Array(size);
  for (let pointer = 0; pointer < size; pointer++) {
    const line = lines[pointer]!;
    const code = line.codePointAt(0) ?? 0;
    if (code !== 0xfffd && line.length === (code > 0xffff ? 2 : 1)) index[pointer] = code;
  }
  return index;
}

const trailFrom =
  (low: number, high: number) =>
  (trail: number): number =>
    trail + (trail < 0x3f ? low : high);
const gbTrail = trailFrom(0x40, 0x41);
const big5Trail = trailFrom(0x40, 0x62);

export const jis0208 = once(() =>
  askICU("euc-jp", 94 * 94, pointer => [Math.floor(pointer / 94) + 0xa1, (pointer % 94) + 0xa1]),
);

export const jis0212 = once(() => {
  const index = askICU("euc-jp", 94 * 94, pointer => [
    0x8f,
    Math.floor(pointer / 94) + 0xa1,
    (pointer % 94) + 0xa1,
  ]);
  // ICU has IBM's extensions in this row, the standard has nothing.
  return index.fill(0, 82 * 94, 83 * 94);
});

/** Shift_JIS reaches past the 94 rows of JIS X 0208, into IBM's extensions. */
export const shiftJis = once(() =>
  askICU("shift_jis", 60 * 188, pointer => {
    const lead = Math.floor(pointer / 188);
    return [lead + (lead < 0x1f ? 0x81 : 0xc1), gbTrail(pointer % 188)];
  }),
);

export const gb18030 = once(() =>
  askICU("gb18030", 126 * 190, pointer => [Math.floor(pointer / 190) + 0x81, gbTrail(pointer % 190)]),
);

/** The four-byte sequences below U+10000. */
export const gb18030Ranges = once(() =>
  askICU("gb18030", 39_420, pointer => [
    Math.floor(pointer / 12_600) + 0x81,
    (Math.floor(pointer / 1260) % 10) + 0x30,
    (Math.floor(pointer / 10) % 126) + 0x81,
    (pointer % 10) + 0x30,
  ]),
);

export const big5 = once(() => {
  const index = askICU("big5", 126 * 157, pointer => [
    Math.floor(pointer / 157) + 0x81,
    big5Trail(pointer % 157),
  ]);
  const data = inflateRawSync(Buffer.from(BIG5_DATA, "base64"));
  const count = data.length / 3;
  let at = 0;
  for (const [first, length] of BIG5_RUNS) {
    for (let pointer = first; pointer < first + length; pointer++, at++) {
      index[pointer] = data[at]! | (data[count + at]! << 8) | (data[2 * count + at]! << 16);
    }
  }
  return index;
});

/** KS X 1001, extended by all other Hangul syllables in their order (Unified Hangul Code), which ICU's EUC-KR lacks. */
export const eucKr = once(() => {
  const size = 126 * 190;
  const lead = (pointer: number) => Math.floor(pointer / 190) + 0x81;
  const trail = (pointer: number) => (pointer % 190) + 0x41;
  const inner = (pointer: number) => lead(pointer) >= 0xa1 && trail(pointer) >= 0xa1;
  const index = askICU("euc-kr", size, pointer => (inner(pointer) ? [lead(pointer), trail(pointer)] : []));
  for (let pointer = 0; pointer < size; pointer++) {
    // The rows 0xC9 and 0xFE are left to users by KS X 1001; the standard leaves them empty.
    if (lead(pointer) === 0xc9 || lead(pointer) === 0xfe) if (inner(pointer)) index[pointer] = 0;
  }
  index[(0xa2 - 0x81) * 190 + 0xe6 - 0x41] = 0x20ac;
  index[(0xa2 - 0x81) * 190 + 0xe7 - 0x41] = 0xae;
  const present = new Set(index);
  let syllable = 0xac00;
  for (let pointer = 0; pointer < size; pointer++) {
    const byte = trail(pointer);
    if (inner(pointer) || (byte > 0x5a && byte < 0x61) || (byte > 0x7a && byte < 0x81)) continue;
    while (syllable <= 0xd7a3 && present.has(syllable)) syllable++;
    if (syllable <= 0xd7a3) index[pointer] = syllable++;
  }
  return index;
});
