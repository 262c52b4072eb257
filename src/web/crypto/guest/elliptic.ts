/** ECDSA and ECDH on the NIST curves (https://w3c.github.io/webcrypto/#ecdsa, #ecdh). */
import { callSync } from "../../../guest/host.ts";
import type { CurveName, KeyHalf } from "../contract.ts";
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
import { dataError, invalidAccess, notSupported } from "./errors.ts";
import { type JsonWebKey, memberBytes, writeJwk } from "./jwk.ts";
import { type CryptoKey, type CryptoKeyPair, createKey, openKey } from "./key.ts";
import { type GenerateParams, lookUpHash, required, type SignParams } from "./params.ts";
import { DERIVATION, NONE, SIGNING, type Usages } from "./usages.ts";

/** The bytes of a coordinate on each curve, and the "alg" of ECDSA on it (RFC 7518, section 3.4). */
const curves: Readonly<Record<CurveName, { readonly size: number; readonly alg: string }>> = {
  "P-256": { size: 32, alg: "ES256" },
  "P-384": { size: 48, alg: "ES384" },
  "P-521": { size: 66, alg: "ES512" },
};

function lookUpCurve(name: string): CurveName {
  const curve = name.toUpperCase() as CurveName;
  if (!Object.hasOwn(curves, curve)) {
    throw notSupported(`Unrecognized or unimplemented EC curve "${name}" requested.`);
  }
  return curve;
}

function importElliptic(name: string, allowed: Usages, request: ImportRequest): CryptoKey {
  const { format, data, params, usages, extractable } = request;
  const namedCurve = required(params.namedCurve, "namedCurve");
  const curve = lookUpCurve(namedCurve);
  let imported: Imported;
  if (format === "raw") {
    const ofPublic = halfUsages("public", name, usages, name === "ECDH" ? NONE : allowed);
    const material = callSync("crypto.importPoint", curve, data as Bytes) as Bytes;
    imported = { half: "public", material, usages: ofPublic };
  } else {
    imported = importPair(name, request, allowed, jwk => fromJwk(name, curve, jwk));
  }
  const { kind } = describeKey(imported);
  if (!Object.hasOwn(curves, kind)) {
    throw dataError(
      name === "ECDH" ? "Input was not an EC public key nor a DH key." : "Input was not an EC key.",
    );
  }
  if (kind !== curve) {
    throw dataError(
      `"algorithm.namedCurve" "${namedCurve}"${name === "ECDH" ? "," : ""} does not match the curve specified by ` +
        "the input key data.",
    );
  }
  return createKey({ ...pairContents(name, imported, extractable), curve }, { name, namedCurve: curve });
}

function fromJwk(name: string, curve: CurveName, jwk: JsonWebKey): Bytes {
  if (jwk.kty !== "EC") {
    throw dataError(
      'Elliptic curve "jwk" key import requires a JSON Web Key with Key Type parameter "kty" ' +
        `("${jwk.kty}") equal to "EC".`,
    );
  }
  if (name === "ECDSA" && jwk.alg !== undefined) checkAlgorithm(curve, jwk.alg);
  const members: Record<string, string> = {};
  for (const member of ["x", "y"] as const) {
    const bytes = memberBytes(jwk, member, `Invalid EC key in JSON Web Key; missing "${member}".`);
    members[member] = encodeBase64url(bytes);
  }
  if (jwk.d !== undefined) {
    const problem = 'Invalid EC key in JSON Web Key; missing or invalid private key component ("d").';
    members["d"] = encodeBase64url(memberBytes(jwk, "d", problem));
  }
  return callSync("crypto.importOnCurve", curve, members) as Bytes;
}

function checkAlgorithm(curve: CurveName, alg: string): void {
  if (!Object.values(curves).some(known => known.alg === alg)) {
    throw notSupported(
      `Unrecognized or unimplemented algorithm "${alg}" listed in JSON Web Key Algorithm parameter.`,
    );
  }
  if (curves[curve].alg !== alg) {
    throw dataError(`JSON Web Key Algorithm parameter "alg" ("${alg}") does not match requested curve.`);
  }
}

function exportElliptic(key: CryptoKey, format: string): Bytes | JsonWebKey {
  return exportPair(key, format, contents => {
    const { type, material, curve } = contents;
    if (format === "jwk") {
      const members = callSync("crypto.exportMembers", type as KeyHalf, material);
      return writeJwk("EC", contents, undefined, members);
    }
    if (format !== "raw") return undefined;
    if (type !== "public") {
      throw invalidAccess("Raw export of elliptic curve keys is only allowed for public keys.");
    }
    // The point, uncompressed, is the end of the DER.
    return material.slice(material.length - 1 - 2 * curves[curve!].size);
  });
}

function generate(
  name: string,
  allowed: Usages,
  params: GenerateParams,
  extractable: boolean,
  given: readonly string[],
): CryptoKeyPair {
  const { ofPrivate, ofPublic } = pairUsages(name, given, allowed);
  const curve = lookUpCurve(required(params.namedCurve, "namedCurve"));
  const material = callSync("crypto.generateOnCurve", curve) as Bytes;
  const publicMaterial = callSync("crypto.publicHalf", material) as Bytes;
  const publicContents = { name, extractable: true, usages: ofPublic, material: publicMaterial, curve };
  return {
    publicKey: createKey({ ...publicContents, type: "public" }, { name, namedCurve: curve }),
    privateKey: createKey(
      { name, type: "private", extractable, usages: ofPrivate, material, curve },
      { name, namedCurve: curve },
    ),
  };
}

function callTimeHash(params: SignParams) {
  if (params.hash !== undefined) return lookUpHash(params.hash);
  throw new TypeError(
    'Missing "hash" in AlgorithmIdentifier. (ECDSA requires that the hash algorithm be specified at call time ' +
      "rather than on the key. This differs from other WebCrypto algorithms for historical reasons.)",
  );
}

function elliptic(name: string, allowed: Usages, operations: Partial<Algorithm>): Algorithm {
  return {
    name,
    import: request => importElliptic(name, allowed, request),
    generate: (params, extractable, usages) => generate(name, allowed, params, extractable, usages),
    export: exportElliptic,
    ...operations,
  };
}

export const ellipticAlgorithms: readonly Algorithm[] = [
  elliptic("ECDSA", SIGNING, {
    sign: (params, key, data) =>
      callSync("crypto.sign", "ECDSA", callTimeHash(params), 0, key.material, data) as Bytes,
    verify: (params, key, signature, data) => {
      const hash = callTimeHash(params);
      if (signature.length !== 2 * curves[key.curve!].size) return false;
      return callSync("crypto.verify", "ECDSA", hash, 0, key.material, signature, data);
    },
  }),
  elliptic("ECDH", DERIVATION, {
    deriveBits: (params, key, length) => agree(openKey(key), params, length),
  }),
];
