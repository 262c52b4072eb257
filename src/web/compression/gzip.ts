/** The frame of a gzip member (https://www.rfc-editor.org/rfc/rfc1952#section-2.3). */
import { crc32 } from "node:zlib";

const FIXED_LENGTH = 10;
const TRAILER_LENGTH = 8;
const HEADER_CRC = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;
const RESERVED = 0xe0;

type Part = "fixed" | "extra-length" | "extra" | "name" | "comment" | "crc" | "body";

/** Reads a header that may come in pieces of any size, and keeps none of it. */
export class GzipHeader {
  #part: Part = "fixed";
  #flags = 0;
  /** How many bytes of the part have been read. */
  #read = 0;
  #extraLength = 0;
  #crc = 0;
  #storedCrc = 0;

  get complete(): boolean {
    return this.#part === "body";
  }

  /** How many of the bytes belong to the header; undefined if they cannot be a header's. */
  read(bytes: Uint8Array): number | undefined {
    let offset = 0;
    while (offset < bytes.byteLength && !this.complete) {
      const byte = bytes[offset] as number;
      if (this.#part !== "crc") this.#crc = crc32(bytes.subarray(offset, offset + 1), this.#crc);
      if (!this.#take(byte)) return undefined;
      offset++;
    }
    return offset;
  }

  /** Takes one byte; false if it is wrong. */
  #take(byte: number): boolean {
    const index = this.#read++;
    switch (this.#part) {
      case "fixed":
        if (index === 3) this.#flags = byte;
        if (index === FIXED_LENGTH - 1) this.#next("fixed");
        return isFixedByte(index, byte);
      case "extra-length":
        this.#extraLength |= byte << (8 * index);
        if (index === 1) this.#next("extra-length");
        return true;
      case "extra":
        if (index === this.#extraLength - 1) this.#next("extra");
        return true;
      case "name":
      case "comment":
        if (byte === 0) this.#next(this.#part);
        return true;
      case "crc":
        this.#storedCrc |= byte << (8 * index);
        if (index < 1) return true;
        this.#next("crc");
        return this.#storedCrc === (this.#crc & 0xffff);
      case "body":
        return true;
    }
  }

  /** Goes on to the next part that this header has. */
  #next(after: Part): void {
    this.#read = 0;
    const flags = this.#flags;
    if (after === "fixed" && flags & EXTRA) this.#part = "extra-length";
    else if (after === "extra-length" && this.#extraLength > 0) this.#part = "extra";
    else if (!["name", "comment", "crc"].includes(after) && flags & NAME) this.#part = "name";
    else if (!["comment", "crc"].includes(after) && flags & COMMENT) this.#part = "comment";
    else if (after !== "crc" && flags & HEADER_CRC) this.#part = "crc";
    else this.#part = "body";
  }
}

function isFixedByte(index: number, byte: number): boolean {
  if (index === 0) return byte === 0x1f;
  if (index === 1) return byte === 0x8b;
  if (index === 2) return byte === 8;
  return index !== 3 || (byte & RESERVED) === 0;
}

/** Reads the checksum and the length at the end, and compares them with the data's. */
export class GzipTrailer {
  readonly #bytes = new Uint8Array(TRAILER_LENGTH);
  #read = 0;
  #crc = 0;
  #length = 0;

  get complete(): boolean {
    return this.#read === TRAILER_LENGTH;
  }

  /** Counts decompressed data in. */
  update(data: Uint8Array): void {
    this.#crc = crc32(data, this.#crc);
    this.#length = (this.#length + data.byteLength) >>> 0;
  }

  /** How many of the bytes are left after the trailer; undefined if it does not fit the data. */
  read(bytes: Uint8Array): number | undefined {
    const count = Math.min(bytes.byteLength, TRAILER_LENGTH - this.#read);
    this.#bytes.set(bytes.subarray(0, count), this.#read);
    this.#read += count;
    if (this.complete) {
      const view = new DataView(this.#bytes.buffer);
      if (view.getUint32(0, true) !== this.#crc || view.getUint32(4, true) !== this.#length) return undefined;
    }
    return bytes.byteLength - count;
  }
}
