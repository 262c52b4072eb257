/** Response bodies decoded by their Content-Encoding, when somebody reads them. */
import { Readable, type Transform } from "node:stream";
import zlib from "node:zlib";
import { connectionLost } from "./exchange.ts";

/** What arrives is passed on at once, and a body that ends early is taken for what it is, as browsers do. */
const lenient = (flush: number) => ({ flush, finishFlush: flush });

/** More codings than this on one body are an attack. */
const MAX_CODINGS = 5;

const decoders: Record<string, (firstByte: number) => Transform> = {
  gzip: () => zlib.createGunzip(lenient(zlib.constants.Z_SYNC_FLUSH)),
  "x-gzip": () => zlib.createGunzip(lenient(zlib.constants.Z_SYNC_FLUSH)),
  // Servers disagree on what "deflate" is: with zlib's header, the low nibble of the first byte is 8.
  deflate: firstByte => {
    const options = lenient(zlib.constants.Z_SYNC_FLUSH);
    return (firstByte & 0x0f) === 8 ? zlib.createInflate(options) : zlib.createInflateRaw(options);
  },
  br: () => zlib.createBrotliDecompress(lenient(zlib.constants.BROTLI_OPERATION_FLUSH)),
  zstd: () => zlib.createZstdDecompress(lenient(zlib.constants.ZSTD_e_flush)),
};

/** The codings of a Content-Encoding, in the order in which to undo them; empty when there is nothing to undo. */
export function codingsOf(contentEncoding: string): readonly string[] {
  const codings = contentEncoding
    .toLowerCase()
    .split(",")
    .map(coding => coding.trim())
    .filter(coding => coding !== "" && coding !== "identity");
  if (codings.length > MAX_CODINGS || codings.some(coding => !Object.hasOwn(decoders, coding))) return [];
  return codings.reverse();
}

export class DecodedBody extends Readable {
  readonly #encoded: Readable;
  readonly #codings: readonly string[];
  #output: Readable | undefined;
  #taken = false;

  constructor(encoded: Readable, codings: readonly string[]) {
    super({ highWaterMark: 64 * 1024 });
    this.#encoded = encoded;
    this.#codings = codings;
    encoded.once("error", error => this.destroy(error));
  }

  /** The body as it came, for whoever would encode it so again; undefined once it is being read. */
  takeEncoded(coding: string): Readable | undefined {
    if (this.#output !== undefined || this.#taken || this.destroyed) return undefined;
    if (this.#codings.length !== 1 || this.#codings[0] !== coding.trim().toLowerCase()) return undefined;
    this.#taken = true;
    this.destroy();
    return this.#encoded;
  }

  override _read(): void {
    if (this.#output !== undefined) this.#output.resume();
    else if (!this.#taken) this.#start();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#taken) {
      this.#encoded.destroy();
      this.#output?.destroy();
    }
    callback(error);
  }

  /** The decoders are chosen when the first byte is here. */
  #start(): void {
    this.#output = this.#encoded;
    this.#encoded.once("readable", () => {
      const first = this.#encoded.read(1) as Buffer | null;
      if (first === null) {
        this.push(null);
        return;
      }
      this.#encoded.unshift(first);
      this.#decode(first[0] as number);
    });
  }

  #decode(firstByte: number): void {
    let output = this.#encoded;
    for (const coding of this.#codings) {
      const decoder = (decoders[coding] as (firstByte: number) => Transform)(firstByte);
      decoder.once("error", error => this.destroy(connectionLost(error)));
      output = output.pipe(decoder);
    }
    this.#output = output;
    output.on("data", chunk => {
      if (!this.push(chunk)) output.pause();
    });
    output.once("end", () => this.push(null));
  }
}
