/** Derivation of secrets. */
import { createHmac, diffieHellman, type KeyObject } from "node:crypto";
import type { HashName } from "../contract.ts";
import { nodeHash } from "./digests.ts";
import { CryptoFailure, orFail } from "./failure.ts";
import { parseKey } from "./keys.ts";

const MOST_BLOCKS = 255;

/** HKDF (RFC 5869). Node's own bounds the length of `info`. */
export function hkdf(
  hash: HashName,
  key: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const name = nodeHash(hash);
  const secret = createHmac(name, salt).update(key).digest();
  if (length > MOST_BLOCKS * secret.length) {
    throw new CryptoFailure("OperationError", "HKDF deriveBits failed.");
  }
  const output = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let start = 0, index = 1; start < length; start += block.length, index++) {
    block = createHmac(name, secret).update(block).update(info).update(Uint8Array.of(index)).digest();
    output.set(block.subarray(0, length - start), start);
  }
  return output;
}

export function agree(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const mine: KeyObject = parseKey("private", privateKey);
  const theirs: KeyObject = parseKey("public", publicKey);
  return orFail("OperationError", "Failed to derive the shared secret.", () =>
    diffieHellman({ privateKey: mine, publicKey: theirs }),
  );
}
