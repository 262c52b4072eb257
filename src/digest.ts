/**
 * Tells one content from another: for the keys of caches, and to find an entry of theirs that was damaged. It is no defence
 * against anybody. node:crypto and node:zlib have better functions, which take longer to load than this takes for megabytes.
 */

const WORD_BYTES = 4;

/** Sixteen hexadecimal digits. */
export function digest(content: string | Uint8Array): string {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const words = wordsOf(bytes);
  let left = bytes.length ^ 0x2545f491;
  let right = bytes.length ^ 0x9e3779b9;
  // Two lanes, each step of which can be undone: a change of any bit goes on to the end.
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? 0;
    left = Math.imul(left ^ word, 0x85ebca6b);
    left ^= left >>> 15;
    right = Math.imul((right << 7) | (right >>> 25), 0xc2b2ae35) ^ word;
  }
  for (let index = words.length * WORD_BYTES; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    left = Math.imul(left ^ byte, 0x85ebca6b);
    left ^= left >>> 15;
    right = Math.imul((right << 7) | (right >>> 25), 0xc2b2ae35) ^ byte;
  }
  return hexadecimal(left ^ (right >>> 16)) + hexadecimal(right);
}

function wordsOf(bytes: Uint8Array): Int32Array {
  const { buffer, byteOffset } = byteOffsetIsWhole(bytes) ? bytes : new Uint8Array(bytes);
  return new Int32Array(buffer, byteOffset, Math.floor(bytes.length / WORD_BYTES));
}

const byteOffsetIsWhole = (bytes: Uint8Array) => bytes.byteOffset % WORD_BYTES === 0;

const hexadecimal = (value: number) => (value >>> 0).toString(16).padStart(8, "0");
