/** What an algorithm of Web Cryptography is to this library, and the errors that all of them throw. */
import { DOMException } from "../../dom-exception/guest.ts";
import type { JsonWebKey } from "./jwk.ts";
import type { CryptoKey, CryptoKeyPair, KeyContents } from "./key.ts";
import type { DeriveParams, EncryptParams, GenerateParams, ImportParams, SignParams } from "./params.ts";

export type Bytes = Uint8Array<ArrayBuffer>;
export type KeyFormat = "raw" | "pkcs8" | "spki" | "jwk";

export interface ImportRequest {
  readonly format: string;
  /** A JSON Web Key when the format is "jwk", else bytes that are the library's own. */
  readonly data: Bytes | JsonWebKey;
  readonly params: ImportParams;
  readonly extractable: boolean;
  readonly usages: readonly string[];
}

/** The operations that are missing are those that the algorithm does not have. */
export interface Algorithm {
  readonly name: string;
  import(request: ImportRequest): CryptoKey;
  generate?(
    params: GenerateParams,
    extractable: boolean,
    usages: readonly string[],
  ): CryptoKey | CryptoKeyPair | Promise<CryptoKeyPair>;
  export?(key: CryptoKey, format: string): Bytes | JsonWebKey;
  encrypt?(params: EncryptParams, key: KeyContents, data: Bytes): Bytes;
  decrypt?(params: EncryptParams, key: KeyContents, data: Bytes): Bytes;
  /** Wraps a key's bytes, where that is not encrypting them. */
  wrap?(key: KeyContents, data: Bytes): Bytes;
  unwrap?(key: KeyContents, data: Bytes): Bytes;
  sign?(params: SignParams, key: KeyContents, data: Bytes): Bytes;
  verify?(params: SignParams, key: KeyContents, signature: Bytes, data: Bytes): boolean;
  /** `length` is in bits; null asks for all that there is. */
  deriveBits?(params: DeriveParams, key: CryptoKey, length: number | null): Bytes | Promise<Bytes>;
}

export const notSupported = (message: string): DOMException => new DOMException(message, "NotSupportedError");
export const operationError = (message: string): DOMException => new DOMException(message, "OperationError");
export const dataError = (message: string): DOMException => new DOMException(message, "DataError");
export const invalidAccess = (message: string): DOMException =>
  new DOMException(message, "InvalidAccessError");

export const unknownFormat = (format: string): DOMException =>
  notSupported(`Unrecognized key import format "${format}".`);

/** The first bits of some bytes, with zeros after them in the last byte. */
export function firstBits(bytes: Bytes, bits: number): Bytes {
  const result = bytes.slice(0, Math.ceil(bits / 8));
  const surplus = result.length * 8 - bits;
  if (surplus > 0) result[result.length - 1]! &= 0xff << surplus;
  return result;
}
