/** The secret that two keys agree on (https://w3c.github.io/webcrypto/#ecdh-operations, #x25519-operations). */
import { callSync } from "../../../guest/host.ts";
import { type Bytes, firstBits } from "./bytes.ts";
import { invalidAccess, operationError } from "./errors.ts";
import { type KeyContents, openKey } from "./key.ts";
import { type DeriveParams, required } from "./params.ts";

export function agree(key: KeyContents, params: DeriveParams, length: number | null): Bytes {
  const theirs = openKey(required(params.public, "public", "derivedKeyParams"));
  if (theirs.type !== "public") {
    throw invalidAccess(`The provided key has type "${theirs.type}", not "public"`);
  }
  if (isOnNamedCurve(key) !== isOnNamedCurve(theirs) || theirs.modulusLength !== undefined) {
    throw invalidAccess(
      `Base ${key.name} private key cannot be used to derive a key from a peer ${theirs.name} public key`,
    );
  }
  if (key.name !== theirs.name) {
    throw invalidAccess(
      `Private key for derivation is using "${key.name}" while public key is using "${theirs.name}".`,
    );
  }
  if (key.curve !== theirs.curve) {
    throw invalidAccess(
      `Private key for derivation is using curve "${key.curve}" while public key is using "${theirs.curve}".`,
    );
  }
  const secret = callSync("crypto.agree", key.material, theirs.material) as Bytes;
  const bits = length ?? secret.length * 8;
  if (bits > secret.length * 8) {
    throw operationError(
      `Derived key length (${bits} bits) is too long (should be at most ${secret.length * 8} bits).`,
    );
  }
  return firstBits(secret, bits);
}

const isOnNamedCurve = (key: KeyContents): boolean => key.curve !== undefined;
