import { constants, createPrivateKey, createPublicKey, publicEncrypt, sign, webcrypto } from "node:crypto";
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { withKit } from "./kit.ts";
import { rsaKey, rsaPublicKey } from "./rsa-key.ts";

const { subtle: reference } = webcrypto;

eachEngine("RSA", bare => {
  const run = withKit(bare);

  test("signs what another implementation verifies, and verifies what it signed", async () => {
    for (const name of ["RSASSA-PKCS1-v1_5", "RSA-PSS"]) {
      for (const hash of ["SHA-1", "SHA-256", "SHA-384", "SHA-512"]) {
        const algorithm = { name, hash, saltLength: 20 };
        const theirs = await reference.importKey("jwk", rsaKey, algorithm, false, ["sign"]);
        const signature = Buffer.from(await reference.sign(algorithm, theirs, Buffer.from("abc"))).toString(
          "hex",
        );
        const [mine, ...verdicts] = await run(
          async ({ subtle, hex, unhex, utf8 }, algorithm, key, publicKey, signature) => {
            const signing = await subtle.importKey("jwk", key, algorithm, false, ["sign"]);
            const verifying = await subtle.importKey("jwk", publicKey, algorithm, false, ["verify"]);
            return [
              hex(await subtle.sign(algorithm, signing, utf8("abc"))),
              await subtle.verify(algorithm, verifying, unhex(signature), utf8("abc")),
              await subtle.verify(algorithm, verifying, unhex(signature), utf8("abd")),
              await subtle.verify(algorithm, verifying, unhex(signature).slice(1), utf8("abc")),
            ];
          },
          algorithm,
          rsaKey,
          rsaPublicKey,
          signature,
        );
        expect(verdicts).toEqual([true, false, false]);
        if (name === "RSASSA-PKCS1-v1_5") expect(mine).toBe(signature);
        const verifying = await reference.importKey("jwk", rsaPublicKey, algorithm, false, ["verify"]);
        expect(
          await reference.verify(
            algorithm,
            verifying,
            Buffer.from(mine as string, "hex"),
            Buffer.from("abc"),
          ),
        ).toBe(true);
      }
    }
  });

  test("OAEP opens what another implementation sealed, with its label only", async () => {
    for (const hash of ["SHA-1", "SHA-512"]) {
      const algorithm = { name: "RSA-OAEP", hash, label: Buffer.from("label") };
      const theirs = await reference.importKey("jwk", rsaPublicKey, algorithm, false, ["encrypt"]);
      const sealed = Buffer.from(await reference.encrypt(algorithm, theirs, Buffer.from("secret"))).toString(
        "hex",
      );
      const outcome = await run(
        async ({ subtle, hex, unhex, utf8, failure }, hash, key, publicKey, sealed) => {
          const name = "RSA-OAEP";
          const label = utf8("label");
          const opening = await subtle.importKey("jwk", key, { name, hash }, false, ["decrypt"]);
          const sealing = await subtle.importKey("jwk", publicKey, { name, hash }, false, ["encrypt"]);
          const unlabelled = await subtle.encrypt({ name }, sealing, utf8("mine"));
          return [
            hex(await subtle.decrypt({ name, label }, opening, unhex(sealed))),
            hex(await subtle.decrypt({ name }, opening, unlabelled)),
            await failure(() => subtle.decrypt({ name }, opening, unhex(sealed))),
            await failure(() => subtle.decrypt({ name, label }, opening, unhex(sealed).fill(1))),
            await failure(() => subtle.decrypt({ name, label }, opening, new Uint8Array(3))),
            await failure(() => subtle.encrypt({ name }, sealing, new Uint8Array(300))),
          ];
        },
        hash,
        rsaKey,
        rsaPublicKey,
        sealed,
      );
      const failed = "OperationError: RSA-OAEP failed encrypt/decrypt.";
      expect(outcome).toEqual(["736563726574", "6d696e65", failed, failed, failed, failed]);
    }
  });

  test("a leading zero may not be left out of what a key has made", async () => {
    const [privateKey, publicKey] = [createPrivateKey, createPublicKey].map(create =>
      create({ key: rsaKey, format: "jwk" }),
    ) as [ReturnType<typeof createPrivateKey>, ReturnType<typeof createPublicKey>];
    const pss = { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 };
    const oaep = { key: publicKey, oaepHash: "sha256" };
    // About one in 256 begins with a zero.
    const search = (make: (data: Buffer) => Buffer) => {
      for (let index = 0; ; index++) {
        const [data, made] = [`${index}`, make(Buffer.from(`${index}`))];
        if (made[0] === 0) return [data, made.toString("hex")];
      }
    };
    const outcome = await run(
      async ({ subtle, unhex, utf8, failure }, key, publicKey, pkcs1, pss, sealed) => {
        const verify = async (name: string, [data = "", signature = ""]: readonly string[]) => {
          const algorithm = { name, hash: "SHA-256", saltLength: 20 };
          const verifying = await subtle.importKey("jwk", publicKey, algorithm, false, ["verify"]);
          return [
            await subtle.verify(algorithm, verifying, unhex(signature), utf8(data)),
            await subtle.verify(algorithm, verifying, unhex(signature.slice(2)), utf8(data)),
            await subtle.verify(algorithm, verifying, unhex(`00${signature}`), utf8(data)),
          ];
        };
        const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
        const opening = await subtle.importKey("jwk", key, algorithm, false, ["decrypt"]);
        return [
          await verify("RSASSA-PKCS1-v1_5", pkcs1),
          await verify("RSA-PSS", pss),
          await failure(() => subtle.decrypt(algorithm, opening, unhex(sealed[1]!))),
          await failure(() => subtle.decrypt(algorithm, opening, unhex(sealed[1]!.slice(2)))),
        ];
      },
      rsaKey,
      rsaPublicKey,
      search(data => sign("sha256", data, privateKey)),
      search(data => sign("sha256", data, pss)),
      search(data => publicEncrypt(oaep, data)),
    );
    expect(outcome).toEqual([
      [true, false, false],
      [true, false, false],
      "nothing",
      "OperationError: RSA-OAEP failed encrypt/decrypt.",
    ]);
  });

  test("RSA-RAW is the private operation by itself", async () => {
    const outcome = await run(async ({ subtle, hex, failure, words }, jwk) => {
      const key = await subtle.importKey("jwk", jwk, "RSA-RAW", true, ["sign"]);
      const sign = (data: Uint8Array<ArrayBuffer>) => subtle.sign("RSA-RAW", key, data);
      return [
        words(key),
        hex(await sign(new Uint8Array(256).fill(1))).slice(0, 32),
        await failure(() => sign(new Uint8Array(255))),
        await failure(() => sign(new Uint8Array(256).fill(255))),
      ];
    }, rsaKey);
    const { n } = rsaKey;
    const [modulus, exponent] = [n, rsaKey.d].map(text =>
      BigInt(`0x${Buffer.from(text, "base64url").toString("hex")}`),
    ) as [bigint, bigint];
    const expected = power(BigInt(`0x${"01".repeat(256)}`), exponent, modulus)
      .toString(16)
      .padStart(512, "0");
    expect(outcome).toEqual([
      'private true sign {"name":"RSA-RAW","modulusLength":2048,"publicExponent":"010001"}',
      expected.slice(0, 32),
      "OperationError: Invalid RSA signature.",
      "DataError: Blind Signing requires presigned data value to be strictly smaller than RSA key modulus, " +
        "consider using a larger key size.",
    ]);
  });

  test("takes a private key without its prime factors, and knows them", async () => {
    const { n, e, d } = rsaKey;
    const exported = await run(
      async ({ subtle }, jwk) => {
        const algorithm = { name: "RSA-PSS", hash: "SHA-256" };
        return subtle.exportKey("jwk", await subtle.importKey("jwk", jwk, algorithm, true, ["sign"]));
      },
      { kty: "RSA", n, e, d },
    );
    expect([exported.p, exported.q].sort()).toEqual([rsaKey.p, rsaKey.q].sort());
    expect(exported.n).toBe(n);
  });

  test("generates pairs", async () => {
    const outcome = await run(async ({ subtle, utf8, words, hex }) => {
      const publicExponent = new Uint8Array([1, 0, 1]);
      const signing = await subtle.generateKey(
        { name: "rsassa-pkcs1-v1_5", hash: "SHA-256", modulusLength: 1024, publicExponent },
        false,
        ["sign", "verify"],
      );
      const wrapping = await subtle.generateKey(
        { name: "RSA-OAEP", hash: "SHA-1", modulusLength: 1024, publicExponent: new Uint8Array([3]) },
        true,
        ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
      );
      const algorithm = signing.publicKey.algorithm.name;
      const signature = await subtle.sign(algorithm, signing.privateKey, utf8("x"));
      const sealed = await subtle.encrypt("RSA-OAEP", wrapping.publicKey, utf8("x"));
      return [
        Object.keys(signing),
        words(signing.publicKey),
        words(signing.privateKey),
        words(wrapping.publicKey),
        words(wrapping.privateKey),
        await subtle.verify(algorithm, signing.publicKey, signature, utf8("x")),
        hex(await subtle.decrypt("RSA-OAEP", wrapping.privateKey, sealed)),
      ];
    });
    const algorithm = (name: string, exponent: string, hash: string) =>
      `{"name":"${name}","modulusLength":1024,"publicExponent":"${exponent}","hash":{"name":"${hash}"}}`;
    expect(outcome).toEqual([
      ["publicKey", "privateKey"],
      `public true verify ${algorithm("RSASSA-PKCS1-v1_5", "010001", "SHA-256")}`,
      `private false sign ${algorithm("RSASSA-PKCS1-v1_5", "010001", "SHA-256")}`,
      `public true encrypt,wrapKey ${algorithm("RSA-OAEP", "03", "SHA-1")}`,
      `private true decrypt,unwrapKey ${algorithm("RSA-OAEP", "03", "SHA-1")}`,
      true,
      "78",
    ]);
  });
});

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === "1") result = (result * base) % modulus;
  }
  return result;
}
