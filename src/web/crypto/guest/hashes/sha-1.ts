/** SHA-1 (FIPS 180-4, section 6.1). */
import { type HashFunction, readWord, type State } from "./hash-function.ts";

const ROUNDS = 80;
const schedule = new Int32Array(ROUNDS);

function compress(state: State, bytes: Uint8Array, at: number): void {
  for (let t = 0; t < 16; t++) schedule[t] = readWord(bytes, at + t * 4);
  for (let t = 16; t < ROUNDS; t++) {
    const word = schedule[t - 3]! ^ schedule[t - 8]! ^ schedule[t - 14]! ^ schedule[t - 16]!;
    schedule[t] = (word << 1) | (word >>> 31);
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  for (let t = 0; t < ROUNDS; t++) {
    let mix: number;
    if (t < 20) mix = ((b & c) | (~b & d)) + 0x5a827999;
    else if (t < 40) mix = (b ^ c ^ d) + 0x6ed9eba1;
    else if (t < 60) mix = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    else mix = (b ^ c ^ d) + 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + mix + e + schedule[t]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
}

export const sha1: HashFunction = {
  blockBytes: 64,
  digestBytes: 20,
  initial: [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0],
  compress,
};
