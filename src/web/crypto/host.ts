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

/** Computations of the thread pool, of which a few run at once; others wait, or do not run when their event ends. */
class Lane {
  readonly #width: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(width: number) {
    this.#width = width;
  }

  async run(signal: AbortSignal, compute: (done: Outcome) => void): Promise<Uint8Array> {
    if (this.#running < this.#width) this.#running++;
    else await new Promise<void>(resolve => this.#waiting.push(resolve));
    try {
      signal.throwIfAborted();
      return await new Promise((resolve, reject) => {
        compute((error, result) => {
          if (error === null) resolve(result);
          else reject(new CryptoFailure("OperationError", error.message));
        });
      });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** A key of 16,384 bits takes minutes: it must not hold up the derivations. */
const derivations = new Lane(cryptoLimits.derivationsAtOnce);
const generations = new Lane(cryptoLimits.generationsAtOnce);

export const cryptoOps = {
  "crypto.pbkdf2": ({ signal }, hash, password, salt, iterations, length) => {
    const digest = nodeHash(hash);
    const blocks = Math.ceil(length / hashBytes[hash]);
    if (iterations * blocks > cryptoLimits.pbkdf2Blocks || length > cryptoLimits.secretBytes) {
      throw new CryptoFailure("OperationError", "PBKDF2 of this length and iteration count takes too long.");
    }
    return derivations.run(signal, done => pbkdf2(password, salt, iterations, length, digest, done));
  },

  "crypto.generateRsa": ({ signal }, modulusLength, publicExponent) =>
    generations.run(signal, done =>
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
