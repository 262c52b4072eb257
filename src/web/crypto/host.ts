/** The cryptography room's slow ops, on Node's thread pool. */
import { generateKeyPair, pbkdf2 } from "node:crypto";
import type { HostOps } from "../../engine/ops.ts";
import type { CryptoAsyncOps, HashName } from "./contract.ts";
import { cryptoLimits } from "./limits.ts";
import { nodeHash } from "./pure/digests.ts";
import { CryptoFailure } from "./pure/failure.ts";

const hashBytes: Readonly<Record<HashName, number>> = {
  MD5: 16,
  "SHA-1": 20,
  "SHA-256": 32,
  "SHA-384": 48,
  "SHA-512": 64,
};

type Outcome = (error: Error | null, result: Uint8Array) => void;

let running = 0;
const waiting: (() => void)[] = [];

/** Runs a computation of the thread pool when fewer than the allowed number run, unless its event ends before that. */
async function slowly(signal: AbortSignal, compute: (done: Outcome) => void): Promise<Uint8Array> {
  if (running >= cryptoLimits.slowOperations) await new Promise<void>(resolve => waiting.push(resolve));
  else running++;
  try {
    signal.throwIfAborted();
    return await new Promise((resolve, reject) => {
      compute((error, result) => {
        if (error === null) resolve(result);
        else reject(new CryptoFailure("OperationError", error.message));
      });
    });
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

export const cryptoOps = {
  "crypto.pbkdf2": ({ signal }, hash, password, salt, iterations, length) => {
    const digest = nodeHash(hash);
    const blocks = Math.ceil(length / hashBytes[hash]);
    if (iterations * blocks > cryptoLimits.pbkdf2Blocks) {
      throw new CryptoFailure("OperationError", "PBKDF2 of this length and iteration count takes too long.");
    }
    return slowly(signal, done => pbkdf2(password, salt, iterations, length, digest, done));
  },

  "crypto.generateRsa": ({ signal }, modulusLength, publicExponent) =>
    slowly(signal, done =>
      generateKeyPair(
        "rsa",
        {
          modulusLength,
          publicExponent,
          publicKeyEncoding: { type: "spki", format: "der" },
          privateKeyEncoding: { type: "pkcs8", format: "der" },
        },
        (error, _publicKey, privateKey) => done(error, privateKey),
      ),
    ),
} satisfies HostOps<CryptoAsyncOps>;
