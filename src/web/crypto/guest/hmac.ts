/** HMAC (https://w3c.github.io/webcrypto/#hmac). */
import type { HashName } from "../contract.ts";
import type { Algorithm, ImportRequest } from "./algorithm.ts";
import { encodeBase64url } from "./base64url.ts";
import { type Bytes, firstBits, timingSafeEqual } from "./bytes.ts";
import { dataError, notSupported, operationError, unknownFormat } from "./errors.ts";
import { hmac } from "./hashing.ts";
import { type JsonWebKey, memberBytes, writeJwk } from "./jwk.ts";
import { type CryptoKey, createKey, type KeyContents, openKey } from "./key.ts";
import { type GenerateParams, hashBlockBytes, lookUpHash, required } from "./params.ts";
import { randomBytes } from "./random.ts";
import { checkUsages, requireSomeUsage, SIGNING, type Usages } from "./usages.ts";

const NAME = "HMAC";

function hmacKey(
  hash: HashName,
  length: number,
  material: Bytes,
  extractable: boolean,
  usages: Usages,
): CryptoKey {
  requireSomeUsage(usages);
  const contents: KeyContents = { name: NAME, type: "secret", extractable, usages, material, hash };
  return createKey(contents, { name: NAME, hash: { name: hash }, length });
}

function generate(params: GenerateParams, extractable: boolean, given: readonly string[]): CryptoKey {
  const hash = lookUpHash(required(params.hash, "hash"));
  const usages = checkUsages("generate", NAME, given, SIGNING);
  const length = params.length ?? hashBlockBytes(hash) * 8;
  if (length <= 0) {
    throw operationError(`HMAC key length must be a non-zero unsigned long integer (requested ${length}).`);
  }
  const material = firstBits(randomBytes(Math.ceil(length / 8)), length);
  return hmacKey(hash, length, material, extractable, usages);
}

function importHmac({ format, data, params, extractable, usages: given }: ImportRequest): CryptoKey {
  const usages = checkUsages("import secret", NAME, given, SIGNING);
  const hashName = required(params.hash, "hash");
  let material: Bytes;
  if (format === "raw") material = data as Bytes;
  else if (format === "jwk") material = readMaterial(data as JsonWebKey, lookUpHash(hashName));
  else throw unknownFormat(format);
  const bits = material.length * 8;
  const length = params.length ?? bits;
  if (length <= 0 || length > bits || length <= bits - 8) {
    throw dataError(
      `Imported HMAC key length (${length}) must be a non-zero value up to 7 bits less than, and no greater than, ` +
        `the bit length of the raw key data (${bits}).`,
    );
  }
  return hmacKey(lookUpHash(hashName), length, firstBits(material, length), extractable, usages);
}

function readMaterial(jwk: JsonWebKey, hash: HashName): Bytes {
  if (jwk.kty !== "oct") {
    throw dataError(
      'HMAC "jwk" key import requires a JSON Web Key with Key Type parameter ("kty") equal to "oct" ' +
        `(encountered "${jwk.kty}").`,
    );
  }
  const material = memberBytes(jwk, "k", 'HMAC "jwk" key import requires a base64Url encoding of the key');
  if (jwk.alg === undefined) return material;
  if (hash === "MD5") throw notSupported("Unrecognized or unimplemented hash algorithm requested");
  const expected = `HS${hash.slice(4)}`;
  if (jwk.alg !== expected) {
    throw dataError(
      'HMAC "jwk" key import specifies "alg" that is incompatible with the hash name ' +
        `(encountered "${jwk.alg}", expected "${expected}").`,
    );
  }
  return material;
}

function exportHmac(key: CryptoKey, format: string): Bytes | JsonWebKey {
  const contents = openKey(key);
  const hash = contents.hash!;
  if (format === "raw") return contents.material.slice();
  if (format !== "jwk") throw notSupported(`Unimplemented key export format "${format}".`);
  if (hash === "MD5") {
    throw notSupported(`Unimplemented JWK key export format for key algorithm "${hash}".`);
  }
  return writeJwk("oct", contents, `HS${hash.slice(4)}`, { k: encodeBase64url(contents.material) });
}

export const hmacAlgorithm: Algorithm = {
  name: NAME,
  import: importHmac,
  generate,
  export: exportHmac,
  sign: (_params, key, data) => hmac(key, data),
  verify: (_params, key, signature, data) => {
    const expected = hmac(key, data);
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  },
};
