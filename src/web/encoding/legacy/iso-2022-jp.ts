/** ISO-2022-JP, the one encoding with modes (https://encoding.spec.whatwg.org/#iso-2022-jp-decoder). */
import { jis0208 } from "./indexes.ts";
import { ERROR } from "./multi-byte.ts";

const ASCII = 0;
const ROMAN = 1;
const KATAKANA = 2;
const KANJI = 3;
const ESCAPE = 0x1b;

/** The mode that an escape sequence's second and third byte select; undefined when they select none. */
function modeOf(second: number, third: number | undefined): number | undefined {
  if (second === 0x28)
    return third === 0x42 ? ASCII : third === 0x4a ? ROMAN : third === 0x49 ? KATAKANA : undefined;
  return third === 0x40 || third === 0x42 ? KANJI : undefined;
}

/** The state between chunks: the mode, whether something stood since the last escape sequence, the incomplete rest. */
interface State {
  mode: number;
  justEscaped: number;
}

function decodeByte(mode: number, byte: number): number {
  if (mode === KATAKANA) return byte >= 0x21 && byte <= 0x5f ? 0xff61 - 0x21 + byte : ERROR;
  if (byte > 0x7f || byte === 0x0e || byte === 0x0f) return ERROR;
  if (mode === ROMAN && byte === 0x5c) return 0xa5;
  if (mode === ROMAN && byte === 0x7e) return 0x203e;
  return byte;
}

/** Reads an escape sequence. Returns how many bytes it took; 0 when the rest of it is still to come. */
function decodeEscape(bytes: Uint8Array, at: number, flush: boolean, state: State, codes: number[]): number {
  const second = bytes[at + 1];
  if (second === undefined && !flush) return 0;
  if (second === 0x24 || second === 0x28) {
    const third = bytes[at + 2];
    if (third === undefined && !flush) return 0;
    const mode = modeOf(second, third);
    if (mode !== undefined) {
      if (state.justEscaped) codes.push(ERROR);
      state.mode = mode;
      state.justEscaped = 1;
      return 3;
    }
  }
  state.justEscaped = 0;
  codes.push(ERROR);
  return 1;
}

/** Reads a character of two bytes. Returns how many bytes it took; 0 when the second is still to come. */
function decodeKanji(bytes: Uint8Array, at: number, flush: boolean, codes: number[]): number {
  const lead = bytes[at]!;
  const trail = bytes[at + 1];
  if (lead < 0x21 || lead > 0x7e) {
    codes.push(ERROR);
    return 1;
  }
  if (trail === undefined) {
    if (!flush) return 0;
    codes.push(ERROR);
    return 1;
  }
  const inside = trail >= 0x21 && trail <= 0x7e;
  const code = inside ? jis0208()[(lead - 0x21) * 94 + trail - 0x21]! : 0;
  codes.push(code > 0 ? code : ERROR);
  // An escape sequence that cuts a character short is read as one.
  return trail === ESCAPE ? 1 : 2;
}

/** Decodes a chunk that goes on from `previous`, and returns the state after it. */
export function decodeIso2022Jp(
  chunk: Uint8Array,
  previous: readonly number[],
  flush: boolean,
  codes: number[],
): number[] {
  const [mode = ASCII, justEscaped = 0, ...rest] = previous;
  const bytes = rest.length === 0 ? chunk : Uint8Array.from([...rest, ...chunk]);
  const state: State = { mode, justEscaped };
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at]!;
    let taken = 1;
    if (byte === ESCAPE) {
      taken = decodeEscape(bytes, at, flush, state, codes);
    } else if (state.mode === KANJI) {
      taken = decodeKanji(bytes, at, flush, codes);
      if (taken > 0) state.justEscaped = 0;
    } else {
      codes.push(decodeByte(state.mode, byte));
      state.justEscaped = 0;
    }
    if (taken === 0) break;
    at += taken;
  }
  return flush ? [] : [state.mode, state.justEscaped, ...bytes.subarray(at)];
}
