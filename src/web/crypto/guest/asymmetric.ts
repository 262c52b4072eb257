/** What RSA keys and keys on curves have in common: their formats, their usages, the checks of a JSON Web Key. */
import { callSync } from "../../../guest/host.ts";
import type { KeyDescription, KeyHalf } from "../contract.ts";
import type { ImportRequest } from "./algorithm.ts";
import type { Bytes } from "./bytes.ts";
import { dataError, invalidAccess, notSupported, syntaxError, unknownFormat } from "./errors.ts";
import { type JsonWebKey, repeated } from "./jwk.ts";
import { type CryptoKey, type KeyContents, openKey } from "./key.ts";
import { checkUsages, NONE, PRIVATE, PUBLIC, requireSomeUsage, type Usages } from "./usages.ts";

export interface Imported {
  readonly half: KeyHalf;
  readonly material: Bytes;
  readonly usages: Usages;
}

/** The usages asked for, of those that this half of a pair of the algorithm may have. */
export function halfUsages(half: KeyHalf, name: string, given: readonly string[], allowed: Usages): Usages {
  return checkUsages(`import ${half}`, name, given, allowed & (half === "private" ? PRIVATE : PUBLIC));
}

/** Imports "jwk", "spki" and "pkcs8". `fromJwk` makes DER of a JSON Web Key whose general members are in order. */
export function importPair(
  name: string,
  request: ImportRequest,
  allowed: Usages,
  fromJwk: (jwk: JsonWebKey) => Bytes,
): Imported {
  const { format, data, usages: given } = request;
  if (format === "jwk") {
    const jwk = data as JsonWebKey;
    const half: KeyHalf = jwk.d === undefined ? "public" : "private";
    const usages = halfUsages(half, name, given, allowed);
    if (half === "private" && jwk.oth !== undefined) {
      throw notSupported("Multi-prime private keys not supported.");
    }
    checkPurpose(name, jwk, given);
    return { half, material: fromJwk(jwk), usages };
  }
  if (format !== "spki" && format !== "pkcs8") throw unknownFormat(format);
  const half: KeyHalf = format === "spki" ? "public" : "private";
  const material = callSync("crypto.importDer", half, data as Bytes) as Bytes;
  return { half, material, usages: halfUsages(half, name, given, allowed) };
}

interface Purpose {
  readonly use: "sig" | "enc";
  readonly operations: readonly string[];
}

function purposeOf(name: string): Purpose {
  if (name === "RSA-OAEP") return { use: "enc", operations: ["encrypt", "wrapKey"] };
  if (name === "ECDH" || name === "X25519") return { use: "enc", operations: [] };
  return { use: "sig", operations: ["sign", "verify"] };
}

/** Whether a key's "use" and "key_ops" allow the usages asked for (RFC 7517, sections 4.2 and 4.3). */
function checkPurpose(name: string, jwk: JsonWebKey, usages: readonly string[]): void {
  const purpose = purposeOf(name);
  const { use, key_ops: operations } = jwk;
  if (usages.length > 0 && use !== undefined && use !== purpose.use) {
    throw dataError(
      'Asymmetric "jwk" key import with usages requires a JSON Web Key with Public Key Use parameter "use" ' +
        `("${use}") equal to "${purpose.use}".`,
    );
  }
  if (operations === undefined) return;
  if (repeated(operations) !== undefined) {
    throw dataError(`A JSON Web Key's Key Operations parameter ("key_ops") must not contain duplicates.`);
  }
  if (use !== undefined) checkConsistency(name, use, operations, purpose);
  if (!usages.every(usage => operations.includes(usage))) {
    throw dataError(
      `All specified key usages must be present in the JSON Web Key's Key Operations parameter ("key_ops").`,
    );
  }
}

function checkConsistency(name: string, use: string, operations: readonly string[], purpose: Purpose): void {
  if (use !== purpose.use) {
    throw dataError(
      `Asymmetric "jwk" import requires a JSON Web Key with Public Key Use "use" ("${use}") equal to "${purpose.use}".`,
    );
  }
  const stray = operations.find(operation => !purpose.operations.includes(operation));
  if (stray === undefined) return;
  const explanation =
    'A JSON Web Key should have either a Public Key Use parameter ("use") or a Key Operations parameter ' +
    '("key_ops"); otherwise, the parameters must be consistent with each other. ';
  if (purpose.operations.length === 0) {
    throw dataError(
      `${explanation}For public ${name} keys, there are no valid usages,so keys with a non-empty "key_ops" ` +
        "parameter are not allowed.",
    );
  }
  const [first, second] = purpose.operations;
  throw dataError(
    `${explanation}A Public Key Use for ${name} would allow a Key Operations array with only "${first}" and/or ` +
      `"${second}" values (not "${stray}").`,
  );
}

export function describeKey({ half, material }: Imported): KeyDescription {
  return callSync("crypto.describe", half, material);
}

/** The inside of an imported key. */
export function pairContents(name: string, imported: Imported, extractable: boolean): KeyContents {
  const { half, material, usages } = imported;
  if (half === "private") requireSomeUsage(usages);
  return { name, type: half, extractable, usages, material };
}

/** The two sets of usages of a generated pair. Its private key must be of some use. */
export function pairUsages(
  name: string,
  given: readonly string[],
  allowed: Usages,
): { ofPrivate: Usages; ofPublic: Usages } {
  const usages = checkUsages("generate", name, given, allowed);
  if ((usages & PRIVATE) === NONE) {
    throw syntaxError("Attempt to generate asymmetric keys with no valid private key usages.");
  }
  return { ofPrivate: usages & PRIVATE, ofPublic: usages & PUBLIC };
}

/** Exports "spki" and "pkcs8"; `others` exports the other formats, or answers undefined. */
export function exportPair(
  key: CryptoKey,
  format: string,
  others: (contents: KeyContents) => Bytes | JsonWebKey | undefined,
): Bytes | JsonWebKey {
  const contents = openKey(key);
  const { type, material, name } = contents;
  if (format === "pkcs8") {
    if (type === "private") return material.slice();
    throw invalidAccess(`Asymmetric pkcs8 export requires private key (not "${type}").`);
  }
  if (format === "spki") {
    if (type === "public") return material.slice();
    throw invalidAccess(`Asymmetric spki export requires public key (not "${type}").`);
  }
  const exported = others(contents);
  if (exported === undefined) throw invalidAccess(`Cannot export "${name}" in "${format}" format.`);
  return exported;
}
