/** Signatures and encryption by asymmetric keys. */
import {
  constants,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
  privateDecrypt,
  privateEncrypt,
  publicEncrypt,
  type SigningOptions,
} from "node:crypto";
import type { HashName, KeyHalf, SignatureScheme } from "../contract.ts";
import { nodeHash } from "./digests.ts";
import { CryptoFailure, orFail } from "./failure.ts";
import { parseKey } from "./keys.ts";

function schemeOptions(scheme: SignatureScheme, saltLength: number): SigningOptions {
  switch (scheme) {
    case "RSA-PSS":
      return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
    case "RSASSA-PKCS1-v1_5":
      return { padding: constants.RSA_PKCS1_PADDING };
    case "ECDSA":
      return { dsaEncoding: "ieee-p1363" };
    case "Ed25519":
      return {};
  }
}

/** The length of an RSA key's modulus, and so of its signatures and of what it encrypts. */
const modulusBytes = (key: KeyObject) => Math.ceil(key.asymmetricKeyDetails!.modulusLength! / 8);

export function sign(
  scheme: SignatureScheme,
  hash: HashName | null,
  saltLength: number,
  privateKey: Uint8Array,
  data: Uint8Array,
): Uint8Array {
  const key = parseKey("private", privateKey);
  return orFail("OperationError", `${scheme} signing failed.`, () =>
    nodeSign(hash === null ? null : nodeHash(hash), data, { key, ...schemeOptions(scheme, saltLength) }),
  );
}

export function verify(
  scheme: SignatureScheme,
  hash: HashName | null,
  saltLength: number,
  publicKey: Uint8Array,
  signature: Uint8Array,
  data: Uint8Array,
): boolean {
  const key = parseKey("public", publicKey);
  // OpenSSL takes a signature whose leading zeros are missing, which RFC 8017 (8.1.2, 8.2.2) refuses.
  if (key.asymmetricKeyType === "rsa" && signature.length !== modulusBytes(key)) return false;
  return orFail("OperationError", `${scheme} verification failed.`, () =>
    nodeVerify(
      hash === null ? null : nodeHash(hash),
      data,
      { key, ...schemeOptions(scheme, saltLength) },
      signature,
    ),
  );
}

export function rsaOaep(
  direction: "encrypt" | "decrypt",
  hash: HashName,
  der: Uint8Array,
  label: Uint8Array,
  data: Uint8Array,
): Uint8Array {
  const half: KeyHalf = direction === "encrypt" ? "public" : "private";
  const options = {
    key: parseKey(half, der),
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: nodeHash(hash),
    oaepLabel: Buffer.from(label),
  };
  return orFail("OperationError", "RSA-OAEP failed encrypt/decrypt.", () => {
    if (direction === "encrypt") return publicEncrypt(options, data);
    // As with signatures: OpenSSL would add what is missing.
    if (data.length !== modulusBytes(options.key)) throw new RangeError("Not as long as the modulus.");
    return privateDecrypt(options, data);
  });
}

export function rsaRaw(privateKey: Uint8Array, data: Uint8Array): Uint8Array {
  const key = parseKey("private", privateKey);
  if (data.length !== modulusBytes(key)) throw new CryptoFailure("OperationError", "Invalid RSA signature.");
  const modulus = Buffer.from(key.export({ format: "jwk" }).n!, "base64url");
  if (Buffer.compare(data, modulus) >= 0) {
    throw new CryptoFailure(
      "DataError",
      "Blind Signing requires presigned data value to be strictly smaller than RSA key modulus, " +
        "consider using a larger key size.",
    );
  }
  return orFail("OperationError", "RSA-RAW signing failed.", () =>
    privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, data),
  );
}
