/** GHASH (NIST SP 800-38D, section 6.4), for what OpenSSL's GCM does not take. */

const BLOCK = 16;
/** x^128 + x^7 + x^2 + x + 1, with the bits in GCM's order. */
const REDUCTION = 0xe1n << 120n;

/** The hash of additional data and data under a subkey, with both lengths at its end. */
export function ghash(subkey: Uint8Array, additionalData: Uint8Array, data: Uint8Array): Uint8Array {
  const key = toBigInt(subkey);
  let state = 0n;
  for (const part of [additionalData, data]) {
    for (let start = 0; start < part.length; start += BLOCK) {
      const block = new Uint8Array(BLOCK);
      block.set(part.subarray(start, start + BLOCK));
      state = multiply(state ^ toBigInt(block), key);
    }
  }
  const lengths = (BigInt(additionalData.length * 8) << 64n) | BigInt(data.length * 8);
  const result = multiply(state ^ lengths, key);
  return Uint8Array.from(Buffer.from(result.toString(16).padStart(BLOCK * 2, "0"), "hex"));
}

function multiply(left: bigint, right: bigint): bigint {
  let product = 0n;
  let factor = right;
  for (let bit = 127n; bit >= 0n; bit--) {
    if ((left >> bit) & 1n) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ REDUCTION : factor >> 1n;
  }
  return product;
}

function toBigInt(block: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(block).toString("hex")}`);
}
