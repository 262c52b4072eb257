/** DigestStream: a writable stream whose `digest` is the hash of all that was written to it. Workers only. */
import { callSync } from "../../../guest/host.ts";
import { PromiseThen } from "../../../guest/primordials.ts";
import { bytesOf, exposeInterface, illegalInvocation } from "../../../guest/webidl.ts";
import { utf8Encode } from "../../encoding/guest/utf8.ts";
import { WritableStream } from "../../streams/guest/writable.ts";
import type { DigestName } from "../contract.ts";
import { NO_BYTES } from "./bytes.ts";
import { hashAlgorithm, lookUpHash } from "./params.ts";

const checksums: readonly string[] = ["CRC32", "CRC32C", "CRC64NVME"];
/** Small chunks are gathered up to this size: a digest of less never needs a handle of the host's. */
const BUFFERED_BYTES = 65_536;

function lookUpDigest(name: string): DigestName {
  const normalized = name.toUpperCase();
  return checksums.includes(normalized) ? (normalized as DigestName) : lookUpHash(name);
}

/** A digest in parts. */
class Digester {
  readonly #name: DigestName;
  #handle: string | undefined;
  #buffer = NO_BYTES;
  #buffered = 0;

  constructor(name: DigestName) {
    this.#name = name;
  }

  update(bytes: Uint8Array): void {
    if (this.#buffered + bytes.length > BUFFERED_BYTES) {
      this.#flush();
      if (bytes.length >= BUFFERED_BYTES) {
        this.#send(bytes);
        return;
      }
    }
    this.#makeRoom(this.#buffered + bytes.length);
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  digest(): ArrayBuffer {
    let result: Uint8Array;
    if (this.#handle === undefined) {
      result = callSync("crypto.digest", this.#name, this.#rest());
    } else {
      this.#flush();
      result = callSync("crypto.digestClose", this.#handle);
    }
    this.#buffer = NO_BYTES;
    return result.slice().buffer as ArrayBuffer;
  }

  drop(): void {
    this.#buffer = NO_BYTES;
    if (this.#handle !== undefined) callSync("crypto.digestDrop", this.#handle);
  }

  /** Grows the buffer as far as it is needed: most digests are of little. */
  #makeRoom(needed: number): void {
    const { length } = this.#buffer;
    if (needed <= length) return;
    const larger = new Uint8Array(Math.min(BUFFERED_BYTES, Math.max(needed, length * 2)));
    larger.set(this.#rest());
    this.#buffer = larger;
  }

  #flush(): void {
    if (this.#buffered > 0) this.#send(this.#rest());
    this.#buffered = 0;
  }

  #rest(): Uint8Array {
    return this.#buffer.subarray(0, this.#buffered);
  }

  #send(bytes: Uint8Array): void {
    this.#handle ??= callSync("crypto.digestOpen", this.#name);
    callSync("crypto.digestUpdate", this.#handle, bytes);
  }
}

/** What a stream and its sink share. */
interface Progress {
  bytesWritten: number;
  failure: { readonly reason: unknown } | undefined;
  resolve(digest: ArrayBuffer): void;
  reject(reason: unknown): void;
}

function toChunk(chunk: unknown): Uint8Array {
  const bytes = typeof chunk === "string" ? utf8Encode(chunk) : bytesOf(chunk);
  if (bytes !== undefined) return bytes;
  throw new TypeError(
    "DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its " +
      "writable side.",
  );
}

export class DigestStream extends WritableStream {
  readonly #digest: Promise<ArrayBuffer>;
  readonly #progress: Progress;
  readonly #fail: (reason: unknown) => void;

  constructor(algorithm: unknown) {
    const { name } = hashAlgorithm(algorithm, "Failed to construct 'DigestStream': constructor parameter 1");
    const digester = new Digester(lookUpDigest(name));
    let progress!: Progress;
    const promise = new Promise<ArrayBuffer>((resolve, reject) => {
      progress = { bytesWritten: 0, failure: undefined, resolve, reject };
    });
    const fail = (reason: unknown) => {
      progress.failure ??= { reason };
      digester.drop();
      progress.reject(reason);
    };
    super({
      write(chunk: unknown) {
        try {
          if (progress.failure !== undefined) throw progress.failure.reason;
          const bytes = toChunk(chunk);
          digester.update(bytes);
          progress.bytesWritten += bytes.length;
        } catch (error) {
          fail(error);
          throw error;
        }
      },
      close() {
        if (progress.failure !== undefined) throw progress.failure.reason;
        progress.resolve(digester.digest());
      },
      abort: fail,
    });
    this.#digest = promise;
    this.#progress = progress;
    this.#fail = fail;
    // Nobody need look at the digest of a stream that failed.
    PromiseThen(promise, ignore, ignore);
  }

  /** The hash, when the stream has been closed. */
  get digest(): Promise<ArrayBuffer> {
    if (!(#digest in this)) throw illegalInvocation();
    return this.#digest;
  }

  /** How many bytes have been written. */
  get bytesWritten(): bigint {
    if (!(#progress in this)) throw illegalInvocation();
    return BigInt(this.#progress.bytesWritten);
  }

  [Symbol.dispose](): void {
    if (!(#digest in this)) throw illegalInvocation();
    this.#fail(new TypeError("The DigestStream was disposed."));
  }
}
exposeInterface(DigestStream, "DigestStream");

function ignore(): void {}
