import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { withKit } from "./kit.ts";

eachEngine("HKDF and PBKDF2", bare => {
  const run = withKit(bare);

  test("HKDF gives the examples of RFC 5869", async () => {
    const bytes = (first: number, count: number) =>
      Array.from({ length: count }, (_, index) => (first + index).toString(16).padStart(2, "0")).join("");
    const cases = [
      ["SHA-256", "0b".repeat(22), bytes(0, 13), bytes(0xf0, 10), 42],
      ["SHA-256", bytes(0, 80), bytes(0x60, 80), bytes(0xb0, 80), 82],
      ["SHA-256", "0b".repeat(22), "", "", 42],
      ["SHA-1", "0b".repeat(11), bytes(0, 13), bytes(0xf0, 10), 42],
    ] as const;
    const derived = await run(
      async (
        { subtle, hex, unhex },
        cases: readonly (readonly [string, string, string, string, number])[],
      ) => {
        const results: string[] = [];
        for (const [hash, key, salt, info, length] of cases) {
          const base = await subtle.importKey("raw", unhex(key), "HKDF", false, ["deriveBits"]);
          const algorithm = { name: "HKDF", hash, salt: unhex(salt), info: unhex(info) };
          results.push(hex(await subtle.deriveBits(algorithm, base, length * 8)));
        }
        return results;
      },
      cases,
    );
    expect(derived).toEqual([
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
      "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896",
    ]);
  });

  test("HKDF bounds neither its info nor, up to 255 blocks, its output", async () => {
    const outcome = await run(async ({ subtle, hex, utf8, failure }) => {
      const base = await subtle.importKey("raw", utf8("key"), "HKDF", false, ["deriveBits"]);
      const algorithm = {
        name: "HKDF",
        hash: "SHA-256",
        salt: new Uint8Array(0),
        info: new Uint8Array(3000),
      };
      const most = 255 * 32 * 8;
      return [
        hex(await subtle.deriveBits(algorithm, base, 128)),
        (await subtle.deriveBits(algorithm, base, most)).byteLength,
        (await subtle.deriveBits(algorithm, base, 0)).byteLength,
        await failure(() => subtle.deriveBits(algorithm, base, most + 8)),
      ];
    });
    expect(outcome).toEqual([
      "63d4b6e4878920150af1d4bcedfb6f2a",
      255 * 32,
      0,
      "OperationError: HKDF deriveBits failed.",
    ]);
  });

  test("PBKDF2 gives the examples of RFC 6070 and RFC 7914", async () => {
    const derived = await run(async ({ subtle, hex, utf8 }) => {
      const results: string[] = [];
      for (const [hash, password, salt, iterations, length] of [
        ["SHA-1", "password", "salt", 1, 20],
        ["SHA-1", "password", "salt", 4096, 20],
        ["SHA-1", "passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, 25],
        ["SHA-1", "pass\0word", "sa\0lt", 4096, 16],
        ["SHA-256", "passwd", "salt", 1, 64],
        ["SHA-256", "Password", "NaCl", 80_000, 64],
      ] as const) {
        const base = await subtle.importKey("raw", utf8(password), "PBKDF2", false, ["deriveBits"]);
        const algorithm = { name: "PBKDF2", hash, salt: utf8(salt), iterations };
        results.push(hex(await subtle.deriveBits(algorithm, base, length * 8)));
      }
      return results;
    });
    expect(derived).toEqual([
      "0c60c80f961f0e71f3a9b524af6012062fe037a6",
      "4b007901b765489abead49d926f721d065a429c1",
      "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
      "56fa6aa75548099dcc37d7f03425e0c3",
      "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
      "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d",
    ]);
  });

  test("PBKDF2 takes a salt that changes while it works, and many at once", async () => {
    const outcome = await run(async ({ subtle, hex, utf8 }) => {
      const base = await subtle.importKey("raw", utf8("password"), "PBKDF2", false, ["deriveBits"]);
      const salt = utf8("salt");
      const derive = () =>
        subtle.deriveBits({ name: "PBKDF2", hash: "SHA-1", salt, iterations: 1 }, base, 160);
      const results = [derive(), derive(), derive(), derive(), derive()];
      salt.fill(0);
      return (await Promise.all(results)).map(bits => hex(bits));
    });
    expect(outcome).toEqual(Array(5).fill("0c60c80f961f0e71f3a9b524af6012062fe037a6"));
  });

  test("PBKDF2 refuses what would take too long", async () => {
    const outcome = await run(async ({ subtle, utf8, failure }) => {
      const base = await subtle.importKey("raw", utf8("password"), "PBKDF2", false, ["deriveBits"]);
      const derive = (iterations: number, length: number) =>
        failure(() =>
          subtle.deriveBits({ name: "PBKDF2", hash: "SHA-1", salt: utf8("salt"), iterations }, base, length),
        );
      return [await derive(100_001, 160), await derive(100_000, 2 ** 31 - 8), await derive(0, 8)];
    });
    expect(outcome).toEqual([
      "NotSupportedError: Pbkdf2 failed: iteration counts above 100000 are not supported (requested 100001).",
      "OperationError: PBKDF2 of this length and iteration count takes too long.",
      "OperationError: PBKDF2 requires a positive iteration count (requested 0).",
    ]);
  });

  test("derives keys of the length that their algorithm has", async () => {
    const outcome = await run(async ({ subtle, utf8, hex, words, failure }) => {
      const base = await subtle.importKey("raw", utf8("password"), "PBKDF2", false, ["deriveKey"]);
      const algorithm = { name: "pbkdf2", hash: "SHA-1", salt: utf8("salt"), iterations: 2 };
      const derive = (type: unknown, usages: readonly string[]) =>
        subtle.deriveKey(algorithm, base, type as never, true, usages as never);
      const aes = await derive({ name: "AES-CTR", length: 192 }, ["encrypt"]);
      return [
        words(aes),
        hex(await subtle.exportKey("raw", aes)),
        words(await derive({ name: "HMAC", hash: "SHA-512" }, ["sign"])),
        words(await derive({ name: "HMAC", hash: "SHA-512", length: 24 }, ["sign"])),
        await failure(() => derive({ name: "AES-GCM" }, ["encrypt"])),
        await failure(() => derive({ name: "AES-GCM", length: 7 }, ["encrypt"])),
        await failure(() => derive({ name: "HMAC", hash: "SHA-512", length: 0 }, ["sign"])),
        await failure(() => derive({ name: "HMAC" }, ["sign"])),
        await failure(() => derive("HKDF", ["deriveBits"])),
        await failure(() => derive({ name: "RSA-PSS" }, ["sign"])),
        await failure(() => derive({ name: "AES-GCM", length: 256 }, [])),
        await failure(() => subtle.deriveBits(algorithm, base, 8)),
      ];
    });
    expect(outcome).toEqual([
      'secret true encrypt {"name":"AES-CTR","length":192}',
      "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957cae93136",
      'secret true sign {"name":"HMAC","hash":{"name":"SHA-512"},"length":1024}',
      'secret true sign {"name":"HMAC","hash":{"name":"SHA-512"},"length":24}',
      'TypeError: Missing field "length" in "derivedKeyParams".',
      "OperationError: Derived AES key must be 128, 192, or 256 bits in length but provided 7.",
      "TypeError: HMAC key length must be a non-zero unsigned long integer.",
      'TypeError: Missing field "hash" in "derivedKeyParams".',
      "OperationError: PBKDF2 cannot derive a key with null length.",
      'NotSupportedError: Unrecognized derived key type "RSA-PSS" requested.',
      "SyntaxError: Secret/private CryptoKeys must have at least one usage.",
      'InvalidAccessError: Requested key usage "deriveBits" does not match any usage listed in this CryptoKey.',
    ]);
  });
});
