/** What comes out: ranges of the input as they are, and what handlers put between. */

import { bytesOf } from "../../../guest/webidl.ts";
import { utf8Encode } from "../../encoding/guest.ts";
import { isResponse } from "../../fetch/guest/response.ts";
import {
  acquireDefaultReader,
  cancelReadable,
  type DefaultReader,
  type Readable,
  readableOf,
  readDefault,
} from "../../streams/guest/readable-state.ts";
import { type Charset, utf8 } from "./charset.ts";
import { escapeText, type StreamedContent } from "./content.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export class Output {
  readonly charset: Charset;
  readonly #emit: (bytes: Bytes) => Promise<void> | undefined;
  #pieces: Uint8Array[] = [];
  #length = 0;
  /** Text that comes after the pieces. */
  #text = "";

  /** `emit` takes what is ready, and answers a promise where the reader is behind. */
  constructor(charset: Charset, emit: (bytes: Bytes) => Promise<void> | undefined) {
    this.charset = charset;
    this.#emit = emit;
  }

  raw(bytes: Uint8Array, from: number, to: number): void {
    if (from >= to) return;
    if (this.#text !== "") this.#encode();
    this.#push(bytes.subarray(from, to));
  }

  write(markup: string): void {
    this.#text += markup;
  }

  /** Hands over all that is ready: the ranges of the input are copied now. */
  flush(): Promise<void> | undefined {
    if (this.#text !== "") this.#encode();
    if (this.#length === 0) return undefined;
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    this.#length = 0;
    return this.#emit(bytes);
  }

  /** Writes all of a stream, chunk by chunk. */
  async stream({ source, html }: StreamedContent): Promise<void> {
    const stream = isResponse(source) ? source.body : source;
    if (stream === null) return;
    const state = readableOf(stream)!;
    if (state.reader !== undefined) throw new TypeError("The ReadableStream has been locked to a reader.");
    const reader = acquireDefaultReader(state);
    const pieces = utf8.pieces();
    for (;;) {
      const bytes = await readBytes(state, reader);
      const text = pieces.decode(bytes ?? NO_BYTES, bytes === undefined);
      this.write(html ? text : escapeText(text));
      if (bytes === undefined) return;
      await this.flush();
    }
  }

  #encode(): void {
    const text = this.#text;
    this.#text = "";
    this.#push(this.charset.encode(text));
  }

  #push(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }
}

const NO_BYTES = new Uint8Array(0);

/** The next chunk of a stream; undefined at its end. */
export function readBytes(stream: Readable, reader: DefaultReader): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    readDefault(reader, {
      chunk(chunk) {
        const bytes = typeof chunk === "string" ? utf8Encode(chunk) : bytesOf(chunk);
        if (bytes !== undefined) {
          resolve(bytes);
          return;
        }
        const error = new TypeError("This ReadableStream did not return bytes.");
        cancelReadable(stream, error).then(undefined, () => {});
        reject(error);
      },
      close: () => resolve(undefined),
      error: reject,
    });
  });
}
