/** The bytes that a tokenizer has at hand. */
import { binaryString } from "../../encoding/guest.ts";
import { LIMITS } from "../limits.ts";
import { memoryLimitExceeded } from "./errors.ts";

const NO_BYTES = new Uint8Array(0);
const NOT_ASCII = /[\x80-\xff]/;

/** From this length on, what is kept is expected to grow further. */
const LONG = 256;

export class ByteInput {
  /** What was not done with yet, and the newest chunk. */
  bytes: Uint8Array = NO_BYTES;
  /** Where the next token starts. All before has been told. */
  at = 0;
  /** No more chunks will come. */
  protected last = false;
  #binary: string | undefined;
  #ascii: boolean | undefined;
  /** A buffer of the tokenizer's own, which may have room behind the bytes at hand. */
  #buffer: ArrayBufferLike | undefined;

  /** Takes the next chunk, behind what is left of those before it: `limited` unless it is memory already. */
  write(chunk: Uint8Array, limited: boolean): void {
    const rest = this.bytes.length - this.at;
    if (rest === 0) {
      this.bytes = chunk;
    } else {
      if (limited && rest + chunk.length > LIMITS.pendingBytes) throw memoryLimitExceeded();
      this.bytes = this.#append(rest, chunk);
    }
    this.#moved();
  }

  /** No more chunks will come: what is left is told as what it is. */
  end(): void {
    this.bytes = this.bytes.subarray(this.at);
    this.#moved();
    this.last = true;
  }

  /** The bytes at hand as a string with a code unit for each. */
  get binary(): string {
    this.#binary ??= binaryString(this.bytes);
    return this.#binary;
  }

  /** Whether all bytes at hand are ASCII. */
  get isAscii(): boolean {
    this.#ascii ??= !NOT_ASCII.test(this.binary);
    return this.#ascii;
  }

  #moved(): void {
    this.at = 0;
    this.#binary = undefined;
    this.#ascii = undefined;
  }

  /** The rest and the chunk in one buffer, which has room for more: a long token may come in short chunks. */
  #append(rest: number, chunk: Uint8Array): Uint8Array {
    const length = rest + chunk.length;
    const { bytes } = this;
    if (
      this.#buffer === bytes.buffer &&
      this.at === 0 &&
      bytes.byteOffset + length <= bytes.buffer.byteLength
    ) {
      const longer = new Uint8Array(bytes.buffer, bytes.byteOffset, length);
      longer.set(chunk, rest);
      return longer;
    }
    const buffer = new ArrayBuffer(rest > LONG ? length * 2 : length);
    const joined = new Uint8Array(buffer, 0, length);
    joined.set(bytes.subarray(this.at));
    joined.set(chunk, rest);
    this.#buffer = buffer;
    return joined;
  }
}
