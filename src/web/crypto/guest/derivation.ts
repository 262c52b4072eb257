/** HKDF and PBKDF2 (https://w3c.github.io/webcrypto/#hkdf, #pbkdf2). */
import { call, callSync } from "../../../guest/host.ts";
import type { Algorithm, ImportRequest } from "./algorithm.ts";
import type { Bytes } from "./bytes.ts";
import { notSupported, operationError, syntaxError } from "./errors.ts";
import { type CryptoKey, createKey, openKey } from "./key.ts";
import { type DeriveParams, lookUpHash, required } from "./params.ts";
import { checkUsages, DERIVATION, requireSomeUsage } from "./usages.ts";

/** The most iterations that Cloudflare allows. */
const MOST_ITERATIONS = 100_000;

function importSecret(name: string, request: ImportRequest): CryptoKey {
  const usages = checkUsages("import secret", name, request.usages, DERIVATION);
  if (request.extractable) throw syntaxError(`${name} key cannot be extractable.`);
  if (request.format !== "raw") {
    throw notSupported(`${name} key must be imported in "raw" format (requested "${request.format}").`);
  }
  requireSomeUsage(usages);
  const material = request.data as Bytes;
  return createKey({ name, type: "secret", extractable: false, usages, material }, { name });
}

function requireLength(name: string, length: number | null): number {
  if (length === null) throw operationError(`${name} cannot derive a key with null length.`);
  if (length % 8 !== 0) {
    throw operationError(
      `${name} requires a derived key length that is a multiple of eight (requested ${length}).`,
    );
  }
  return length / 8;
}

function hkdf(params: DeriveParams, key: CryptoKey, length: number | null): Bytes {
  const hash = lookUpHash(required(params.hash, "hash"));
  const salt = required(params.salt, "salt");
  const info = required(params.info, "info");
  const size = requireLength("HKDF", length);
  return callSync("crypto.hkdf", hash, openKey(key).material, salt, info, size) as Bytes;
}

function pbkdf2(params: DeriveParams, key: CryptoKey, length: number | null): Bytes | Promise<Bytes> {
  const hash = lookUpHash(required(params.hash, "hash"));
  const salt = required(params.salt, "salt");
  const iterations = required(params.iterations, "iterations");
  const size = requireLength("PBKDF2", length);
  if (iterations <= 0) {
    throw operationError(`PBKDF2 requires a positive iteration count (requested ${iterations}).`);
  }
  if (iterations > MOST_ITERATIONS) {
    throw notSupported(
      `Pbkdf2 failed: iteration counts above ${MOST_ITERATIONS} are not supported (requested ${iterations}).`,
    );
  }
  if (size === 0) return new Uint8Array(0);
  // The bytes leave at the end of the turn; the script may change its salt before that.
  return call("crypto.pbkdf2", hash, openKey(key).material, salt.slice(), iterations, size) as Promise<Bytes>;
}

export const derivationAlgorithms: readonly Algorithm[] = [
  { name: "HKDF", import: request => importSecret("HKDF", request), deriveBits: hkdf },
  { name: "PBKDF2", import: request => importSecret("PBKDF2", request), deriveBits: pbkdf2 },
];
