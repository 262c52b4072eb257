/** The checksums of S3 that Node.js does not have: CRC-32C and CRC-64/NVME. */
import { crc32 } from "node:zlib";

/** A checksum that takes bytes as they come, and tells itself in Base64. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  digest(): string;
}

export class Crc32 implements Checksum {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  digest(): string {
    return base64Of(this.#value);
  }
}

const CASTAGNOLI = 0x82f63b78;
let table32c: Uint32Array | undefined;

/** Of each byte, what it does to the checksum. */
function makeTable32c(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ CASTAGNOLI : value >>> 1;
    return value;
  });
}

export class Crc32c implements Checksum {
  #value = 0xffffffff;

  update(bytes: Uint8Array): void {
    table32c ??= makeTable32c();
    let value = this.#value;
    for (let index = 0; index < bytes.length; index++) {
      value = (table32c[(value ^ (bytes[index] as number)) & 0xff] as number) ^ (value >>> 8);
    }
    this.#value = value;
  }

  digest(): string {
    return base64Of(~this.#value >>> 0);
  }
}

const NVME = 0x9a6c9329ac4bc9b5n;
let table64: { readonly high: Uint32Array; readonly low: Uint32Array } | undefined;

function makeTable64() {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ NVME : value >> 1n;
    high[byte] = Number(value >> 32n);
    low[byte] = Number(value & 0xffffffffn);
  }
  return { high, low };
}

/** In two halves: a BigInt for each byte would take ten times as long. */
export class Crc64Nvme implements Checksum {
  #high = 0xffffffff;
  #low = 0xffffffff;

  update(bytes: Uint8Array): void {
    table64 ??= makeTable64();
    let high = this.#high;
    let low = this.#low;
    for (let index = 0; index < bytes.length; index++) {
      const at = (low ^ (bytes[index] as number)) & 0xff;
      low = (((low >>> 8) | (high << 24)) ^ (table64.low[at] as number)) >>> 0;
      high = ((high >>> 8) ^ (table64.high[at] as number)) >>> 0;
    }
    this.#high = high;
    this.#low = low;
  }

  digest(): string {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(~this.#high >>> 0, 0);
    bytes.writeUInt32BE(~this.#low >>> 0, 4);
    return bytes.toString("base64");
  }
}

function base64Of(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes.toString("base64");
}
