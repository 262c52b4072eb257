/** What an algorithm of Web Cryptography is to this library. */
import type { Bytes } from "./bytes.ts";
import type { JsonWebKey } from "./jwk.ts";
import type { CryptoKey, CryptoKeyPair, KeyContents } from "./key.ts";
import type { DeriveParams, EncryptParams, GenerateParams, ImportParams, SignParams } from "./params.ts";

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
