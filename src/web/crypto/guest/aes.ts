/** AES-CTR, AES-CBC, AES-GCM and AES-KW (https://w3c.github.io/webcrypto/, sections 27 to 30). */
import { callSync } from "../../../guest/host.ts";
import type { Algorithm, ImportRequest } from "./algorithm.ts";
import { encodeBase64url } from "./base64url.ts";
import { type Bytes, NO_BYTES } from "./bytes.ts";
import { dataError, notSupported, operationError, unknownFormat } from "./errors.ts";
import { type JsonWebKey, memberBytes, repeated, writeJwk } from "./jwk.ts";
import { type CryptoKey, createKey, type KeyContents, openKey } from "./key.ts";
import { type EncryptParams, type GenerateParams, required } from "./params.ts";
import { randomBytes } from "./random.ts";
import { checkUsages, ENCRYPTION, requireSomeUsage, type Usages, WRAPPING } from "./usages.ts";

const isKeyLength = (bits: number): boolean => bits === 128 || bits === 192 || bits === 256;

function aesKey(name: string, material: Bytes, extractable: boolean, usages: Usages): CryptoKey {
  requireSomeUsage(usages);
  const contents: KeyContents = { name, type: "secret", extractable, usages, material };
  return createKey(contents, { name, length: material.length * 8 });
}

function importAes(name: string, allowed: Usages, request: ImportRequest): CryptoKey {
  const { format, data, extractable } = request;
  const usages = checkUsages("import secret", name, request.usages, allowed);
  let material: Bytes;
  if (format === "raw") material = data as Bytes;
  else if (format === "jwk") material = readMaterial(data as JsonWebKey);
  else throw unknownFormat(format);
  const bits = material.length * 8;
  if (!isKeyLength(bits)) {
    throw dataError(`Imported AES key length must be 128, 192, or 256 bits but provided ${bits}.`);
  }
  if (format === "jwk") checkJwk(name, bits, data as JsonWebKey, request.usages);
  return aesKey(name, material, extractable, usages);
}

function readMaterial(jwk: JsonWebKey): Bytes {
  if (jwk.kty !== "oct") {
    throw dataError(
      'Symmetric "jwk" key import requires a JSON Web Key with Key Type parameter "kty" equal to "oct" ' +
        `(encountered "${jwk.kty}").`,
    );
  }
  return memberBytes(jwk, "k", 'Symmetric "jwk" key import requires a base64Url encoding of the key.');
}

function checkJwk(name: string, bits: number, jwk: JsonWebKey, usages: readonly string[]): void {
  const alg = `A${bits}${name.slice(4)}`;
  if (jwk.alg !== undefined && jwk.alg !== alg) {
    throw dataError(`Symmetric "jwk" key contains invalid "alg" value "${jwk.alg}", expected "${alg}".`);
  }
  if (usages.length > 0 && jwk.use !== undefined && jwk.use !== "enc") {
    throw dataError(`Symmetric "jwk" key must have a "use" of "enc", not "${jwk.use}".`);
  }
  const operations = jwk.key_ops;
  if (operations === undefined) return;
  const twice = repeated(operations);
  if (twice !== undefined) {
    throw dataError(`Symmetric "jwk" key contains duplicate value "${twice}", in "key_op".`);
  }
  for (const usage of usages) {
    if (!operations.includes(usage)) throw dataError(`"jwk" key missing usage "${usage}", in "key_ops".`);
  }
}

function exportAes(key: CryptoKey, format: string): Bytes | JsonWebKey {
  const contents = openKey(key);
  const { name, material } = contents;
  if (format === "raw") return material.slice();
  if (format !== "jwk") {
    throw notSupported(`${name} key only supports exporting "raw" & "jwk", not "${format}".`);
  }
  const alg = `A${material.length * 8}${name.slice(4)}`;
  return writeJwk("oct", contents, alg, { k: encodeBase64url(material) });
}

function generateAes(
  name: string,
  allowed: Usages,
  params: GenerateParams,
  extractable: boolean,
  given: readonly string[],
): CryptoKey {
  const usages = checkUsages("generate", name, given, allowed);
  const length = required(params.length, "length");
  if (!isKeyLength(length)) {
    throw operationError(`Generated AES key length must be 128, 192, or 256 bits but requested ${length}.`);
  }
  return aesKey(name, randomBytes(length / 8), extractable, usages);
}

function aes(name: string, allowed: Usages, operations: Partial<Algorithm>): Algorithm {
  return {
    name,
    import: request => importAes(name, allowed, request),
    generate: (params, extractable, usages) => generateAes(name, allowed, params, extractable, usages),
    export: exportAes,
    ...operations,
  };
}

const tagLengths = [32, 64, 96, 104, 112, 120, 128];

function gcm(direction: "encrypt" | "decrypt", params: EncryptParams, key: KeyContents, data: Bytes): Bytes {
  const iv = required(params.iv, "iv");
  if (iv.length === 0) throw operationError("AES-GCM IV must not be empty.");
  const bits = params.tagLength ?? 128;
  if (!tagLengths.includes(bits)) throw operationError(`Invalid AES-GCM tag length ${bits}.`);
  if (direction === "decrypt" && data.length < bits / 8) {
    throw operationError(
      `Ciphertext length of ${data.length * 8} bits must be greater than or equal to the size of the AES-GCM ` +
        `tag length of ${bits} bits.`,
    );
  }
  const additionalData = params.additionalData ?? NO_BYTES;
  return callSync("crypto.aesGcm", direction, key.material, iv, additionalData, bits / 8, data) as Bytes;
}

function cbc(direction: "encrypt" | "decrypt", params: EncryptParams, key: KeyContents, data: Bytes): Bytes {
  const iv = required(params.iv, "iv");
  if (iv.length !== 16) {
    const provided = direction === "encrypt" ? `${iv.length} bytes` : iv.length;
    throw operationError(`AES-CBC IV must be 16 bytes long (provided ${provided}).`);
  }
  return callSync("crypto.aesCbc", direction, key.material, iv, data) as Bytes;
}

function ctr(params: EncryptParams, key: KeyContents, data: Bytes): Bytes {
  const { counter, length } = params;
  if (counter === undefined) throw new TypeError('Missing "counter" member in "algorithm".');
  if (counter.length !== 16) {
    throw operationError(`Counter must have length of 16 bytes (provided ${counter.length}).`);
  }
  if (length === undefined) throw new TypeError('Missing "length" member in "algorithm".');
  if (length < 1 || length > 128) throw operationError(`Invalid counter of ${length} bits length provided.`);
  return callSync("crypto.aesCtr", key.material, counter, length, data) as Bytes;
}

function wrap(key: KeyContents, data: Bytes): Bytes {
  if (data.length % 8 !== 0) {
    throw operationError(
      "Unwrapped key bit length must be a multiple of 64 bits but unwrapped key has a length of " +
        `${data.length * 8} bits.`,
    );
  }
  if (data.length < 16) {
    throw operationError(
      `Unwrapped key has length ${data.length} bytes but it should be greater than or equal to 16 and less than ` +
        "or equal to 18446744073709551607",
    );
  }
  return callSync("crypto.aesKw", "wrap", key.material, data) as Bytes;
}

function unwrap(key: KeyContents, data: Bytes): Bytes {
  const bits = data.length * 8;
  if (data.length % 8 !== 0) {
    throw operationError(
      `Provided a wrapped key to unwrap that is ${bits} bits which isn't a multiple of 64 bits.`,
    );
  }
  if (data.length < 24) {
    throw operationError(
      `Provided a wrapped key to unwrap this is ${bits} bits that is less than the minimal length of 192 bits.`,
    );
  }
  return callSync("crypto.aesKw", "unwrap", key.material, data) as Bytes;
}

export const aesAlgorithms: readonly Algorithm[] = [
  aes("AES-GCM", ENCRYPTION, {
    encrypt: (params, key, data) => gcm("encrypt", params, key, data),
    decrypt: (params, key, data) => gcm("decrypt", params, key, data),
  }),
  aes("AES-CBC", ENCRYPTION, {
    encrypt: (params, key, data) => cbc("encrypt", params, key, data),
    decrypt: (params, key, data) => cbc("decrypt", params, key, data),
  }),
  aes("AES-CTR", ENCRYPTION, { encrypt: ctr, decrypt: ctr }),
  aes("AES-KW", WRAPPING, { wrap, unwrap }),
];
