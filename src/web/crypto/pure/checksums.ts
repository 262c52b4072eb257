/** The checksums of DigestStream that Node does not have, in parts. */
import { crc32 } from "node:zlib";

/** A checksum under way. */
export interface Checksum {
  update(data: Uint8Array): void;
  /** The checksum, big-endian. */
  digest(): Uint8Array;
}

class Crc32 implements Checksum {
  #value = 0;

  update(data: Uint8Array): void {
    this.#value = crc32(data, this.#value);
  }

  digest(): Uint8Array {
    return wordsToBytes(this.#value);
  }
}

/** CRC-32C: the Castagnoli polynomial, reflected (RFC 3720, section 12.1). */
class Crc32c implements Checksum {
  static #table: Uint32Array | undefined;
  #value = 0xffffffff;

  update(data: Uint8Array): void {
    Crc32c.#table ??= crc32Table(0x82f63b78);
    const table = Crc32c.#table;
    let value = this.#value;
    for (let index = 0; index < data.length; index++) {
      value = table[(value ^ data[index]!) & 0xff]! ^ (value >>> 8);
    }
    this.#value = value;
  }

  digest(): Uint8Array {
    return wordsToBytes(~this.#value);
  }
}

/** CRC-64/NVME: the Rocksoft polynomial, reflected, in two halves of 32 bits (NVM Express, section 5.2.1.3.4). */
class Crc64Nvme implements Checksum {
  static #tables: { high: Uint32Array; low: Uint32Array } | undefined;
  #high = 0xffffffff;
  #low = 0xffffffff;

  update(data: Uint8Array): void {
    Crc64Nvme.#tables ??= crc64Tables(0x9a6c9329ac4bc9b5n);
    const { high: highTable, low: lowTable } = Crc64Nvme.#tables;
    let high = this.#high;
    let low = this.#low;
    for (let index = 0; index < data.length; index++) {
      const entry = (low ^ data[index]!) & 0xff;
      low = lowTable[entry]! ^ ((low >>> 8) | (high << 24));
      high = highTable[entry]! ^ (high >>> 8);
    }
    this.#high = high;
    this.#low = low;
  }

  digest(): Uint8Array {
    return wordsToBytes(~this.#high, ~this.#low);
  }
}

function crc32Table(polynomial: number): Uint32Array {
  const table = new Uint32Array(256);
  for (let entry = 0; entry < 256; entry++) {
    let value = entry;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? polynomial ^ (value >>> 1) : value >>> 1;
    table[entry] = value;
  }
  return table;
}

function crc64Tables(polynomial: bigint): { high: Uint32Array; low: Uint32Array } {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let entry = 0; entry < 256; entry++) {
    let value = BigInt(entry);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? polynomial ^ (value >> 1n) : value >> 1n;
    high[entry] = Number(value >> 32n);
    low[entry] = Number(value & 0xffffffffn);
  }
  return { high, low };
}

function wordsToBytes(...words: number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(words.length * 4));
  for (const [index, word] of words.entries()) bytes.setUint32(index * 4, word >>> 0);
  return new Uint8Array(bytes.buffer);
}

const checksums = { CRC32: Crc32, CRC32C: Crc32c, CRC64NVME: Crc64Nvme };

export type ChecksumName = keyof typeof checksums;

export function isChecksum(name: string): name is ChecksumName {
  return Object.hasOwn(checksums, name);
}

export function createChecksum(name: ChecksumName): Checksum {
  return new checksums[name]();
}
