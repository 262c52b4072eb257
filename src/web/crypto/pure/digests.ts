/** Hashes, whole and in parts, and HMAC. */
import { createHash, createHmac, hash as hashAtOnce, randomBytes } from "node:crypto";
import type { DigestName, HashName } from "../contract.ts";
import { cryptoLimits } from "../limits.ts";
import { type Checksum, createChecksum, isChecksum } from "./checksums.ts";
import { CryptoFailure } from "./failure.ts";

/** Node's name of a hash: "SHA-256" is "sha256". */
export function nodeHash(hash: HashName): string {
  return hash.replace("-", "").toLowerCase();
}

interface Digest {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
}

function createDigest(name: DigestName): Digest | Checksum {
  return isChecksum(name) ? createChecksum(name) : createHash(nodeHash(name));
}

export function digest(name: DigestName, data: Uint8Array): Uint8Array {
  if (!isChecksum(name)) return hashAtOnce(nodeHash(name), data, "buffer");
  const checksum = createChecksum(name);
  checksum.update(data);
  return checksum.digest();
}

export function hmac(hash: HashName, key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac(nodeHash(hash), key).update(data).digest();
}

/**
 * Digests under way, in the order of their last use. Isolates of one thread share them, so a handle is a random
 * string; a guest that drops a stream leaves its digest here, so their number has a bound.
 */
const open = new Map<string, Digest>();

export function openDigest(name: DigestName): string {
  const handle = randomBytes(16).toString("base64url");
  open.set(handle, createDigest(name));
  if (open.size > cryptoLimits.openDigests) open.delete(open.keys().next().value!);
  return handle;
}

export function updateDigest(handle: string, data: Uint8Array): null {
  const under = take(handle);
  under.update(data);
  open.set(handle, under);
  return null;
}

export function closeDigest(handle: string): Uint8Array {
  return take(handle).digest();
}

export function dropDigest(handle: string): null {
  open.delete(handle);
  return null;
}

function take(handle: string): Digest {
  const found = open.get(handle);
  if (found === undefined) {
    throw new CryptoFailure("OperationError", "The digest was given up: too many digests are under way.");
  }
  open.delete(handle);
  return found;
}
