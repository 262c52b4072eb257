/** RSASSA-PKCS1-v1_5, RSA-PSS and RSA-OAEP (https://w3c.github.io/webcrypto/, sections 20 to 22), and RSA-RAW. */
import { call, callSync } from "../../../guest/host.ts";
import type { HashName, KeyHalf, KeyMembers } from "../contract.ts";
import type { Algorithm, ImportRequest } from "./algorithm.ts";
import { describeKey, exportPair, importPair, pairContents, pairUsages } from "./asymmetric.ts";
import { encodeBase64url } from "./base64url.ts";
import { type Bytes, NO_BYTES } from "./bytes.ts";
import { dataError, notSupported, operationError } from "./errors.ts";
import { type JsonWebKey, memberBytes, writeJwk } from "./jwk.ts";
import { type CryptoKey, type CryptoKeyPair, createKey, type KeyAlgorithm, type KeyContents } from "./key.ts";
import { type GenerateParams, hashBytes, lookUpHash, required, type SignParams } from "./params.ts";
import { ENCRYPTION, SIGNING, type Usages } from "./usages.ts";

/** The "alg" of a key for this algorithm and hash (RFC 7518, section 3.1; RFC 8017's hashes besides). */
function jwkAlgorithm(name: string, hash: HashName): string {
  if (hash === "MD5") throw notSupported(`JWK export not supported for hash algorithm "${hash}".`);
  const size = hash.slice(4);
  if (name === "RSA-OAEP") return hash === "SHA-1" ? name : `RSA-OAEP-${size}`;
  return name === "RSA-PSS" ? `PS${size}` : `RS${size}`;
}

function checkSize(modulusLength: number): void {
  if (modulusLength % 8 !== 0 || modulusLength < 256 || modulusLength > 16_384) {
    throw operationError(
      `The modulus length must be a multiple of 8 and between 256 and 16k, but ${modulusLength} was requested.`,
    );
  }
}

const safeExponents = ["3", "11", "25", "10001"];

function bigEndian(hex: string): Bytes {
  const digits = hex.length % 2 === 0 ? hex : `0${hex}`;
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}

function importRsa(name: string, allowed: Usages, request: ImportRequest): CryptoKey {
  const hash = name === "RSA-RAW" ? undefined : lookUpHash(required(request.params.hash, "hash"));
  const imported = importPair(name, request, allowed, jwk => fromJwk(name, hash, jwk));
  const { kind, modulusLength = 0, publicExponent = "" } = describeKey(imported);
  if (name === "RSA-RAW" && imported.half === "public") {
    throw dataError('RSA-RAW only supports private keys but requested "public".');
  }
  if (kind !== "RSA") throw dataError("Input was not an RSA key.");
  checkSize(modulusLength);
  if (!safeExponents.includes(publicExponent)) {
    throw operationError(`Imported RSA key has invalid publicExponent ${BigInt(`0x${publicExponent}`)}.`);
  }
  const exponent = bigEndian(publicExponent);
  const contents = { ...pairContents(name, imported, request.extractable), modulusLength };
  if (hash === undefined) return createKey(contents, { name, modulusLength, publicExponent: exponent });
  return createKey({ ...contents, hash }, rsaAlgorithm(name, modulusLength, exponent, hash));
}

function rsaAlgorithm(
  name: string,
  modulusLength: number,
  publicExponent: Bytes,
  hash: HashName,
): KeyAlgorithm {
  return { name, modulusLength, publicExponent, hash: { name: hash } };
}

const factors = [
  ["p", "First Prime Factor"],
  ["q", "Second Prime Factor"],
  ["dp", "First Factor CRT Exponent"],
  ["dq", "Second Factor CRT Exponent"],
  ["qi", "First CRT Coefficient"],
] as const;

function fromJwk(name: string, hash: HashName | undefined, jwk: JsonWebKey): Bytes {
  if (jwk.kty !== "RSA") {
    throw dataError(
      `${name} "jwk" key import requires a JSON Web Key with Key Type parameter "kty" ("${jwk.kty}") equal to "RSA".`,
    );
  }
  if (
    jwk.alg !== undefined &&
    hash !== undefined &&
    (hash === "MD5" || jwk.alg !== jwkAlgorithm(name, hash))
  ) {
    throw dataError(
      `JSON Web Key Algorithm parameter "alg" ("${jwk.alg}") does not match requested hash algorithm "${hash}".`,
    );
  }
  const take = (member: "n" | "e" | "d" | (typeof factors)[number][0], problem: string): string =>
    encodeBase64url(
      memberBytes(jwk, member, `Invalid RSA key in JSON Web Key; ${problem} parameter ("${member}").`),
    );
  const members: Record<string, string> = {
    n: take("n", "missing or invalid Modulus"),
    e: take("e", "missing or invalid Exponent"),
  };
  if (jwk.d !== undefined) {
    members["d"] = take("d", "missing or invalid Private Exponent");
    const present = factors.filter(([member]) => jwk[member] !== undefined).length;
    if (present === factors.length) {
      for (const [member, title] of factors) members[member] = take(member, `invalid ${title}`);
    } else if (present > 0) {
      throw dataError(
        "Invalid RSA private key in JSON Web Key; if one Prime Factor or CRT Exponent/Coefficient parameter is " +
          'present, then they must all be present ("p", "q", "dp", "dq", "qi").',
      );
    }
  }
  return callSync("crypto.importRsa", members satisfies KeyMembers) as Bytes;
}

function exportRsa(key: CryptoKey, format: string): Bytes | JsonWebKey {
  return exportPair(key, format, contents => {
    if (format !== "jwk") return undefined;
    const { name, hash, type, material } = contents;
    const alg = hash === undefined ? undefined : jwkAlgorithm(name, hash);
    return writeJwk("RSA", contents, alg, callSync("crypto.exportMembers", type as KeyHalf, material));
  });
}

function exponentOf(bytes: Bytes): number {
  const start = bytes.findIndex(byte => byte !== 0);
  if (start !== -1 && bytes.length - start > 4) {
    throw operationError(
      'The "publicExponent" must be either 3 or 65537, but got a number larger than 2^32.',
    );
  }
  const exponent = bytes.reduce((value, byte) => value * 256 + byte, 0);
  if (exponent !== 3 && exponent !== 65_537) {
    throw operationError(`The "publicExponent" must be either 3 or 65537, but got ${exponent}.`);
  }
  return exponent;
}

async function generate(
  name: string,
  allowed: Usages,
  params: GenerateParams,
  extractable: boolean,
  given: readonly string[],
): Promise<CryptoKeyPair> {
  const publicExponent = required(params.publicExponent, "publicExponent").slice();
  const hashName = required(params.hash, "hash");
  const modulusLength = required(params.modulusLength, "modulusLength");
  if (modulusLength <= 0) {
    throw operationError(`modulusLength must be greater than zero (requested ${modulusLength}).`);
  }
  const hash = lookUpHash(hashName);
  const { ofPrivate, ofPublic } = pairUsages(name, given, allowed);
  checkSize(modulusLength);
  const exponent = exponentOf(publicExponent);
  if (modulusLength % 128 !== 0) {
    throw operationError("Can't generate key: RSA key size is required to be a multiple of 128");
  }
  if (modulusLength < 512) throw operationError("RSA key size is too small.");
  const material = (await call("crypto.generateRsa", modulusLength, exponent)) as Bytes;
  const shared = { name, hash, modulusLength };
  const publicMaterial = callSync("crypto.publicHalf", material) as Bytes;
  const algorithm = () => rsaAlgorithm(name, modulusLength, publicExponent.slice(), hash);
  return {
    publicKey: createKey(
      { ...shared, type: "public", extractable: true, usages: ofPublic, material: publicMaterial },
      algorithm(),
    ),
    privateKey: createKey(
      { ...shared, type: "private", extractable, usages: ofPrivate, material },
      algorithm(),
    ),
  };
}

function rsa(name: string, allowed: Usages, operations: Partial<Algorithm>): Algorithm {
  return {
    name,
    import: request => importRsa(name, allowed, request),
    generate: (params, extractable, usages) => generate(name, allowed, params, extractable, usages),
    export: exportRsa,
    ...operations,
  };
}

function signPkcs1(_params: SignParams, key: KeyContents, data: Bytes): Bytes {
  const needed = hashBytes(key.hash!) + 32;
  if (needed > key.modulusLength! / 8) {
    throw operationError(`key too small for signing with given digest, need at least ${8 * needed}bits.`);
  }
  return callSync("crypto.sign", "RSASSA-PKCS1-v1_5", key.hash!, 0, key.material, data) as Bytes;
}

const NO_SALT = "Failed to provide salt for RSA-PSS key operation which requires a salt";

function checkSalt(salt: number): number {
  if (salt < 0) throw dataError(`SaltLength for RSA-PSS must be non-negative (provided ${salt}).`);
  return salt;
}

function signPss(params: SignParams, key: KeyContents, data: Bytes): Bytes {
  if (params.saltLength === undefined) throw dataError(NO_SALT);
  const salt = checkSalt(params.saltLength);
  const room = key.modulusLength! / 8 - hashBytes(key.hash!) - 2;
  if (room < 0) throw operationError("key too small for signing with given digest");
  if (salt > room) throw operationError("key too small for signing with given digest and salt length");
  return callSync("crypto.sign", "RSA-PSS", key.hash!, salt, key.material, data) as Bytes;
}

function verifyPss(params: SignParams, key: KeyContents, signature: Bytes, data: Bytes): boolean {
  if (params.saltLength === undefined) throw new TypeError(NO_SALT);
  const salt = checkSalt(params.saltLength);
  return callSync("crypto.verify", "RSA-PSS", key.hash!, salt, key.material, signature, data);
}

const { generate: _, ...rawAlgorithm } = rsa("RSA-RAW", SIGNING, {
  sign: (_params, key, data) => callSync("crypto.rsaRaw", key.material, data) as Bytes,
});

export const rsaAlgorithms: readonly Algorithm[] = [
  rsa("RSASSA-PKCS1-v1_5", SIGNING, {
    sign: signPkcs1,
    verify: (_params, key, signature, data) =>
      callSync("crypto.verify", "RSASSA-PKCS1-v1_5", key.hash!, 0, key.material, signature, data),
  }),
  rsa("RSA-PSS", SIGNING, { sign: signPss, verify: verifyPss }),
  rsa("RSA-OAEP", ENCRYPTION, {
    encrypt: ({ label = NO_BYTES }, key, data) =>
      callSync("crypto.rsaOaep", "encrypt", key.hash!, key.material, label, data) as Bytes,
    decrypt: ({ label = NO_BYTES }, key, data) =>
      callSync("crypto.rsaOaep", "decrypt", key.hash!, key.material, label, data) as Bytes,
  }),
  rawAlgorithm,
];
