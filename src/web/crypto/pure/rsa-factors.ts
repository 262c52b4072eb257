/** The prime factors of an RSA key of which only the exponents are known (NIST SP 800-56B, appendix C). */
import type { KeyMembers } from "../contract.ts";
import { cryptoLimits } from "../limits.ts";
import { CryptoFailure } from "./failure.ts";

const attempts = 100n;

/** Completes the members of a private key that has no prime factors. */
export function withPrimeFactors(members: KeyMembers): KeyMembers {
  const n = decode(members["n"]!);
  const e = decode(members["e"]!);
  const d = decode(members["d"]!);
  if (n.toString(2).length > cryptoLimits.factorisedModulusBits) {
    const message = `RSA keys above ${cryptoLimits.factorisedModulusBits} bits must come with their prime factors.`;
    throw new CryptoFailure("NotSupportedError", message);
  }
  const p = factor(n, e, d);
  if (p === undefined) throw new CryptoFailure("DataError", "Invalid RSA key in JSON Web Key.");
  const q = n / p;
  const [first, second] = p > q ? [p, q] : [q, p];
  return {
    n: members["n"]!,
    e: members["e"]!,
    d: members["d"]!,
    p: encode(first),
    q: encode(second),
    dp: encode(d % (first - 1n)),
    dq: encode(d % (second - 1n)),
    qi: encode(inverse(second, first)),
  };
}

/** A proper factor of n: a square root of 1 modulo n other than 1 and -1 gives one away. */
function factor(n: bigint, e: bigint, d: bigint): bigint | undefined {
  let odd = e * d - 1n;
  if (odd <= 0n || d >= n || (n & 1n) === 0n) return undefined;
  let halvings = 0;
  for (; (odd & 1n) === 0n; odd >>= 1n) halvings++;
  for (let base = 2n; base < 2n + attempts; base++) {
    let root = power(base, odd, n);
    for (let step = 0; step < halvings && root !== 1n && root !== n - 1n; step++) {
      const square = (root * root) % n;
      if (square === 1n) return divisor(root - 1n, n);
      root = square;
    }
  }
  return undefined;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === "1") result = (result * base) % modulus;
  }
  return result;
}

function divisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

/** The inverse of `value`, by the extended Euclidean algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [previous, remainder] = [modulus, value % modulus];
  let [previousFactor, factorOfValue] = [0n, 1n];
  while (remainder !== 0n) {
    const quotient = previous / remainder;
    [previous, remainder] = [remainder, previous - quotient * remainder];
    [previousFactor, factorOfValue] = [factorOfValue, previousFactor - quotient * factorOfValue];
  }
  return ((previousFactor % modulus) + modulus) % modulus;
}

function decode(text: string): bigint {
  return BigInt(`0x0${Buffer.from(text, "base64url").toString("hex")}`);
}

function encode(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex").toString("base64url");
}
