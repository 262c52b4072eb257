import type { webcrypto } from "node:crypto";
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { importFailures } from "./import-failures.ts";
import { withKit } from "./kit.ts";
import { rsaKey, rsaPublicKey } from "./rsa-key.ts";

const ecKey = {
  kty: "EC",
  crv: "P-256",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
  d: "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
};
const edKey = {
  kty: "OKP",
  crv: "Ed25519",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
};

eachEngine("crypto.subtle, misused", bare => {
  const run = withKit(bare);

  test("an algorithm takes its own usages and refuses the others", async () => {
    const accepted = await run(
      async ({ subtle }, rsaKey, rsaPublicKey, ecKey, edKey) => {
        const all = [
          "encrypt",
          "decrypt",
          "sign",
          "verify",
          "deriveKey",
          "deriveBits",
          "wrapKey",
          "unwrapKey",
        ];
        const publicOf = ({ d: _, ...members }: Record<string, string>) => members;
        const ec = { namedCurve: "P-256" };
        const rows: [string, string, unknown, object][] = [
          ["AES-GCM", "raw", new Uint8Array(16), {}],
          ["AES-CBC", "raw", new Uint8Array(16), {}],
          ["AES-CTR", "raw", new Uint8Array(16), {}],
          ["AES-KW", "raw", new Uint8Array(16), {}],
          ["HMAC", "raw", new Uint8Array(16), { hash: "SHA-1" }],
          ["HKDF", "raw", new Uint8Array(16), {}],
          ["PBKDF2", "raw", new Uint8Array(16), {}],
          ["RSASSA-PKCS1-v1_5", "jwk", rsaKey, { hash: "SHA-1" }],
          ["RSASSA-PKCS1-v1_5", "jwk", rsaPublicKey, { hash: "SHA-1" }],
          ["RSA-PSS", "jwk", rsaPublicKey, { hash: "SHA-1" }],
          ["RSA-OAEP", "jwk", rsaKey, { hash: "SHA-1" }],
          ["RSA-OAEP", "jwk", rsaPublicKey, { hash: "SHA-1" }],
          ["RSA-RAW", "jwk", rsaKey, {}],
          ["ECDSA", "jwk", ecKey, ec],
          ["ECDSA", "jwk", publicOf(ecKey), ec],
          ["ECDH", "jwk", ecKey, ec],
          ["ECDH", "jwk", publicOf(ecKey), ec],
          ["Ed25519", "jwk", edKey, {}],
          ["Ed25519", "jwk", publicOf(edKey), {}],
        ];
        const results: string[] = [];
        for (const [name, format, data, rest] of rows) {
          const accepted: string[] = [];
          for (const usage of all) {
            try {
              const key = await subtle.importKey(format as "raw", data as never, { name, ...rest }, false, [
                usage,
              ] as never);
              accepted.push(key.usages.join());
            } catch (error) {
              if ((error as Error).name !== "SyntaxError") accepted.push(String(error));
            }
          }
          results.push(
            `${name} ${typeof (data as { d?: string }).d === "string" ? "private " : ""}${accepted}`,
          );
        }
        return results;
      },
      rsaKey,
      rsaPublicKey,
      ecKey,
      edKey,
    );
    expect(accepted).toEqual([
      "AES-GCM encrypt,decrypt,wrapKey,unwrapKey",
      "AES-CBC encrypt,decrypt,wrapKey,unwrapKey",
      "AES-CTR encrypt,decrypt,wrapKey,unwrapKey",
      "AES-KW wrapKey,unwrapKey",
      "HMAC sign,verify",
      "HKDF deriveKey,deriveBits",
      "PBKDF2 deriveKey,deriveBits",
      "RSASSA-PKCS1-v1_5 private sign",
      "RSASSA-PKCS1-v1_5 verify",
      "RSA-PSS verify",
      "RSA-OAEP private decrypt,unwrapKey",
      "RSA-OAEP encrypt,wrapKey",
      "RSA-RAW private sign",
      "ECDSA private sign",
      "ECDSA verify",
      "ECDH private deriveKey,deriveBits",
      "ECDH ",
      "Ed25519 private sign",
      "Ed25519 verify",
    ]);
  });

  test("a key does what its usages say, for its own algorithm, and nothing else", async () => {
    const failures = await run(async ({ subtle, failure }) => {
      const key = await subtle.importKey("raw", new Uint8Array(16), "AES-GCM", false, ["encrypt"]);
      const hmac = await subtle.importKey("raw", new Uint8Array(4), { name: "HMAC", hash: "SHA-256" }, true, [
        "sign",
      ]);
      const data = new Uint8Array(16);
      const gcm = { name: "AES-GCM", iv: new Uint8Array(12) };
      return [
        await failure(() => subtle.decrypt(gcm, key, data)),
        await failure(() => subtle.encrypt({ ...gcm, name: "AES-CBC" }, key, data)),
        await failure(() => subtle.sign("AES-GCM", key, data)),
        await failure(() => subtle.encrypt("HMAC", hmac, data)),
        await failure(() => subtle.verify("HMAC", hmac, data, data)),
        await failure(() => subtle.exportKey("raw", key)),
        await failure(() => subtle.exportKey("spki", hmac)),
        await failure(() => subtle.wrapKey("raw", hmac, key, gcm)),
        await failure(() => subtle.encrypt(gcm, {} as never, data)),
        await failure(() => subtle.encrypt(gcm, key, "text" as never)),
      ];
    });
    const noUsage = (usage: string) =>
      `InvalidAccessError: Requested key usage "${usage}" does not match any usage listed in this CryptoKey.`;
    expect(failures).toEqual([
      noUsage("decrypt"),
      'InvalidAccessError: Requested algorithm "AES-CBC" does not match this CryptoKey\'s algorithm "AES-GCM".',
      noUsage("sign"),
      noUsage("encrypt"),
      noUsage("verify"),
      "InvalidAccessError: Attempt to export non-extractable AES-GCM key.",
      'NotSupportedError: Unimplemented key export format "spki".',
      noUsage("wrapKey"),
      "TypeError: Failed to execute 'encrypt' on 'SubtleCrypto': parameter 2 is not of type 'CryptoKey'.",
      "TypeError: Failed to execute 'encrypt' on 'SubtleCrypto': parameter 3 is not of type 'BufferSource'.",
    ]);
  });

  test("generateKey says what is wrong", async () => {
    const failures = await run(({ subtle, failure }) => {
      const generate = (algorithm: unknown, usages: unknown = ["encrypt"]) =>
        failure(() => subtle.generateKey(algorithm as never, true, usages as never));
      const rsa = (changes: object) =>
        generate(
          {
            name: "RSA-PSS",
            hash: "SHA-1",
            modulusLength: 2048,
            publicExponent: new Uint8Array([1, 0, 1]),
            ...changes,
          },
          ["sign"],
        );
      return Promise.all([
        generate("FOO"),
        generate("PBKDF2", ["deriveBits"]),
        generate(undefined),
        generate({ name: "AES-GCM" }),
        generate({ name: "AES-GCM", length: 100 }),
        generate({ name: "AES-GCM", length: 2 ** 40 }),
        generate({ name: "AES-GCM", length: 128 }, []),
        generate({ name: "AES-GCM", length: 128 }, ["sign"]),
        generate({ name: "AES-GCM", length: 128 }, ["fly"]),
        generate({ name: "AES-GCM", length: 128 }, "encrypt"),
        generate({ name: "HMAC" }, ["sign"]),
        generate({ name: "HMAC", hash: "SHA-1", length: 0 }, ["sign"]),
        generate({ name: "ECDSA", namedCurve: "P-255" }, ["sign"]),
        generate({ name: "ECDSA", namedCurve: "P-256" }, ["verify"]),
        generate({ name: "NODE-ED25519", namedCurve: "Ed448" }, ["sign"]),
        rsa({ publicExponent: undefined }),
        rsa({ publicExponent: [1, 0, 1] }),
        rsa({ publicExponent: new Uint8Array([5]) }),
        rsa({ publicExponent: new Uint8Array([1, 0, 0, 0, 1]) }),
        rsa({ modulusLength: 0 }),
        rsa({ modulusLength: 256 }),
        rsa({ modulusLength: 1032 }),
        rsa({ modulusLength: 20_000 }),
      ]);
    });
    const badLength = (length: number) =>
      `OperationError: Generated AES key length must be 128, 192, or 256 bits but requested ${length}.`;
    const badSize = (bits: number) =>
      `OperationError: The modulus length must be a multiple of 8 and between 256 and 16k, but ${bits} was requested.`;
    expect(failures).toEqual([
      'NotSupportedError: Unrecognized key generation algorithm "FOO" requested.',
      'NotSupportedError: Unrecognized key generation algorithm "PBKDF2" requested.',
      "TypeError: Failed to execute 'generateKey' on 'SubtleCrypto': parameter 1 is not of type 'string or GenerateKeyAlgorithm'.",
      'TypeError: Missing field "length" in "algorithm".',
      badLength(100),
      "TypeError: Value out of range. Must be between -2147483648 and 2147483647 (inclusive).",
      "SyntaxError: Secret/private CryptoKeys must have at least one usage.",
      'SyntaxError: Attempt to generate AES-GCM key with invalid usage "sign".',
      'SyntaxError: Attempt to generate AES-GCM key with invalid usage "fly".',
      "TypeError: Failed to execute 'generateKey' on 'SubtleCrypto': parameter 3 is not of type 'Array'.",
      'TypeError: Missing field "hash" in "algorithm".',
      "OperationError: HMAC key length must be a non-zero unsigned long integer (requested 0).",
      'NotSupportedError: Unrecognized or unimplemented EC curve "P-255" requested.',
      "SyntaxError: Attempt to generate asymmetric keys with no valid private key usages.",
      `NotSupportedError: EDDSA curve "Ed448" isn't supported.`,
      'TypeError: Missing field "publicExponent" in "algorithm".',
      "TypeError: Incorrect type for the 'publicExponent' field on 'GenerateKeyAlgorithm': the provided value is not of type 'BufferSource'.",
      'OperationError: The "publicExponent" must be either 3 or 65537, but got 5.',
      'OperationError: The "publicExponent" must be either 3 or 65537, but got a number larger than 2^32.',
      "OperationError: modulusLength must be greater than zero (requested 0).",
      "OperationError: RSA key size is too small.",
      "OperationError: Can't generate key: RSA key size is required to be a multiple of 128",
      badSize(20_000),
    ]);
  });

  test("importKey refuses what is not a key of the kind", async () => {
    const failures = await run(
      async ({ subtle, failure, unhex }, rsaKey, rsaPublicKey, ecKey, edKey) => {
        const load = (
          format: string,
          data: unknown,
          algorithm: unknown,
          usages: unknown = ["sign"],
          ext = true,
        ) =>
          failure(() =>
            subtle.importKey(format as "raw", data as never, algorithm as never, ext, usages as never),
          );
        const secret = (members: object, ext = true) =>
          load("jwk", { kty: "oct", k: "AAAAAAAAAAAAAAAAAAAAAA", ...members }, "AES-GCM", ["encrypt"], ext);
        const pss = { name: "RSA-PSS", hash: "SHA-256" };
        const ecdsa = { name: "ECDSA", namedCurve: "P-256" };
        const rsa = (members: object) => load("jwk", { ...rsaKey, ...members }, pss);
        const spki = await subtle.exportKey(
          "spki",
          await subtle.importKey("jwk", rsaPublicKey, pss, true, []),
        );
        const trailing = new Uint8Array(spki.byteLength + 3);
        trailing.set(new Uint8Array(spki));
        return {
          format: await load("foo", new Uint8Array(16), "AES-GCM"),
          "aes pkcs8": await load("pkcs8", new Uint8Array(16), "AES-GCM", ["encrypt"]),
          "raw for jwk": await load("jwk", new Uint8Array(16), "AES-GCM"),
          "jwk for raw": await load("raw", {}, "AES-GCM"),
          text: await load("raw", "foo", "AES-GCM"),
          nothing: await load("raw", null, "AES-GCM"),
          algorithm: await load("raw", new Uint8Array(16), "AES-XXX"),
          length: await load("raw", new Uint8Array(15), "AES-GCM", ["encrypt"]),
          kty: await secret({ kty: "EC" }),
          "no k": await secret({ k: undefined }),
          "bad k": await secret({ k: "AAA*" }),
          "short k": await secret({ k: "AAAA" }),
          alg: await secret({ alg: "A256GCM" }),
          use: await secret({ use: "sig" }),
          "key_ops type": await secret({ key_ops: "encrypt" }),
          "key_ops missing": await secret({ key_ops: ["decrypt"] }),
          "key_ops twice": await secret({ key_ops: ["encrypt", "encrypt"] }),
          "not extractable": await secret({ ext: false }),
          "padded k": await secret({ k: "AAAAAAAAAAAAAAAAAAAAAA==" }),
          "empty hmac": await load("raw", new Uint8Array(0), { name: "HMAC", hash: "SHA-1" }),
          "extractable hkdf": await load("raw", new Uint8Array(4), "HKDF", ["deriveBits"]),
          "rsa kty": await rsa({ kty: "EC" }),
          "rsa alg": await rsa({ alg: "RS256" }),
          "rsa use": await rsa({ use: "enc" }),
          "rsa key_ops": await rsa({ key_ops: ["verify"] }),
          "rsa no n": await rsa({ n: undefined }),
          "rsa part": await rsa({ p: undefined }),
          "rsa other primes": await rsa({ oth: [] }),
          "rsa nonsense": await rsa({
            p: undefined,
            q: undefined,
            dp: undefined,
            dq: undefined,
            qi: undefined,
            d: "AQAB",
          }),
          "rsa exponent": await load("jwk", { ...rsaPublicKey, e: "BA" }, pss, ["verify"]),
          "rsa size": await load("jwk", { kty: "RSA", n: "AQAB", e: "AQAB" }, pss, ["verify"]),
          "rsa raw": await load("raw", new Uint8Array(10), pss),
          "bad spki": await load("spki", new Uint8Array(10), pss, ["verify"]),
          "bad pkcs8": await load("pkcs8", new Uint8Array(10), pss),
          "trailing spki": await load("spki", trailing, pss, ["verify"]),
          "spki of rsa for ec": await load("spki", spki, ecdsa, ["verify"]),
          "spki of rsa for ed": await load("spki", spki, "Ed25519", ["verify"]),
          "spki as pkcs8": await load("pkcs8", spki, pss),
          "ec off the curve": await load("jwk", { ...ecKey, x: ecKey.y }, ecdsa),
          "ec other private key": await load("jwk", { ...ecKey, d: ecKey.x }, ecdsa),
          "ec private key zero": await load("jwk", { ...ecKey, d: "AA" }, ecdsa),
          "ec alg": await load("jwk", { ...ecKey, alg: "ES384" }, ecdsa),
          "ec raw": await load("raw", new Uint8Array(65).fill(4), ecdsa, ["verify"]),
          "ec infinity": await load("raw", unhex("00"), ecdsa, ["verify"]),
          "ed crv": await load("jwk", { ...edKey, crv: "X25519" }, "Ed25519"),
          "ed x": await load("jwk", { ...edKey, x: "AAAA" }, "Ed25519"),
          "ed d": await load("jwk", { ...edKey, d: "AAAA" }, "Ed25519"),
          "ed raw": await load("raw", new Uint8Array(31), "Ed25519", ["verify"]),
        };
      },
      rsaKey,
      rsaPublicKey,
      ecKey,
      edKey,
    );
    expect(failures).toEqual(importFailures);
  });

  test("a hostile unwrap fails as JSON or as a key", async () => {
    const failures = await run(async ({ subtle, utf8, failure }) => {
      const key = (await subtle.generateKey({ name: "AES-GCM", length: 128 }, false, [
        "encrypt",
        "unwrapKey",
      ])) as webcrypto.CryptoKey;
      const algorithm = { name: "AES-GCM", iv: new Uint8Array(12) };
      const unwrap = async (text: string) => {
        const wrapped = await subtle.encrypt(algorithm, key, utf8(text));
        return failure(() => subtle.unwrapKey("jwk", wrapped, key, algorithm, "AES-GCM", true, ["encrypt"]));
      };
      return [
        (await unwrap("no json")).split(":")[0],
        await unwrap("5"),
        await unwrap("{}"),
        await unwrap('{"kty":"oct","k":"AAAA"}'),
      ];
    });
    expect(failures).toEqual([
      "SyntaxError",
      'DataError: Missing "kty" field or corrupt JSON unwrapping key?',
      'DataError: Symmetric "jwk" key import requires a JSON Web Key with Key Type parameter "kty" equal to "oct" (encountered "undefined").',
      "DataError: Imported AES key length must be 128, 192, or 256 bits but provided 24.",
    ]);
  });

  test("getters that throw reject the promise, and buffers may be detached", async () => {
    const outcome = await run(async ({ subtle, failure, hex }) => {
      const thrower = {
        get name(): string {
          throw new RangeError("no name");
        },
      };
      const buffer = new Uint8Array(8);
      (buffer.buffer as ArrayBuffer & { transfer?(): void }).transfer?.();
      const digest = hex(await subtle.digest("MD5", buffer)).length;
      return [await failure(() => subtle.digest(thrower, new Uint8Array(1))), digest];
    });
    expect(outcome).toEqual(["RangeError: no name", 32]);
  });
});
