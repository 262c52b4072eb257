import { webcrypto } from "node:crypto";
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { withKit } from "./kit.ts";

const { subtle: reference } = webcrypto;

eachEngine("ECDSA", bare => {
  const run = withKit(bare);

  test("verifies the signatures of RFC 6979", async () => {
    const verdicts = await run(async ({ subtle, unhex, utf8 }) => {
      const point =
        "04" +
        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" +
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
      const algorithm = { name: "ECDSA", namedCurve: "P-256" };
      const key = await subtle.importKey("raw", unhex(point), algorithm, false, ["verify"]);
      const verify = (hash: string, signature: string, text: string) =>
        subtle.verify({ name: "ecdsa", hash }, key, unhex(signature), utf8(text));
      const ofSha256 =
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" +
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
      return [
        await verify("SHA-256", ofSha256, "sample"),
        await verify("SHA-256", ofSha256, "simple"),
        await verify("SHA-512", ofSha256, "sample"),
        await verify("SHA-256", ofSha256.slice(2), "sample"),
        await verify("SHA-256", "00".repeat(64), "sample"),
        await verify("SHA-256", "", "sample"),
      ];
    });
    expect(verdicts).toEqual([true, false, false, false, false, false]);
  });

  test("signs on every curve what another implementation verifies", async () => {
    for (const [namedCurve, size] of [
      ["P-256", 64],
      ["P-384", 96],
      ["P-521", 132],
    ] as const) {
      const [publicKey, signature, words] = await run(async ({ subtle, hex, utf8, words }, namedCurve) => {
        const pair = await subtle.generateKey(
          { name: "ecdsa", namedCurve: namedCurve.toLowerCase() },
          false,
          ["sign", "verify"],
        );
        const signature = await subtle.sign({ name: "ECDSA", hash: "SHA-384" }, pair.privateKey, utf8("abc"));
        const spki = await subtle.exportKey("spki", pair.publicKey);
        return [hex(spki), hex(signature), [words(pair.publicKey), words(pair.privateKey)]] as const;
      }, namedCurve);
      expect(signature.length).toBe(size * 2);
      expect(words).toEqual([
        `public true verify {"name":"ECDSA","namedCurve":"${namedCurve}"}`,
        `private false sign {"name":"ECDSA","namedCurve":"${namedCurve}"}`,
      ]);
      const algorithm = { name: "ECDSA", namedCurve, hash: "SHA-384" };
      const theirs = await reference.importKey("spki", Buffer.from(publicKey, "hex"), algorithm, false, [
        "verify",
      ]);
      expect(
        await reference.verify(algorithm, theirs, Buffer.from(signature, "hex"), Buffer.from("abc")),
      ).toBe(true);
    }
  });
});

eachEngine("ECDH", bare => {
  const run = withKit(bare);

  test("agrees on the secret of RFC 5903", async () => {
    const outcome = await run(async ({ subtle, hex, unhex }) => {
      const encode = (text: string) =>
        btoa(String.fromCharCode(...unhex(text)))
          .replace(/\+/g, "-")
          .replace(/\//g, "_")
          .replace(/=/g, "");
      const algorithm = { name: "ECDH", namedCurve: "P-256" };
      const jwk = {
        kty: "EC",
        crv: "P-256",
        x: encode("dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"),
        y: encode("5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"),
        d: encode("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"),
      };
      const theirs =
        "04" +
        "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63" +
        "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab";
      const key = await subtle.importKey("jwk", jwk, algorithm, false, ["deriveBits", "deriveKey"]);
      const point = await subtle.importKey("raw", unhex(theirs), algorithm, false, []);
      const derive = async (length: number | null) =>
        hex(await subtle.deriveBits({ name: "ECDH", public: point }, key, length as number));
      const derived = await subtle.deriveKey(
        { name: "ECDH", public: point },
        key,
        { name: "AES-GCM", length: 128 },
        true,
        ["encrypt"],
      );
      const secret = await subtle.deriveKey({ name: "ECDH", public: point }, key, "HKDF", false, [
        "deriveBits",
      ]);
      return [
        await derive(null),
        await derive(256),
        await derive(13),
        await derive(0),
        hex(await subtle.exportKey("raw", derived)),
        secret.algorithm.name,
      ];
    });
    const secret = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";
    expect(outcome).toEqual([secret, secret, "d680", "", secret.slice(0, 32), "HKDF"]);
  });

  test("agrees on every curve, and only with a key of its own", async () => {
    const outcome = await run(async ({ subtle, hex, failure }) => {
      const results: unknown[] = [];
      const generate = (name: string, namedCurve: string) =>
        subtle.generateKey(
          { name, namedCurve },
          false,
          name === "ECDH" ? ["deriveBits"] : ["sign", "verify"],
        );
      for (const [curve, bytes] of [
        ["P-256", 32],
        ["P-384", 48],
        ["P-521", 66],
      ] as const) {
        const [mine, theirs] = [await generate("ECDH", curve), await generate("ECDH", curve)];
        const left = await subtle.deriveBits(
          { name: "ECDH", public: theirs.publicKey },
          mine.privateKey,
          null as never,
        );
        const right = await subtle.deriveBits(
          { name: "ECDH", public: mine.publicKey },
          theirs.privateKey,
          bytes * 8,
        );
        results.push(hex(left) === hex(right) && left.byteLength === bytes);
      }
      const mine = await generate("ECDH", "P-256");
      const derive = (other: unknown, length = 256) =>
        failure(() => subtle.deriveBits({ name: "ECDH", public: other as never }, mine.privateKey, length));
      const x25519 = (await subtle.generateKey("X25519", false, ["deriveBits"])) as webcrypto.CryptoKeyPair;
      results.push(
        await derive(mine.privateKey),
        await derive((await generate("ECDH", "P-384")).publicKey),
        await derive((await generate("ECDSA", "P-256")).publicKey),
        await derive(x25519.publicKey),
        await derive(undefined),
        await derive("key"),
        await derive(mine.publicKey, 264),
        await derive(mine.publicKey, -1),
      );
      return results;
    });
    expect(outcome).toEqual([
      true,
      true,
      true,
      'InvalidAccessError: The provided key has type "private", not "public"',
      'InvalidAccessError: Private key for derivation is using curve "P-256" while public key is using "P-384".',
      'InvalidAccessError: Private key for derivation is using "ECDH" while public key is using "ECDSA".',
      "InvalidAccessError: Base ECDH private key cannot be used to derive a key from a peer X25519 public key",
      'TypeError: Missing field "public" in "derivedKeyParams".',
      "TypeError: Incorrect type for the 'public' field on 'DeriveKeyAlgorithm': the provided value is not of type " +
        "'CryptoKey'.",
      "OperationError: Derived key length (264 bits) is too long (should be at most 256 bits).",
      "TypeError: deriveBits length must be an unsigned long integer.",
    ]);
  });
});

eachEngine("Ed25519 and X25519", bare => {
  const run = withKit(bare);

  test("signs as RFC 8032 says, under both names", async () => {
    const outcome = await run(async ({ subtle, hex, failure }) => {
      const jwk = {
        kty: "OKP",
        crv: "Ed25519",
        d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
      };
      const { d: _, ...publicJwk } = jwk;
      const results: unknown[] = [];
      for (const algorithm of ["Ed25519", { name: "NODE-ED25519", namedCurve: "NODE-ED25519" }]) {
        const name = typeof algorithm === "string" ? algorithm : algorithm.name;
        const signing = await subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
        const verifying = await subtle.importKey("jwk", publicJwk, algorithm, false, ["verify"]);
        const nothing = new Uint8Array(0);
        const signature = await subtle.sign(name, signing, nothing);
        results.push(
          hex(signature),
          await subtle.verify(name, verifying, signature, nothing),
          await subtle.verify(name, verifying, signature, new Uint8Array(1)),
          await failure(() => subtle.verify(name, verifying, new Uint8Array(10), nothing)),
        );
      }
      return results;
    });
    const signature =
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
    expect(outcome).toEqual(
      ["Ed25519", "NODE-ED25519"].flatMap(name => [
        signature,
        true,
        false,
        `OperationError: Invalid ${name} signature length 10`,
      ]),
    );
  });

  test("agrees as RFC 7748 says", async () => {
    const outcome = await run(async ({ subtle, hex, unhex, failure }) => {
      const jwk = {
        kty: "OKP",
        crv: "X25519",
        d: "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo",
        x: "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo",
      };
      const key = await subtle.importKey("jwk", jwk, "X25519", false, ["deriveBits"]);
      const theirs = await subtle.importKey(
        "raw",
        unhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
        "X25519",
        false,
        [],
      );
      const nothing = await subtle.importKey("raw", new Uint8Array(32), "X25519", false, []);
      const derive = (other: webcrypto.CryptoKey, length: number) =>
        subtle.deriveBits({ name: "X25519", public: other }, key, length);
      return [
        hex(await derive(theirs, 256)),
        hex(await derive(theirs, 9)),
        await failure(() => derive(theirs, 264)),
        await failure(() => derive(nothing, 256)),
      ];
    });
    expect(outcome).toEqual([
      "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
      "4a00",
      "OperationError: Derived key length (264 bits) is too long (should be at most 256 bits).",
      "OperationError: Failed to derive the shared secret.",
    ]);
  });

  test("generates pairs", async () => {
    const outcome = await run(async ({ subtle, words }) => {
      const results: string[] = [];
      for (const [algorithm, usages] of [
        ["ed25519", ["sign", "verify"]],
        [{ name: "NODE-ED25519", namedCurve: "NODE-ED25519" }, ["sign", "verify"]],
        ["X25519", ["deriveBits", "deriveKey"]],
      ] as const) {
        const pair = (await subtle.generateKey(
          algorithm as never,
          false,
          usages as never,
        )) as webcrypto.CryptoKeyPair;
        results.push(words(pair.publicKey), words(pair.privateKey));
      }
      return results;
    });
    expect(outcome).toEqual([
      'public true verify {"name":"Ed25519"}',
      'private false sign {"name":"Ed25519"}',
      'public true verify {"name":"NODE-ED25519","namedCurve":"NODE-ED25519"}',
      'private false sign {"name":"NODE-ED25519","namedCurve":"NODE-ED25519"}',
      'public true  {"name":"X25519"}',
      'private false deriveKey,deriveBits {"name":"X25519"}',
    ]);
  });
});
