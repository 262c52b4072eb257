/** CompressionStream and DecompressionStream (https://compression.spec.whatwg.org). The work is the host's. */
import { call, notify } from "../../guest/host.ts";
import { exposeInterface, requireArguments } from "../../guest/webidl.ts";
import { ByteController } from "../streams/guest/byte-controller.ts";
import { bytesOfWritten } from "../streams/guest/identity.ts";
import { type Outcome, react, rejectedWith } from "../streams/guest/promises.ts";
import { Readable, type Source } from "../streams/guest/readable-state.ts";
import { newGuestHandle, readFromHost } from "../streams/guest/transfer.ts";
import { StreamPair, TransformStream } from "../streams/guest/transform.ts";
import { createWritable, type Sink, type Writable } from "../streams/guest/writable-state.ts";
import type { CompressionFormat, CompressionNotices } from "./contract.ts";

const FORMATS: readonly string[] = ["brotli", "deflate", "deflate-raw", "gzip"] satisfies CompressionFormat[];

type Direction = Parameters<CompressionNotices["compression.open"]>[2];

/**
 * Both sides belong to one stream of the host's: what is written here comes out of it changed. Where the readable side
 * is handed on untouched, the result never enters the guest.
 */
class Codec implements Source, Sink {
  readonly readable = new Readable();
  readonly writable: Writable;
  readonly #handle = newGuestHandle();
  readonly #controller: ByteController;
  readonly #failed = (reason: unknown): never => {
    this.#controller.error(reason);
    this.writable.controller.errorIfNeeded(reason);
    throw reason;
  };

  constructor(format: CompressionFormat, direction: Direction) {
    notify("compression.open", this.#handle, format, direction);
    this.#controller = new ByteController(this.readable, this, 0);
    this.#controller.startNow();
    this.readable.hostHandle = this.#handle;
    this.writable = createWritable(this);
  }

  write(chunk: unknown): Outcome {
    let bytes: Uint8Array;
    try {
      bytes = bytesOfWritten(chunk);
    } catch (error) {
      this.#giveUp(error);
      return rejectedWith(error);
    }
    if (bytes.byteLength === 0) return undefined;
    return react(call("stream.write", this.#handle, bytes), undefined, this.#failed);
  }

  close(): Outcome {
    return react(call("stream.close", this.#handle), undefined, this.#failed);
  }

  aborting(reason: unknown): void {
    this.#giveUp(reason);
  }

  pull(): Outcome {
    return react(readFromHost(this.#handle, this.#controller), undefined, this.#failed);
  }

  cancel(reason: unknown): Outcome {
    notify("stream.cancel", this.#handle);
    this.writable.controller.errorIfNeeded(reason);
    return undefined;
  }

  /** Nothing more will be written; what has been is of no use. */
  #giveUp(reason: unknown): void {
    this.#controller.error(reason);
    notify("stream.abort", this.#handle, "The stream was aborted.");
  }
}

function createPair(format: unknown, given: number, name: string, direction: Direction): StreamPair {
  requireArguments(given, 1, `Failed to construct '${name}'`);
  const string = String(format);
  if (!FORMATS.includes(string)) {
    throw new TypeError(
      "The compression format must be either 'deflate', 'deflate-raw', 'gzip' or 'brotli'.",
    );
  }
  const { readable, writable } = new Codec(string as CompressionFormat, direction);
  return new StreamPair(readable, writable);
}

/** Compresses what is written to it. */
export class CompressionStream extends TransformStream {
  constructor(format: CompressionFormat) {
    super(createPair(format, arguments.length, "CompressionStream", "compress"));
  }
}

/** Decompresses what is written to it; fails for data that is damaged, cut short, or followed by anything. */
export class DecompressionStream extends TransformStream {
  constructor(format: CompressionFormat) {
    super(createPair(format, arguments.length, "DecompressionStream", "decompress"));
  }
}

exposeInterface(CompressionStream);
exposeInterface(DecompressionStream);
