/** Keys in and out: the steps of importing, exporting and deriving that all algorithms share. */
import type { Algorithm } from "./algorithm.ts";
import { type Bytes, takeBytes } from "./bytes.ts";
import {
  dataError,
  invalidAccess,
  notSupported,
  operationError,
  unimplemented,
  unknownFormat,
} from "./errors.ts";
import { type JsonWebKey, readJwk } from "./jwk.ts";
import { type CryptoKey, openKey } from "./key.ts";
import { hashBlockBytes, type ImportParams, lookUpHash, required } from "./params.ts";
import { findAlgorithm } from "./registry.ts";
import { type UsageName, usageOf } from "./usages.ts";

const byteFormats = ["raw", "pkcs8", "spki"];

/** What a script gave as key data: bytes, or a JSON Web Key. */
export function readKeyData(value: unknown, where: string): Bytes | JsonWebKey {
  const bytes = takeBytes(value);
  if (bytes !== undefined) return bytes;
  if (typeof value === "object" && value !== null) return readJwk(value);
  throw new TypeError(`${where} is not of type 'BufferSource or JsonWebKey'.`);
}

/** Imports a key (https://w3c.github.io/webcrypto/#SubtleCrypto-method-importKey). */
export function importKey(
  format: string,
  data: Bytes | JsonWebKey,
  params: ImportParams,
  extractable: boolean,
  usages: readonly string[],
): CryptoKey {
  const isBytes = data instanceof Uint8Array;
  if (byteFormats.includes(format)) {
    if (!isBytes) {
      throw new TypeError("Import data provided for buffer-based import formats must be a buffer source.");
    }
  } else if (format === "jwk") {
    if (isBytes) throw new TypeError('Import data provided for "jwk" import format must be a JsonWebKey.');
    if (data.ext === false && extractable) {
      throw dataError(`JWK ext field for "${params.name}" is set to false but extractable is true`);
    }
  } else {
    throw unknownFormat(format);
  }
  const algorithm = findAlgorithm(params.name);
  if (algorithm === undefined) {
    throw notSupported(`Unrecognized key import algorithm "${params.name}" requested.`);
  }
  return algorithm.import({ format, data: isBytes ? data.slice() : data, params, extractable, usages });
}

/** Exports a key, where it may be (https://w3c.github.io/webcrypto/#SubtleCrypto-method-exportKey). */
export function exportKey(format: string, key: CryptoKey): Bytes | JsonWebKey {
  const { name, extractable } = openKey(key);
  if (!extractable) throw invalidAccess(`Attempt to export non-extractable ${name} key.`);
  const algorithm = findAlgorithm(name)!;
  if (algorithm.export === undefined) throw unimplemented("exportKey", name);
  return algorithm.export(key, format);
}

/** The algorithm of a key, when the one asked for is it and the key may be used so. */
export function algorithmFor(key: CryptoKey, requested: string, usage: UsageName): Algorithm {
  const { name, usages } = openKey(key);
  if (requested !== name && requested.toLowerCase() !== name.toLowerCase()) {
    throw invalidAccess(
      `Requested algorithm "${requested}" does not match this CryptoKey's algorithm "${name}".`,
    );
  }
  if ((usages & usageOf(usage)) === 0) {
    throw invalidAccess(`Requested key usage "${usage}" does not match any usage listed in this CryptoKey.`);
  }
  return findAlgorithm(name)!;
}

/** How many bits a key to derive takes (https://w3c.github.io/webcrypto/#concept-get-key-length); null: as many as there are. */
export function derivedKeyLength(params: ImportParams): number | null {
  const name = params.name.toUpperCase();
  switch (name) {
    case "AES-CTR":
    case "AES-CBC":
    case "AES-GCM":
    case "AES-KW": {
      const length = required(params.length, "length", "derivedKeyParams");
      if (length !== 128 && length !== 192 && length !== 256) {
        throw operationError(
          `Derived AES key must be 128, 192, or 256 bits in length but provided ${length}.`,
        );
      }
      return length;
    }
    case "HMAC":
      if (params.length !== undefined) {
        if (params.length > 0) return params.length;
        throw new TypeError("HMAC key length must be a non-zero unsigned long integer.");
      }
      return hashBlockBytes(lookUpHash(required(params.hash, "hash", "derivedKeyParams"))) * 8;
    case "HKDF":
    case "PBKDF2":
      return null;
    default:
      throw notSupported(`Unrecognized derived key type "${params.name}" requested.`);
  }
}
