/** Decompression as the standard has it: one member, whole, and nothing after it. */
import { Duplex } from "node:stream";
import zlib from "node:zlib";
import type { CompressionFormat } from "./contract.ts";
import { GzipHeader, GzipTrailer } from "./gzip.ts";
import { compressionLimits } from "./limits.ts";

type Callback = (error?: Error | null) => void;

const failed = (): TypeError => new TypeError("Decompression failed.");
const incomplete = (): TypeError =>
  new TypeError("Called close() on a decompression stream with incomplete data");
const trailing = (): TypeError => new TypeError("Trailing bytes after end of compressed data");

/** What undoes the compression itself. gzip's frame is read here: zlib's own reader would go on to a next member. */
const engines = {
  brotli: () => zlib.createBrotliDecompress(),
  deflate: () => zlib.createInflate(),
  "deflate-raw": () => zlib.createInflateRaw(),
  gzip: () => zlib.createInflateRaw(),
} as const;

export class Decompressor extends Duplex {
  readonly #engine: zlib.Inflate | zlib.BrotliDecompress;
  readonly #header: GzipHeader | undefined;
  readonly #trailer: GzipTrailer | undefined;
  /** Bytes given to the engine; those that it did not want follow the compressed data. */
  #given = 0;
  #lastChunk: Uint8Array = new Uint8Array(0);
  #engineEnded = false;
  /** Answers the write, or the end, that the engine is busy with. */
  #callback: Callback | undefined;

  constructor(format: CompressionFormat) {
    super({ highWaterMark: compressionLimits.waitingBytes });
    if (format === "gzip") {
      this.#header = new GzipHeader();
      this.#trailer = new GzipTrailer();
    }
    this.#engine = engines[format]();
    this.#engine.on("data", (bytes: Uint8Array) => {
      this.#trailer?.update(bytes);
      if (!this.push(bytes)) this.#engine.pause();
    });
    this.#engine.on("error", error => {
      const { code } = error as { code?: unknown };
      this.#settle(code === "Z_BUF_ERROR" ? incomplete() : failed());
    });
    this.#engine.on("end", () => {
      this.#engineEnded = true;
      this.#settle(this.#takeRest());
    });
  }

  override _read(): void {
    this.#engine.resume();
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: Callback): void {
    let bytes = chunk;
    if (this.#header !== undefined && !this.#header.complete) {
      const read = this.#header.read(bytes);
      if (read === undefined) {
        callback(failed());
        return;
      }
      bytes = bytes.subarray(read);
    }
    if (bytes.byteLength === 0) {
      callback();
    } else if (this.#engineEnded) {
      callback(this.#readTrailer(bytes));
    } else {
      this.#callback = callback;
      this.#given += bytes.byteLength;
      this.#lastChunk = bytes;
      this.#engine.write(bytes, () => {
        // If it left some, it is about to end.
        if (this.#engine.bytesWritten >= this.#given) this.#settle(undefined);
      });
    }
  }

  override _final(callback: Callback): void {
    const finish: Callback = error => {
      if (!error && this.#trailer?.complete === false) error = incomplete();
      if (!error) this.push(null);
      callback(error);
    };
    if (this.#header?.complete === false) {
      callback(incomplete());
    } else if (this.#engineEnded) {
      finish();
    } else {
      this.#callback = finish;
      this.#engine.end();
    }
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#engine.destroy();
    callback(error);
  }

  #settle(error: Error | undefined): void {
    const callback = this.#callback;
    this.#callback = undefined;
    if (callback !== undefined) callback(error);
    else if (error !== undefined) this.destroy(error);
  }

  /** What the engine left of its last chunk. */
  #takeRest(): Error | undefined {
    const left = this.#given - this.#engine.bytesWritten;
    if (left <= 0) return undefined;
    return this.#readTrailer(this.#lastChunk.subarray(this.#lastChunk.byteLength - left));
  }

  #readTrailer(bytes: Uint8Array): Error | undefined {
    if (this.#trailer === undefined) return trailing();
    const rest = this.#trailer.read(bytes);
    if (rest === undefined) return failed();
    return rest > 0 ? trailing() : undefined;
  }
}
