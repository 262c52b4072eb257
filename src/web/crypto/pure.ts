/** The cryptography room's synchronous ops. They use no clock, no file and no network, and belong to no event. */
import { randomBytes } from "node:crypto";
import type { CryptoSyncOps } from "./contract.ts";
import { cryptoLimits } from "./limits.ts";
import { aesCbc, aesCtr, aesGcm, aesKw } from "./pure/ciphers.ts";
import { agree, hkdf } from "./pure/derivation.ts";
import { closeDigest, digest, dropDigest, hmac, openDigest, updateDigest } from "./pure/digests.ts";
import { CryptoFailure } from "./pure/failure.ts";
import {
  describe,
  exportMembers,
  generateOnCurve,
  importDer,
  importOnCurve,
  importPoint,
  importRsa,
  publicHalf,
} from "./pure/keys.ts";
import { rsaOaep, rsaRaw, sign, verify } from "./pure/signatures.ts";

function random(size: number): Uint8Array {
  if (size > cryptoLimits.secretBytes) throw new CryptoFailure("OperationError", "The key is too long.");
  return randomBytes(size);
}

const ops = {
  "crypto.random": random,
  "crypto.digest": digest,
  "crypto.digestOpen": openDigest,
  "crypto.digestUpdate": updateDigest,
  "crypto.digestClose": closeDigest,
  "crypto.digestDrop": dropDigest,
  "crypto.hmac": hmac,
  "crypto.aesGcm": aesGcm,
  "crypto.aesCbc": aesCbc,
  "crypto.aesCtr": aesCtr,
  "crypto.aesKw": aesKw,
  "crypto.sign": sign,
  "crypto.verify": verify,
  "crypto.rsaOaep": rsaOaep,
  "crypto.rsaRaw": rsaRaw,
  "crypto.hkdf": hkdf,
  "crypto.agree": agree,
  "crypto.generateOnCurve": generateOnCurve,
  "crypto.publicHalf": publicHalf,
  "crypto.importDer": importDer,
  "crypto.importRsa": importRsa,
  "crypto.importOnCurve": importOnCurve,
  "crypto.importPoint": importPoint,
  "crypto.exportMembers": exportMembers,
  "crypto.describe": describe,
} satisfies CryptoSyncOps;

type Pure = (...args: never[]) => unknown;

/** Node's small Buffers are parts of a pool that all of the process shares: what crosses is bytes of their own. */
function plain(op: Pure): Pure {
  return (...args) => {
    const result = op(...args);
    if (!Buffer.isBuffer(result)) return result;
    const isWhole = result.byteLength === result.buffer.byteLength;
    return isWhole ? new Uint8Array(result.buffer) : new Uint8Array(result);
  };
}

export const cryptoPures = Object.fromEntries(
  Object.entries(ops).map(([name, op]) => [name, plain(op)]),
) as unknown as CryptoSyncOps;
