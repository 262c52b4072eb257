import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { ILLEGAL_INVOCATION } from "../../helpers/illegal-invocation.ts";
import { withKit } from "./kit.ts";

/** FIPS 180-4's and RFC 1321's examples. */
const known: Record<string, [ofNothing: string, ofAbc: string]> = {
  MD5: ["d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72"],
  "SHA-1": ["da39a3ee5e6b4b0d3255bfef95601890afd80709", "a9993e364706816aba3e25717850c26c9cd0d89d"],
  "SHA-256": [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  ],
  "SHA-384": [
    "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
  ],
  "SHA-512": [
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  ],
};

eachEngine("crypto.subtle.digest", bare => {
  const run = withKit(bare);

  test("computes the standards' examples", async () => {
    const digests = await run(async ({ subtle, utf8, hex }, names: string[]) => {
      const results: Record<string, string[]> = {};
      for (const name of names) {
        results[name] = [
          hex(await subtle.digest(name, utf8(""))),
          hex(await subtle.digest(name, utf8("abc"))),
        ];
      }
      return results;
    }, Object.keys(known));
    expect(digests).toEqual(known);
  });

  test("computes the same as Node.js, whatever the length", async () => {
    const lengths = [
      ...Array.from({ length: 200 }, (_, length) => length),
      ...[1023, 1024, 1025, 65_535, 65_536, 65_537, 70_000],
    ];
    const hashes = Object.keys(known);
    const digests = await run(
      async ({ subtle, hex }, names: string[], sizes: number[]) => {
        const results: string[] = [];
        for (const name of names) {
          for (const size of sizes) {
            const data = new Uint8Array(size + 3).map((_, index) => index * 7 + (index >> 8));
            results.push(hex(await subtle.digest(name, data.subarray(3))));
          }
        }
        return results;
      },
      hashes,
      lengths,
    );
    const expected = hashes.flatMap(name =>
      lengths.map(size => {
        const data = new Uint8Array(size + 3).map((_, index) => index * 7 + (index >> 8));
        return createHash(name.replace("-", "")).update(data.subarray(3)).digest("hex");
      }),
    );
    expect(digests).toEqual(expected);
  });

  test("computes what it should whatever a worker does to typed arrays", async () => {
    const digests = await run(async ({ subtle, utf8, hex }) => {
      const prototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
      const set = Object.getOwnPropertyDescriptor(prototype, "set")!;
      const own = Object.getOwnPropertyDescriptor(Uint8Array.prototype, "constructor")!;
      const message = utf8("abc");
      const seen: unknown[] = [];
      const spy = {
        configurable: true,
        get(this: unknown) {
          seen.push(this);
          return Uint8Array;
        },
      };
      let digest: ArrayBuffer;
      try {
        Object.defineProperty(prototype, "set", { ...set, value: () => {} });
        Object.defineProperty(Uint8Array.prototype, "constructor", spy);
        digest = await subtle.digest("SHA-1", message);
      } finally {
        Object.defineProperty(prototype, "set", set);
        Object.defineProperty(Uint8Array.prototype, "constructor", own);
      }
      return [hex(digest), seen.every(array => array === message)];
    });
    expect(digests).toEqual([known["SHA-1"]![1], true]);
  });

  test("finds algorithms whatever the case, by string or object", async () => {
    const [expected] = known["SHA-1"]!;
    const digests = await run(async ({ subtle, hex }) => {
      const names = ["sha-1", "Sha-1", { name: "SHA-1" }, { name: { toString: () => "sha-1" } }];
      return Promise.all(
        names.map(async name => hex(await subtle.digest(name as string, new ArrayBuffer(0)))),
      );
    });
    expect(digests).toEqual(Array(4).fill(expected));
  });

  test("hashes just what a view covers", async () => {
    const [digest, resultTag] = await run(async ({ subtle, utf8, hex }) => {
      const { buffer } = utf8("xxabcxx");
      const result = await subtle.digest("SHA-1", new DataView(buffer, 2, 3));
      return [hex(result), Object.prototype.toString.call(result)];
    });
    expect(digest).toBe(known["SHA-1"]![1]);
    expect(resultTag).toBe("[object ArrayBuffer]");
  });

  test("refuses what it does not know, by a rejected promise", async () => {
    const failures = await run(({ subtle, failure }) => {
      const digest = (algorithm: unknown, data: unknown = new Uint8Array(1)) =>
        failure(() => subtle.digest(algorithm as string, data as never));
      return Promise.all([
        digest("SHA-9"),
        digest("SHA1"),
        digest("SHA-512/256"),
        digest(5),
        digest({}),
        digest(null),
        digest(undefined),
        digest("SHA-1", "abc"),
        digest("SHA-1", null),
        digest(Symbol("SHA-1")),
      ]);
    });
    const unknown = "NotSupportedError: Unrecognized or unimplemented digest algorithm requested.";
    const noAlgorithm =
      "TypeError: Failed to execute 'digest' on 'SubtleCrypto': parameter 1 is not of type 'string or HashAlgorithm'.";
    const noBytes =
      "TypeError: Failed to execute 'digest' on 'SubtleCrypto': parameter 2 is not of type 'BufferSource'.";
    expect(failures.slice(0, 5)).toEqual(Array(5).fill(unknown));
    expect(failures.slice(5, 9)).toEqual([noAlgorithm, noAlgorithm, noBytes, noBytes]);
    expect(failures[9]).toMatch(/^TypeError: /);
  });

  test("compares in constant time, bytes of one length", async () => {
    const outcome = await run(async ({ subtle, failure }) => [
      subtle.timingSafeEqual(new Uint8Array([1, 2]), new Uint8Array([1, 2]).buffer),
      subtle.timingSafeEqual(new Uint8Array([1, 2]), new Uint8Array([1, 3])),
      subtle.timingSafeEqual(new Uint8Array(2), new Uint16Array(1)),
      await failure(() => subtle.timingSafeEqual(new Uint8Array(2), new Uint8Array(3))),
      await failure(() => subtle.timingSafeEqual("a", "a")),
    ]);
    expect(outcome).toEqual([
      true,
      false,
      true,
      "TypeError: Input buffers must have the same byte length.",
      "TypeError: Failed to execute 'timingSafeEqual' on 'SubtleCrypto': parameter 1 is not of type 'BufferSource'.",
    ]);
  });
});

eachEngine("crypto.DigestStream", bare => {
  const run = withKit(bare);

  test("hashes all that is written, of strings and bytes", async () => {
    const [digest, written] = await run(async ({ crypto, hex }) => {
      const stream = new crypto.DigestStream({ name: "sha-1" });
      const writer = stream.getWriter();
      for (const chunk of [
        "héllo",
        new Uint8Array(3),
        new DataView(new ArrayBuffer(2)),
        "",
        new ArrayBuffer(2),
      ]) {
        await writer.write(chunk);
      }
      await writer.close();
      return [hex(await stream.digest), String(stream.bytesWritten)];
    });
    expect(digest).toBe(createHash("sha1").update("héllo").update(new Uint8Array(7)).digest("hex"));
    expect(written).toBe("13");
  });

  test("is where a body may be piped to", async () => {
    const digest = await run(async ({ crypto, hex }) => {
      const stream = new crypto.DigestStream("SHA-256");
      await new Response("hello").body!.pipeTo(stream);
      return hex(await stream.digest);
    });
    expect(digest).toBe(createHash("sha256").update("hello").digest("hex"));
  });

  test("knows the checksums", async () => {
    const checksums = await run(({ crypto, hex }) =>
      Promise.all(
        ["crc32", "CRC32C", "crc64nvme"].map(async name => {
          const stream = new crypto.DigestStream(name);
          const writer = stream.getWriter();
          await writer.write("12345");
          await writer.write("6789");
          await writer.close();
          return hex(await stream.digest);
        }),
      ),
    );
    expect(checksums).toEqual(["cbf43926", "e3069283", "ae8b14860a799888"]);
  });

  test("takes chunks of any size, that may change once they are written", async () => {
    const sizes = [1, 40_000, 40_000, 65_536, 65_537, 3, 200_000, 7];
    const digests = await run(async ({ crypto, hex }, sizes: number[]) => {
      const digests: string[] = [];
      for (const name of ["SHA-256", "CRC32C", "CRC64NVME"]) {
        const stream = new crypto.DigestStream(name);
        const writer = stream.getWriter();
        const buffer = new Uint8Array(200_000);
        for (const [index, size] of sizes.entries()) {
          await writer.write(buffer.fill(index + 1).subarray(0, size));
        }
        await writer.close();
        digests.push(hex(await stream.digest));
      }
      return digests;
    }, sizes);
    const hash = createHash("sha256");
    for (const [index, size] of sizes.entries()) hash.update(new Uint8Array(size).fill(index + 1));
    expect(digests[0]).toBe(hash.digest("hex"));
    expect(digests[1]).toMatch(/^[0-9a-f]{8}$/);
    expect(digests[2]).toMatch(/^[0-9a-f]{16}$/);
  });

  test("hashes a hundred megabytes, chunk by chunk", async () => {
    const digest = await run(async ({ crypto, hex }) => {
      const stream = new crypto.DigestStream("SHA-256");
      const writer = stream.getWriter();
      const megabyte = new Uint8Array(1 << 20);
      for (let index = 0; index < 100; index++) {
        megabyte[0] = index;
        await writer.write(megabyte);
      }
      await writer.close();
      return [hex(await stream.digest), String(stream.bytesWritten)];
    });
    const hash = createHash("sha256");
    const megabyte = new Uint8Array(1 << 20);
    for (let index = 0; index < 100; index++) {
      megabyte[0] = index;
      hash.update(megabyte);
    }
    expect(digest).toEqual([hash.digest("hex"), String(100 * 2 ** 20)]);
  });

  test("is bounded when streams are dropped, and other streams go on", async () => {
    const digest = await run(async ({ crypto, hex }) => {
      for (let index = 0; index < 300; index++) {
        const dropped = new crypto.DigestStream("SHA-1").getWriter();
        await dropped.write(new Uint8Array(70_000));
      }
      const stream = new crypto.DigestStream("MD5");
      const writer = stream.getWriter();
      await writer.write("abc");
      await writer.close();
      return hex(await stream.digest);
    });
    expect(digest).toBe(known["MD5"]![1]);
  });

  test("fails as a stream does", async () => {
    const outcome = await run(async ({ crypto, failure }) => {
      const aborted = new crypto.DigestStream("SHA-256");
      await aborted.abort(new RangeError("enough"));
      const confused = new crypto.DigestStream("SHA-256");
      const writer = confused.getWriter();
      writer.closed.catch(() => {});
      const getDigest = Object.getOwnPropertyDescriptor(crypto.DigestStream.prototype, "digest")!.get!;
      return [
        await failure(() => aborted.digest),
        await failure(() => writer.write(5)),
        await failure(() => confused.digest),
        await failure(() => new crypto.DigestStream("SHA-9")),
        await failure(() => new crypto.DigestStream(undefined)),
        await failure(() => getDigest.call({})),
        String(aborted),
        aborted instanceof WritableStream,
      ];
    });
    const wrongChunk =
      "TypeError: DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string " +
      "type on its writable side.";
    expect(outcome).toEqual([
      "RangeError: enough",
      wrongChunk,
      wrongChunk,
      "NotSupportedError: Unrecognized or unimplemented digest algorithm requested.",
      "TypeError: Failed to construct 'DigestStream': constructor parameter 1 is not of type 'string or HashAlgorithm'.",
      ILLEGAL_INVOCATION,
      "[object DigestStream]",
      true,
    ]);
  });
});
