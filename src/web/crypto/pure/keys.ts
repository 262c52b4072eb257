/** Asymmetric keys: from outside into canonical DER and back, and parsed for use. */
import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  ECDH,
  generateKeyPairSync,
  hash,
  type KeyObject,
  type webcrypto,
} from "node:crypto";
import type { CurveName, EdwardsCurveName, KeyDescription, KeyHalf, KeyMembers } from "../contract.ts";
import { cryptoLimits } from "../limits.ts";
import { CryptoFailure, orFail } from "./failure.ts";
import { withPrimeFactors } from "./rsa-factors.ts";

/** OpenSSL's names of the curves. */
const opensslCurves: Readonly<Record<CurveName, string>> = {
  "P-256": "prime256v1",
  "P-384": "secp384r1",
  "P-521": "secp521r1",
};

const kinds: Readonly<Record<string, string>> = {
  rsa: "RSA",
  ed25519: "Ed25519",
  x25519: "X25519",
  prime256v1: "P-256",
  secp384r1: "P-384",
  secp521r1: "P-521",
};

function read(half: KeyHalf, der: Uint8Array): KeyObject {
  return half === "public"
    ? createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" })
    : createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
}

function write(key: KeyObject): Uint8Array {
  return key.type === "public"
    ? key.export({ type: "spki", format: "der" })
    : key.export({ type: "pkcs8", format: "der" });
}

/** Parsed keys by a hash of their DER, in the order of their last use: parsing costs as much as signing. */
const parsed = new Map<string, KeyObject>();

/** The key of some canonical DER. */
export function parseKey(half: KeyHalf, der: Uint8Array): KeyObject {
  const id = half + hash("sha256", der, "base64");
  let key = parsed.get(id);
  if (key === undefined) key = orFail("DataError", "Invalid key.", () => read(half, der));
  else parsed.delete(id);
  parsed.set(id, key);
  if (parsed.size > cryptoLimits.parsedKeys) parsed.delete(parsed.keys().next().value!);
  return key;
}

export function importDer(half: KeyHalf, der: Uint8Array): Uint8Array {
  const format = half === "public" ? "SPKI" : "PKCS8";
  const length = derLength(der);
  if (length === undefined || length > der.length) {
    throw new CryptoFailure("DataError", `Invalid ${format} input.`);
  }
  if (length < der.length) {
    const message = `Invalid ${der.length - length} trailing bytes after ${format} input.`;
    throw new CryptoFailure("DataError", message);
  }
  return orFail("DataError", `Invalid ${format} input.`, () =>
    write(half === "public" ? read(half, der) : readPrivate(der)),
  );
}

/** A private key in PKCS #8 or, as on workerd, in the older forms of RSA and elliptic curves. */
function readPrivate(der: Uint8Array): KeyObject {
  const key = Buffer.from(der);
  for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
    try {
      return createPrivateKey({ key, format: "der", type });
    } catch {
      // Perhaps the next form.
    }
  }
  throw new CryptoFailure("DataError", "Invalid PKCS8 input.");
}

/** The bytes that a DER sequence says it takes; undefined for anything else. */
function derLength(der: Uint8Array): number | undefined {
  const first = der[1];
  if (der[0] !== 0x30 || first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4 || der.length < 2 + count) return undefined;
  let length = 0;
  for (let index = 0; index < count; index++) length = length * 256 + der[2 + index]!;
  return 2 + count + length;
}

function fromMembers(members: webcrypto.JsonWebKey): KeyObject {
  return members["d"] === undefined
    ? createPublicKey({ key: members, format: "jwk" })
    : createPrivateKey({ key: members, format: "jwk" });
}

export function importRsa(members: KeyMembers): Uint8Array {
  const complete =
    members["d"] === undefined || members["p"] !== undefined ? members : withPrimeFactors(members);
  return orFail("DataError", "Invalid RSA key in JSON Web Key.", () => {
    return write(fromMembers({ ...complete, kty: "RSA" }));
  });
}

export function importOnCurve(curve: CurveName | EdwardsCurveName, members: KeyMembers): Uint8Array {
  if (curve === "Ed25519" || curve === "X25519") {
    return orFail("DataError", `Invalid ${curve} key in JSON Web Key.`, () => {
      return write(fromMembers({ ...members, kty: "OKP", crv: curve }));
    });
  }
  const { x, y, d } = members;
  const point = orFail(
    "OperationError",
    'Invalid EC key; public key coordinates "x" and "y" are invalid.',
    () => createPublicKey({ key: { kty: "EC", crv: curve, x: x!, y: y! }, format: "jwk" }),
  );
  if (d === undefined) return write(point);
  const spki = write(point);
  const computed = orFail("OperationError", 'Invalid EC key; private key component "d" is invalid.', () => {
    const ecdh = createECDH(opensslCurves[curve]);
    ecdh.setPrivateKey(scalar(curve, d));
    return ecdh.getPublicKey();
  });
  if (!computed.equals(spki.subarray(spki.length - computed.length))) {
    throw new CryptoFailure("DataError", "Invalid EC key in JSON Web Key.");
  }
  return orFail("DataError", "Invalid EC key in JSON Web Key.", () => {
    return write(fromMembers({ kty: "EC", crv: curve, x: x!, y: y!, d }));
  });
}

/** A private scalar in as many bytes as the curve's order has. */
function scalar(curve: CurveName, d: string): Uint8Array {
  const bytes = Buffer.from(d, "base64url");
  const size = fieldBytes(curve);
  if (bytes.length >= size) return bytes;
  return Buffer.concat([Buffer.alloc(size - bytes.length), bytes]);
}

/** The bytes of a coordinate on a curve. */
export function fieldBytes(curve: CurveName): number {
  return Math.ceil(Number(curve.slice(2)) / 8);
}

export function importPoint(curve: CurveName, point: Uint8Array): Uint8Array {
  return orFail("DataError", "Failed to import raw EC key data.", () => {
    const whole = ECDH.convertKey(
      point,
      opensslCurves[curve],
      undefined,
      undefined,
      "uncompressed",
    ) as Buffer;
    const size = fieldBytes(curve);
    const x = whole.toString("base64url", 1, 1 + size);
    const y = whole.toString("base64url", 1 + size);
    return write(createPublicKey({ key: { kty: "EC", crv: curve, x, y }, format: "jwk" }));
  });
}

export function generateOnCurve(curve: CurveName | EdwardsCurveName): Uint8Array {
  if (curve === "Ed25519") return write(generateKeyPairSync("ed25519").privateKey);
  if (curve === "X25519") return write(generateKeyPairSync("x25519").privateKey);
  return write(generateKeyPairSync("ec", { namedCurve: opensslCurves[curve] }).privateKey);
}

export function publicHalf(privateKey: Uint8Array): Uint8Array {
  return write(createPublicKey(parseKey("private", privateKey)));
}

export function exportMembers(half: KeyHalf, der: Uint8Array): KeyMembers {
  return parseKey(half, der).export({ format: "jwk" }) as KeyMembers;
}

export function describe(half: KeyHalf, der: Uint8Array): KeyDescription {
  const { asymmetricKeyType: type = "", asymmetricKeyDetails: details } = parseKey(half, der);
  const kind = kinds[type === "ec" ? (details?.namedCurve ?? type) : type] ?? type;
  if (kind !== "RSA") return { kind };
  const { modulusLength, publicExponent } = details!;
  // As on workerd, in whole bytes.
  return {
    kind,
    modulusLength: Math.ceil(modulusLength! / 8) * 8,
    publicExponent: publicExponent!.toString(16),
  };
}
