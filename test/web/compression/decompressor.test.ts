import { buffer } from "node:stream/consumers";
import { brotliCompressSync, crc32, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { CompressionFormat } from "../../../src/web/compression/contract.ts";
import { Decompressor } from "../../../src/web/compression/decompressor.ts";

const FRAMES: readonly (readonly [CompressionFormat, Buffer])[] = [
  ["gzip", gzipSync("hello")],
  ["deflate", deflateSync("hello")],
  ["deflate-raw", deflateRawSync("hello")],
  ["brotli", brotliCompressSync("hello")],
];

async function decompress(format: CompressionFormat, ...chunks: Uint8Array[]): Promise<string> {
  const stream = new Decompressor(format);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return (await buffer(stream)).toString();
}

/** A gzip member with every optional part of the header. */
function fullMember(flags: number, headerCrc?: number): Buffer {
  const parts = [Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255])];
  if (flags & 4) parts.push(Buffer.from([3, 0, 7, 7, 7]));
  if (flags & 8) parts.push(Buffer.from("name.txt\0"));
  if (flags & 16) parts.push(Buffer.from("a comment\0"));
  if (flags & 2) {
    const check = Buffer.alloc(2);
    check.writeUInt16LE(headerCrc ?? crc32(Buffer.concat(parts)) & 0xffff);
    parts.push(check);
  }
  return Buffer.concat([...parts, deflateRawSync("hello"), gzipSync("hello").subarray(-8)]);
}

describe.each(FRAMES)("%s", (format, frame) => {
  const bytewise = [...frame].map(byte => Buffer.from([byte]));

  test("whole, byte by byte, and cut at every place", async () => {
    expect(await decompress(format, frame)).toBe("hello");
    expect(await decompress(format, ...bytewise)).toBe("hello");
    for (let cut = 0; cut < frame.byteLength; cut++) {
      expect(await decompress(format, frame.subarray(0, cut), frame.subarray(cut))).toBe("hello");
      await expect(decompress(format, frame.subarray(0, cut))).rejects.toThrow("incomplete data");
    }
  });

  test("nothing may follow, in the same chunk or a later one", async () => {
    for (const more of [Buffer.from([0]), Buffer.from("x"), frame]) {
      await expect(decompress(format, Buffer.concat([frame, more]))).rejects.toThrow("Trailing bytes");
      await expect(decompress(format, frame, more)).rejects.toThrow("Trailing bytes");
      await expect(decompress(format, ...bytewise, more)).rejects.toThrow("Trailing bytes");
    }
  });
});

describe("gzip's frame", () => {
  test.each([0, 1, 2, 4, 8, 16, 2 | 4 | 8 | 16])("header flags %i", async flags => {
    const member = fullMember(flags);
    expect(await decompress("gzip", member)).toBe("hello");
    expect(await decompress("gzip", ...[...member].map(byte => Buffer.from([byte])))).toBe("hello");
  });

  test("checksums, lengths and reserved bits are checked", async () => {
    const frame = gzipSync("hello");
    for (const [place, name] of [
      [0, "magic"],
      [1, "magic"],
      [2, "method"],
      [frame.byteLength - 8, "checksum"],
      [frame.byteLength - 1, "length"],
    ] as const) {
      const damaged = Buffer.from(frame);
      damaged[place] = (damaged[place] as number) ^ 0x55;
      await expect(decompress("gzip", damaged), name).rejects.toThrow("Decompression failed.");
    }
    await expect(decompress("gzip", fullMember(0x20))).rejects.toThrow("Decompression failed.");
    await expect(decompress("gzip", fullMember(2, 0x1234))).rejects.toThrow("Decompression failed.");
  });
});
