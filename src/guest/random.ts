/**
 * `Math.random`, seeded for each isolate: isolates that start from one image would all continue the same sequence.
 * The generator is xoshiro128**, by David Blackman and Sebastiano Vigna (https://prng.di.unimi.it).
 */
let a = 0x9e3779b9;
let b = 0x243f6a88;
let c = 0xb7e15162;
let d = 0xdeadbeef;

const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));

function next(): number {
  const result = Math.imul(rotate(Math.imul(b, 5), 7), 9);
  const shifted = b << 9;
  c ^= a;
  d ^= b;
  b ^= c;
  a ^= d;
  c ^= shifted;
  d = rotate(d, 11);
  return result >>> 0;
}

/** Starts the sequence anew from 32 hexadecimal digits or more. */
export function seedRandom(seed: string): void {
  [a, b, c, d] = [0, 8, 16, 24].map(from => Number.parseInt(seed.slice(from, from + 8), 16) | 0) as [
    number,
    number,
    number,
    number,
  ];
  if ((a | b | c | d) === 0) a = 1;
}

export function installRandom(): void {
  const random = { random: () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000 }.random;
  Object.defineProperty(Math, "random", { value: random, writable: true, configurable: true });
}
