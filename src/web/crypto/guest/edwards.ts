/** Ed25519 and X25519 (https://w3c.github.io/webcrypto/#ed25519, #x25519), and the older NODE-ED25519. */
import { callSync } from "../../../guest/host.ts";
import type { EdwardsCurveName, KeyHalf } from "../contract.ts";
import { agree } from "./agreement.ts";
import type { Algorithm, ImportRequest } from "./algorithm.ts";
import {
  describeKey,
  exportPair,
  halfUsages,
  type Imported,
  importPair,
  pairContents,
  pairUsages,
} from "./asymmetric.ts";
import { encodeBase64url } from "./base64url.ts";
import type { Bytes } from "./bytes.ts";
import { dataError, invalidAccess, notSupported, operationError } from "./errors.ts";
import { type JsonWebKey, memberBytes, writeJwk } from "./jwk.ts";
import {
  type CryptoKey,
  type CryptoKeyPair,
  createKey,
  type KeyAlgorithm,
  type KeyContents,
  openKey,
} from "./key.ts";
import { required } from "./params.ts";
import { DERIVATION, SIGNING, type Usages } from "./usages.ts";

const NODE = "NODE-ED25519";
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

interface Variant {
  readonly name: string;
  readonly curve: EdwardsCurveName;
  readonly allowed: Usages;
}

/** The older name wants a named curve, which is itself. */
function checkNamedCurve(name: string, namedCurve: string | undefined): void {
  if (name !== NODE) return;
  const curve = required(namedCurve, "namedCurve");
  if (curve !== NODE) throw notSupported(`EDDSA curve "${curve}" isn't supported.`);
}

const keyAlgorithm = (name: string): KeyAlgorithm => (name === NODE ? { name, namedCurve: NODE } : { name });

function importKey({ name, curve, allowed }: Variant, request: ImportRequest): CryptoKey {
  const { format, data, params, usages, extractable } = request;
  checkNamedCurve(name, params.namedCurve);
  let imported: Imported;
  if (format === "raw") {
    const ofPublic = halfUsages("public", name, usages, allowed);
    const raw = data as Bytes;
    if (raw.length !== KEY_BYTES) {
      throw dataError(`${curve} raw keys must be exactly 32-bytes (provided ${raw.length}).`);
    }
    const material = callSync("crypto.importOnCurve", curve, { x: encodeBase64url(raw) }) as Bytes;
    imported = { half: "public", material, usages: ofPublic };
  } else {
    imported = importPair(name, request, allowed, jwk => fromJwk(curve, jwk));
  }
  if (describeKey(imported).kind !== curve) throw dataError(`Input was not an ${curve} key.`);
  return createKey(pairContents(name, imported, extractable), keyAlgorithm(name));
}

function fromJwk(curve: EdwardsCurveName, jwk: JsonWebKey): Bytes {
  if (jwk.kty !== "OKP") {
    throw dataError(
      `${curve} "jwk" key imports requires a JSON Web Key with Key Type parameter "kty" ("${jwk.kty}") equal to "OKP".`,
    );
  }
  if (jwk.crv === undefined) throw dataError(`Missing field "crv" for ${curve} key.`);
  if (jwk.crv !== curve) throw notSupported(`Only ${curve} is supported but "${jwk.crv}" was requested.`);
  if (curve === "Ed25519" && jwk.alg !== undefined && jwk.alg !== "EdDSA") {
    throw dataError(
      `JSON Web Key Algorithm parameter "alg" ("${jwk.alg}") does not match requested Ed25519 curve.`,
    );
  }
  const problem = `Invalid ${curve} key in JSON WebKey; missing or invalid public key component ("x").`;
  const x = memberBytes(jwk, "x", problem);
  if (x.length !== KEY_BYTES) throw dataError(`Invalid length ${x.length} for public key`);
  if (jwk.d === undefined) return callSync("crypto.importOnCurve", curve, { x: encodeBase64url(x) }) as Bytes;
  const d = memberBytes(
    jwk,
    "d",
    `Invalid ${curve} key in JSON Web Key; missing or invalid private key component ("d").`,
  );
  if (d.length !== KEY_BYTES) throw dataError(`Invalid length ${d.length} for private key`);
  const members = { x: encodeBase64url(x), d: encodeBase64url(d) };
  return callSync("crypto.importOnCurve", curve, members) as Bytes;
}

function exportKey({ name, curve }: Variant, key: CryptoKey, format: string): Bytes | JsonWebKey {
  return exportPair(key, format, contents => {
    const { type, material } = contents;
    if (format === "jwk") {
      const members = callSync("crypto.exportMembers", type as KeyHalf, material);
      return writeJwk("OKP", contents, name === "Ed25519" ? "EdDSA" : undefined, members);
    }
    if (format !== "raw") return undefined;
    if (type !== "public") {
      throw invalidAccess(`Raw export of ${curve} keys is only allowed for public keys.`);
    }
    // The key is the end of the DER.
    return material.slice(material.length - KEY_BYTES);
  });
}

function generate(
  { name, curve, allowed }: Variant,
  extractable: boolean,
  given: readonly string[],
): CryptoKeyPair {
  const { ofPrivate, ofPublic } = pairUsages(name, given, allowed);
  const material = callSync("crypto.generateOnCurve", curve) as Bytes;
  const publicMaterial = callSync("crypto.publicHalf", material) as Bytes;
  return {
    publicKey: createKey(
      { name, type: "public", extractable: true, usages: ofPublic, material: publicMaterial },
      keyAlgorithm(name),
    ),
    privateKey: createKey(
      { name, type: "private", extractable, usages: ofPrivate, material },
      keyAlgorithm(name),
    ),
  };
}

function verify(key: KeyContents, signature: Bytes, data: Bytes): boolean {
  if (signature.length !== SIGNATURE_BYTES) {
    throw operationError(`Invalid ${key.name} signature length ${signature.length}`);
  }
  return callSync("crypto.verify", "Ed25519", null, 0, key.material, signature, data);
}

function edwards(variant: Variant, operations: Partial<Algorithm>): Algorithm {
  return {
    name: variant.name,
    import: request => importKey(variant, request),
    generate: (params, extractable, usages) => {
      checkNamedCurve(variant.name, params.namedCurve);
      return generate(variant, extractable, usages);
    },
    export: (key, format) => exportKey(variant, key, format),
    ...operations,
  };
}

const signatures: Partial<Algorithm> = {
  sign: (_params, key, data) => callSync("crypto.sign", "Ed25519", null, 0, key.material, data) as Bytes,
  verify: (_params, key, signature, data) => verify(key, signature, data),
};

export const edwardsAlgorithms: readonly Algorithm[] = [
  edwards({ name: "Ed25519", curve: "Ed25519", allowed: SIGNING }, signatures),
  edwards({ name: NODE, curve: "Ed25519", allowed: SIGNING }, signatures),
  edwards(
    { name: "X25519", curve: "X25519", allowed: DERIVATION },
    { deriveBits: (params, key, length) => agree(openKey(key), params, length) },
  ),
];
