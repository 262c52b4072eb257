/** The encoding room's pure ops, on the isolate's own thread. */
import type { DecoderState, EncodingSyncOps } from "./contract.ts";
import { decodeIso2022Jp } from "./legacy/iso-2022-jp.ts";
import { decodeSequences, ERROR, sequenceDecoder } from "./legacy/multi-byte.ts";
import { decodeSingleByte, isSingleByte } from "./legacy/single-byte.ts";

const NO_STATE: DecoderState = [];
const CHUNK = 8192;

const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();

/** The exception of a fatal decoder, in workerd's words. */
function malformed(): TypeError {
  return new TypeError("Failed to decode input.");
}

function utf8Decode(bytes: Uint8Array, fatal: boolean): string {
  if (!fatal) return lossy.decode(bytes);
  try {
    return strict.decode(bytes);
  } catch {
    throw malformed();
  }
}

function join(state: DecoderState, chunk: Uint8Array): Uint8Array {
  if (state.length === 0) return chunk;
  const joined = new Uint8Array(state.length + chunk.length);
  joined.set(state);
  joined.set(chunk, state.length);
  return joined;
}

/** The text of code points, in which ERROR stands for a malformed sequence. */
function textOf(codes: number[], fatal: boolean): string {
  for (let index = 0; index < codes.length; index++) {
    if (codes[index] !== ERROR) continue;
    if (fatal) throw malformed();
    codes[index] = 0xfffd;
  }
  let text = "";
  for (let start = 0; start < codes.length; start += CHUNK) {
    text += String.fromCodePoint(...codes.slice(start, start + CHUNK));
  }
  return text;
}

/** https://encoding.spec.whatwg.org/#shared-utf-16-decoder: the state is an odd byte, a surrogate that waits, or both. */
function decodeUtf16(
  encoding: string,
  chunk: Uint8Array,
  state: DecoderState,
  flush: boolean,
  fatal: boolean,
): [string, DecoderState] {
  const bytes = join(state, chunk);
  let end = bytes.length;
  if (!flush) {
    end -= end % 2;
    const highByte = bytes[encoding === "utf-16le" ? end - 1 : end - 2];
    if (highByte !== undefined && highByte >= 0xd8 && highByte <= 0xdb) end -= 2;
  }
  const decoder = new TextDecoder(encoding, { ignoreBOM: true, fatal });
  try {
    return [decoder.decode(bytes.subarray(0, end)), [...bytes.subarray(end)]];
  } catch {
    throw malformed();
  }
}

function decode(
  encoding: string,
  chunk: Uint8Array,
  state: DecoderState,
  flush: boolean,
  fatal: boolean,
): [string, DecoderState] {
  if (isSingleByte(encoding)) {
    const text = decodeSingleByte(encoding, chunk, fatal);
    if (text === undefined) throw malformed();
    return [text, NO_STATE];
  }
  if (encoding === "utf-16le" || encoding === "utf-16be")
    return decodeUtf16(encoding, chunk, state, flush, fatal);
  const codes: number[] = [];
  if (encoding === "iso-2022-jp") {
    const next = decodeIso2022Jp(chunk, state, flush, codes);
    return [textOf(codes, fatal), next];
  }
  const sequence = sequenceDecoder(encoding);
  if (sequence === undefined) throw new RangeError(`there is no decoder for "${encoding}"`);
  const bytes = join(state, chunk);
  const end = decodeSequences(bytes, sequence, codes);
  if (flush && end < bytes.length) codes.push(ERROR);
  return [textOf(codes, fatal), flush ? NO_STATE : [...bytes.subarray(end)]];
}

/** Bytes in memory of their own, which an engine may take over. */
function owned(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer);
}

export const encodingPures = {
  "encoding.utf8Encode": text => encoder.encode(text),
  "encoding.utf8Decode": utf8Decode,
  "encoding.decode": decode,
  "encoding.base64Encode": bytes =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
  "encoding.base64EncodeLatin1": text => Buffer.from(text, "latin1").toString("base64"),
  "encoding.base64Decode": text => owned(Buffer.from(text, "base64")),
} satisfies EncodingSyncOps;
