import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { withKit } from "./kit.ts";

/** The plain text of NIST SP 800-38A, appendix F. */
const plain =
  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
  "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
const keys = {
  128: "2b7e151628aed2a6abf7158809cf4f3c",
  192: "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
  256: "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
};

/** SP 800-38A F.2, without the block of padding that Web Cryptography adds. */
const cbc = {
  128:
    "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2" +
    "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
  192:
    "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a" +
    "571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd",
  256:
    "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d" +
    "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
};

/** SP 800-38A F.5. */
const ctr = {
  128:
    "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff" +
    "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee",
  192:
    "1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94" +
    "1e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050",
  256:
    "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5" +
    "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
};

eachEngine("AES", bare => {
  const run = withKit(bare);

  test("CBC and CTR give the examples of SP 800-38A, and take them back", async () => {
    const outcome = await run(
      async ({ subtle, hex, unhex }, plain: string, keys: Record<string, string>) => {
        const results: Record<string, string[]> = {};
        for (const [bits, bytes] of Object.entries(keys)) {
          const iv = unhex("000102030405060708090a0b0c0d0e0f");
          const counter = unhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
          results[bits] = [];
          for (const algorithm of [
            { name: "AES-CBC", iv },
            { name: "aes-ctr", counter, length: 128 },
          ]) {
            const key = await subtle.importKey("raw", unhex(bytes), algorithm.name, false, [
              "encrypt",
              "decrypt",
            ]);
            const cipherText = await subtle.encrypt(algorithm, key, unhex(plain));
            const back = hex(await subtle.decrypt(algorithm, key, cipherText));
            results[bits].push(hex(cipherText), back === plain ? "back" : back);
          }
        }
        return results;
      },
      plain,
      keys,
    );
    for (const bits of [128, 192, 256] as const) {
      const [byCbc, cbcBack, byCtr, ctrBack] = outcome[bits]!;
      expect(byCbc!.slice(0, -32)).toBe(cbc[bits]);
      expect(byCbc!.length).toBe(cbc[bits].length + 32);
      expect(byCtr).toBe(ctr[bits]);
      expect([cbcBack, ctrBack]).toEqual(["back", "back"]);
    }
  });

  test("GCM gives the examples of its specification", async () => {
    const outcome = await run(async ({ subtle, hex, unhex }) => {
      const seal = async (key: string, iv: string, text: string, additionalData: string, tagLength = 128) => {
        const imported = await subtle.importKey("raw", unhex(key), "AES-GCM", false, ["encrypt", "decrypt"]);
        const algorithm = {
          name: "AES-GCM",
          iv: unhex(iv),
          additionalData: unhex(additionalData),
          tagLength,
        };
        const sealed = await subtle.encrypt(algorithm, imported, unhex(text));
        const opened = hex(await subtle.decrypt(algorithm, imported, sealed));
        return [hex(sealed), opened === text];
      };
      const text =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
      const longIv =
        "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728" +
        "c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b";
      const key = "feffe9928665731c6d6a8f9467308308";
      const additional = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
      return [
        await seal("00".repeat(16), "00".repeat(12), "", ""),
        await seal("00".repeat(16), "00".repeat(12), "00".repeat(16), ""),
        await seal(key, "cafebabefacedbaddecaf888", text, additional),
        await seal(key, "cafebabefacedbad", text, additional),
        await seal(key, longIv, text, additional),
        await seal(key.repeat(2), "cafebabefacedbaddecaf888", text, additional, 96),
        // A vector longer than OpenSSL's limit; the value is BoringSSL's.
        await seal("00".repeat(16), "00".repeat(200), "68656c6c6f", "616164"),
      ];
    });
    expect(outcome).toEqual([
      ["58e2fccefa7e3061367f1d57a4e7455a", true],
      ["0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf", true],
      [
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e" +
          "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47",
        true,
      ],
      [
        "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c7423" +
          "73806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f45983612d2e79e3b0785561be14aaca2fccb",
        true,
      ],
      [
        "8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca7" +
          "01e4a9a4fba43c90ccdcb281d48c7c6fd62875d2aca417034c34aee5619cc5aefffe0bfa462af43c1699d050",
        true,
      ],
      [
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa" +
          "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853",
        true,
      ],
      ["8d5abff72089f063f2b467e68a9ac65961a655ec38", true],
    ]);
  });

  test("GCM opens nothing that was changed", async () => {
    const failures = await run(async ({ subtle, failure }) => {
      const key = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
      const failures: string[] = [];
      for (const ivLength of [12, 200]) {
        const algorithm = {
          name: "AES-GCM",
          iv: new Uint8Array(ivLength),
          additionalData: new Uint8Array([1]),
        };
        const sealed = new Uint8Array(await subtle.encrypt(algorithm, key, new Uint8Array(9)));
        for (const place of [0, 8, 9, 24]) {
          const changed = sealed.slice();
          changed[place]! ^= 1;
          failures.push(await failure(() => subtle.decrypt(algorithm, key, changed)));
        }
        const other = { ...algorithm, additionalData: new Uint8Array([2]) };
        failures.push(await failure(() => subtle.decrypt(other, key, sealed)));
      }
      return failures;
    });
    expect(failures).toEqual(
      Array(10).fill(
        "OperationError: Decryption failed. This could be due to a ciphertext authentication failure, bad padding, " +
          "incorrect CryptoKey, or another algorithm-specific reason. Input length was 9, output length expected to be " +
          "9 for AES-GCM",
      ),
    );
  });

  test("CTR wraps the bits that count, and no others", async () => {
    const outcome = await run(async ({ subtle, hex, failure }) => {
      const counter = new Uint8Array(16).fill(255);
      const results: string[] = [];
      for (const [keyBytes, length] of [
        [16, 3],
        [32, 16],
      ] as const) {
        const key = await subtle.importKey("raw", new Uint8Array(keyBytes), "AES-CTR", false, ["encrypt"]);
        results.push(
          hex(await subtle.encrypt({ name: "AES-CTR", counter, length }, key, new Uint8Array(50))),
        );
      }
      const key = await subtle.importKey("raw", new Uint8Array(16), "AES-CTR", false, ["encrypt"]);
      const encrypt = (length: number, bytes: number) =>
        failure(() => subtle.encrypt({ name: "AES-CTR", counter, length }, key, new Uint8Array(bytes)));
      results.push(await encrypt(1, 32), await encrypt(1, 33), await encrypt(0, 1), await encrypt(129, 1));
      return results;
    });
    expect(outcome).toEqual([
      "3f5b8cc9ea855a0afa7347d23e8d664e8ade895913685c67c5269f8aae42983e4dbc08bdbbd81dacab4ebc211c57e1a6096f",
      "acdace8078a32b1a182bfa4987ca13475f397bf03084820cc8810d52e5b666e986645acbb4651d426621650f08850e09f6e1",
      "nothing",
      "OperationError: Counter block values will repeat.",
      "OperationError: Invalid counter of 0 bits length provided.",
      "OperationError: Invalid counter of 129 bits length provided.",
    ]);
  });

  test("KW gives the examples of RFC 3394", async () => {
    const wrapped = await run(async ({ subtle, hex, unhex, words }) => {
      const key = "000102030405060708090a0b0c0d0e0f1011121314151617";
      const results: string[] = [];
      for (const [bytes, inner] of [
        [16, "00112233445566778899aabbccddeeff"],
        [24, "00112233445566778899aabbccddeeff0001020304050607"],
      ] as const) {
        const by = await subtle.importKey("raw", unhex(key).slice(0, bytes), "AES-KW", false, [
          "wrapKey",
          "unwrapKey",
        ]);
        const secret = await subtle.importKey("raw", unhex(inner), "AES-CBC", true, ["encrypt"]);
        const wrapped = await subtle.wrapKey("raw", secret, by, "AES-KW");
        const back = await subtle.unwrapKey("raw", wrapped, by, "aes-kw", "AES-GCM", true, ["decrypt"]);
        results.push(hex(wrapped), words(back), hex(await subtle.exportKey("raw", back)));
      }
      return results;
    });
    expect(wrapped).toEqual([
      "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5",
      'secret true decrypt {"name":"AES-GCM","length":128}',
      "00112233445566778899aabbccddeeff",
      "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2",
      'secret true decrypt {"name":"AES-GCM","length":192}',
      "00112233445566778899aabbccddeeff0001020304050607",
    ]);
  });
});
