/** What the hash functions of the Secure Hash Standard have in common (FIPS 180-4, https://doi.org/10.6028/NIST.FIPS.180-4). */
import type { Bytes } from "../bytes.ts";

/** Words of the hash value so far; those of 64 bits are two halves, the high one first. */
export type State = Int32Array;

export interface HashFunction {
  readonly blockBytes: 64 | 128;
  /** How much of the final state is the hash. */
  readonly digestBytes: number;
  readonly initial: readonly number[];
  /** Takes in the block that starts at `at`. */
  compress(state: State, bytes: Uint8Array, at: number): void;
}

const NewState = Int32Array;
const NewBytes = Uint8Array;

export function initialState({ initial }: HashFunction): State {
  return copyOf(initial);
}

/** An array of its own: what a worker has made of the methods of typed arrays is not asked. */
export function copyOf(words: ArrayLike<number>): State {
  const state = new NewState(words.length);
  for (let index = 0; index < words.length; index++) state[index] = words[index]!;
  return state;
}

/** Takes in the last of the message, after `before` bytes in whole blocks, and its padding. Returns the hash. */
export function finish(hash: HashFunction, state: State, bytes: Uint8Array, before: number): Bytes {
  const { blockBytes } = hash;
  const { length } = bytes;
  let at = 0;
  for (; at + blockBytes <= length; at += blockBytes) hash.compress(state, bytes, at);
  const lengthBytes = blockBytes / 8;
  const rest = length - at;
  const last = new NewBytes(rest + 1 + lengthBytes <= blockBytes ? blockBytes : 2 * blockBytes);
  for (let index = 0; index < rest; index++) last[index] = bytes[at + index]!;
  last[rest] = 0x80;
  const bits = (before + length) * 8;
  writeWord(last, last.length - 8, Math.floor(bits / 0x1_0000_0000));
  writeWord(last, last.length - 4, bits);
  for (let block = 0; block < last.length; block += blockBytes) hash.compress(state, last, block);
  const digest = new NewBytes(hash.digestBytes);
  for (let index = 0; index < hash.digestBytes; index += 4) writeWord(digest, index, state[index >> 2]!);
  return digest;
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

export function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
