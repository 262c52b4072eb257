/** Checksums of values, taken while they pass. */
import { createHash, hash } from "node:crypto";
import { R2Error } from "./errors.ts";
import { CHECKSUMS, type R2ChecksumName, type R2Checksums } from "./store.ts";

const ALGORITHMS: Readonly<Record<R2ChecksumName, readonly [node: string, title: string]>> = {
  md5: ["md5", "MD5"],
  sha1: ["sha1", "SHA-1"],
  sha256: ["sha256", "SHA-256"],
  sha384: ["sha384", "SHA-384"],
  sha512: ["sha512", "SHA-512"],
};

/** The MD5, and the checksums that are expected. */
const namesFor = (expected: R2Checksums) =>
  CHECKSUMS.filter(name => name === "md5" || expected[name] !== undefined);

/** The checksums of bytes. Throws a BadDigest when they are not as expected. */
export function digestBytes(bytes: Uint8Array, expected: R2Checksums): R2Checksums {
  const actual: Partial<Record<R2ChecksumName, string>> = {};
  for (const name of namesFor(expected)) actual[name] = hash(ALGORITHMS[name][0], bytes, "hex");
  verify(expected, actual);
  return actual;
}

/** Passes a value on and takes its checksums. At its end it throws a BadDigest when they are not as expected. */
export class DigestedSource implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #expected: R2Checksums;
  #checksums: R2Checksums | undefined;

  constructor(source: AsyncIterable<Uint8Array>, expected: R2Checksums) {
    this.#source = source;
    this.#expected = expected;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const hashes = namesFor(this.#expected).map(name => [name, createHash(ALGORITHMS[name][0])] as const);
    for await (const chunk of this.#source) {
      for (const [, hashing] of hashes) hashing.update(chunk);
      yield chunk;
    }
    const actual = Object.fromEntries(hashes.map(([name, hashing]) => [name, hashing.digest("hex")]));
    verify(this.#expected, actual);
    this.#checksums = actual;
  }

  /** Known when the source has been read to its end. */
  get checksums(): R2Checksums {
    if (this.#checksums === undefined) throw new Error("The value has not been read to its end.");
    return this.#checksums;
  }
}

/** The entity tag of an object that was uploaded in parts. */
export function multipartEtag(partMd5s: readonly string[]): string {
  const md5 = createHash("md5");
  for (const part of partMd5s) md5.update(part, "hex");
  return `${md5.digest("hex")}-${partMd5s.length}`;
}

function verify(expected: R2Checksums, actual: R2Checksums): void {
  for (const name of CHECKSUMS) {
    const wanted = expected[name];
    const found = actual[name];
    if (wanted === undefined || wanted === found) continue;
    const [, title] = ALGORITHMS[name];
    throw new R2Error(
      "BadDigest",
      `The ${title} checksum you specified did not match what we received.\n` +
        `You provided a ${title} checksum with value: ${wanted}\nActual ${title} was: ${found}`,
    );
  }
}
