import type { webcrypto } from "node:crypto";
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
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

eachEngine("keys in and out", bare => {
  const run = withKit(bare);

  test("secret keys go through raw and jwk", async () => {
    const outcome = await run(async ({ subtle, hex, words }) => {
      const results: unknown[] = [];
      const material = new Uint8Array(24).map((_, index) => index * 7);
      for (const [algorithm, usages] of [
        ["AES-GCM", ["encrypt", "unwrapKey"]],
        ["AES-CBC", ["decrypt"]],
        ["AES-CTR", ["encrypt"]],
        ["AES-KW", ["wrapKey"]],
        [{ name: "HMAC", hash: "SHA-384" }, ["verify", "sign"]],
      ] as const) {
        const key = await subtle.importKey("raw", material, algorithm as never, true, usages as never);
        const jwk = await subtle.exportKey("jwk", key);
        const again = await subtle.importKey("jwk", jwk, algorithm as never, true, usages as never);
        const same =
          hex(await subtle.exportKey("raw", again)) === hex(material) && words(again) === words(key);
        results.push([same, JSON.stringify(jwk)]);
      }
      return results;
    });
    const k = "AAcOFRwjKjE4P0ZNVFtiaXB3foWMk5qh";
    const jwk = (operations: string, alg: string) =>
      `{"kty":"oct","key_ops":[${operations}],"alg":"${alg}","ext":true,"k":"${k}"}`;
    expect(outcome).toEqual([
      [true, jwk('"encrypt","unwrapKey"', "A192GCM")],
      [true, jwk('"decrypt"', "A192CBC")],
      [true, jwk('"encrypt"', "A192CTR")],
      [true, jwk('"wrapKey"', "A192KW")],
      [true, jwk('"sign","verify"', "HS384")],
    ]);
  });

  test("pairs go through spki, pkcs8, jwk and raw", async () => {
    const outcome = await run(
      async ({ subtle, hex, words }, rsaKey, ecKey, edKey) => {
        const results: Record<string, unknown> = {};
        const xKey = {
          kty: "OKP",
          crv: "X25519",
          x: "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo",
          d: "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo",
        };
        for (const [algorithm, jwk, ofPrivate, ofPublic] of [
          [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, rsaKey, ["sign"], ["verify"]],
          [{ name: "RSA-PSS", hash: "SHA-1" }, rsaKey, ["sign"], ["verify"]],
          [{ name: "RSA-OAEP", hash: "SHA-512" }, rsaKey, ["decrypt"], ["encrypt"]],
          [{ name: "ECDSA", namedCurve: "P-256" }, ecKey, ["sign"], ["verify"]],
          [{ name: "ECDH", namedCurve: "P-256" }, ecKey, ["deriveBits"], []],
          [{ name: "Ed25519" }, edKey, ["sign"], ["verify"]],
          [{ name: "NODE-ED25519", namedCurve: "NODE-ED25519" }, edKey, ["sign"], ["verify"]],
          [{ name: "X25519" }, xKey, ["deriveKey"], []],
        ] as const) {
          const load = (format: string, data: unknown, usages: readonly string[]) =>
            subtle.importKey(format as "raw", data as never, algorithm, true, usages as never);
          const { kty, n, e, crv, x, y } = jwk as Record<string, string>;
          const privateKey = await load("jwk", jwk, ofPrivate);
          const publicKey = await load("jwk", { kty, n, e, crv, x, y }, ofPublic);
          const pkcs8 = await subtle.exportKey("pkcs8", privateKey);
          const spki = await subtle.exportKey("spki", publicKey);
          const again = [await load("pkcs8", pkcs8, ofPrivate), await load("spki", spki, ofPublic)] as const;
          const exported = [
            JSON.stringify(await subtle.exportKey("jwk", again[0])),
            JSON.stringify(await subtle.exportKey("jwk", again[1])),
          ];
          const original = [
            JSON.stringify(await subtle.exportKey("jwk", privateKey)),
            JSON.stringify(await subtle.exportKey("jwk", publicKey)),
          ];
          const sameDer =
            hex(await subtle.exportKey("pkcs8", again[0])) === hex(pkcs8) &&
            hex(await subtle.exportKey("spki", again[1])) === hex(spki);
          let raw = "";
          if (!algorithm.name.startsWith("RSA")) {
            const bytes = await subtle.exportKey("raw", publicKey);
            const point = await load("raw", bytes, ofPublic);
            raw =
              hex(await subtle.exportKey("spki", point)) === hex(spki)
                ? `${bytes.byteLength} bytes`
                : "differs";
          }
          results[algorithm.name] = [
            sameDer && exported.join() === original.join(),
            words(again[0]) === words(privateKey) && words(again[1]) === words(publicKey),
            Object.keys(JSON.parse(exported[0]!)).join(),
            JSON.parse(exported[0]!).alg ?? null,
            raw,
          ];
        }
        return results;
      },
      rsaKey,
      ecKey,
      edKey,
    );
    const rsaMembers = "kty,key_ops,alg,ext,d,n,e,p,q,dp,dq,qi";
    expect(outcome).toEqual({
      "RSASSA-PKCS1-v1_5": [true, true, rsaMembers, "RS256", ""],
      "RSA-PSS": [true, true, rsaMembers, "PS1", ""],
      "RSA-OAEP": [true, true, rsaMembers, "RSA-OAEP-512", ""],
      ECDSA: [true, true, "kty,key_ops,ext,crv,x,y,d", null, "65 bytes"],
      ECDH: [true, true, "kty,key_ops,ext,crv,x,y,d", null, "65 bytes"],
      Ed25519: [true, true, "kty,key_ops,alg,ext,crv,x,d", "EdDSA", "32 bytes"],
      "NODE-ED25519": [true, true, "kty,key_ops,ext,crv,x,d", null, "32 bytes"],
      X25519: [true, true, "kty,key_ops,ext,crv,x,d", null, "32 bytes"],
    });
  });

  test("writes the DER that others write", async () => {
    const outcome = await run(
      async ({ subtle, hex, unhex }, ecKey, edKey) => {
        const ecdsa = { name: "ECDSA", namedCurve: "P-256" };
        const pkcs8 = async (jwk: object, algorithm: unknown) =>
          hex(
            await subtle.exportKey(
              "pkcs8",
              await subtle.importKey("jwk", jwk as never, algorithm as never, true, ["sign"]),
            ),
          );
        const compressed = unhex("0330a0424cd21c2944838a2d75c92b37e76ea20d9f00893a3b4eee8a3c0aafec3e");
        const point = await subtle.importKey("raw", compressed, ecdsa, true, []);
        const withoutPublicKey =
          "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420" +
          "f3bd0c07a81fb932781ed52752f60cc89a6be5e51934fe01938ddb55d8f77801";
        const completed = await subtle.importKey("pkcs8", unhex(withoutPublicKey), ecdsa, true, ["sign"]);
        return [
          await pkcs8(ecKey, ecdsa),
          JSON.stringify(await subtle.exportKey("jwk", completed)),
          await pkcs8(edKey, "Ed25519"),
          hex(await subtle.exportKey("raw", point)),
        ];
      },
      ecKey,
      edKey,
    );
    const point =
      "0430a0424cd21c2944838a2d75c92b37e76ea20d9f00893a3b4eee8a3c0aafec3e" +
      "e04b65e92456d9888b52b379bdfbd51ee869ef1f0fc65b6659695b6cce081723";
    const ecDer =
      "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420" +
      `f3bd0c07a81fb932781ed52752f60cc89a6be5e51934fe01938ddb55d8f77801a144034200${point}`;
    expect(outcome).toEqual([
      ecDer,
      JSON.stringify({
        kty: "EC",
        key_ops: ["sign"],
        ext: true,
        crv: "P-256",
        x: ecKey.x,
        y: ecKey.y,
        d: ecKey.d,
      }),
      "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      point,
    ]);
  });

  test("wraps and unwraps every kind of key, in every format", async () => {
    const outcome = await run(
      async ({ subtle, words }, rsaKey, rsaPublicKey, ecKey) => {
        const iv = new Uint8Array(16);
        const oaep = { name: "RSA-OAEP", hash: "SHA-256" };
        const aes = async (name: string) => {
          const key = (await subtle.generateKey({ name, length: 256 }, false, [
            "wrapKey",
            "unwrapKey",
          ])) as webcrypto.CryptoKey;
          return [key, key] as const;
        };
        const secret = await subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt"]);
        const ecdsa = { name: "ECDSA", namedCurve: "P-256" };
        const signing = await subtle.importKey("jwk", ecKey, ecdsa, true, ["sign"]);
        const results: string[] = [];
        for (const [algorithm, [wrapping, unwrapping]] of [
          [{ name: "AES-GCM", iv }, await aes("AES-GCM")],
          [{ name: "AES-CBC", iv }, await aes("AES-CBC")],
          [{ name: "AES-CTR", counter: iv, length: 64 }, await aes("AES-CTR")],
          [{ name: "AES-KW" }, await aes("AES-KW")],
          [
            oaep,
            [
              await subtle.importKey("jwk", rsaPublicKey, oaep, false, ["wrapKey"]),
              await subtle.importKey("jwk", rsaKey, oaep, false, ["unwrapKey"]),
            ],
          ],
        ] as const) {
          const through = async (
            format: "raw" | "jwk" | "pkcs8",
            key: unknown,
            as: unknown,
            usage: "encrypt" | "sign",
          ) => {
            try {
              const wrapped = await subtle.wrapKey(format, key as never, wrapping, algorithm);
              const back = await subtle.unwrapKey(format, wrapped, unwrapping, algorithm, as as never, true, [
                usage,
              ]);
              return words(back) === words(key as never) ? "same" : "differs";
            } catch (error) {
              return (error as Error).name;
            }
          };
          results.push(
            `${algorithm.name}: ${[
              await through("raw", secret, "AES-GCM", "encrypt"),
              await through("jwk", secret, "AES-GCM", "encrypt"),
              await through("jwk", signing, ecdsa, "sign"),
              await through("pkcs8", signing, ecdsa, "sign"),
            ]}`,
          );
        }
        return results;
      },
      rsaKey,
      rsaPublicKey,
      ecKey,
    );
    expect(outcome).toEqual([
      "AES-GCM: same,same,same,same",
      "AES-CBC: same,same,same,same",
      "AES-CTR: same,same,same,same",
      // Key wrap takes multiples of 64 bits only.
      "AES-KW: same,same,OperationError,OperationError",
      "RSA-OAEP: same,same,OperationError,same",
    ]);
  });

  test("a key shows its algorithm and usages, and does not depend on what is done to them", async () => {
    const outcome = await run(async ({ subtle, failure }) => {
      const material = new Uint8Array(16);
      const key = await subtle.importKey("raw", material, "aes-gcm", true, ["encrypt", "encrypt"]);
      const shown = JSON.stringify(key);
      material.fill(1);
      (key.algorithm as { name: string }).name = "AES-CBC";
      (key.usages as string[]).push("decrypt");
      const algorithm = { name: "AES-GCM", iv: new Uint8Array(12) };
      const sealed = await subtle.encrypt(algorithm, key, new Uint8Array(1));
      const exported = new Uint8Array(await subtle.exportKey("raw", key));
      exported.fill(2);
      return [
        shown,
        String(key),
        key instanceof (globalThis as unknown as { CryptoKey: new () => object }).CryptoKey,
        Object.keys(key),
        sealed.byteLength,
        await failure(() => subtle.decrypt(algorithm, key, sealed)),
        new Uint8Array(await subtle.exportKey("raw", key)).every(byte => byte === 0),
        Reflect.set(key, "type", "public"),
        await failure(() => structuredClone(key)),
      ];
    });
    expect(outcome).toEqual([
      '{"usages":["encrypt"],"algorithm":{"name":"AES-GCM","length":128},"extractable":true,"type":"secret"}',
      "[object CryptoKey]",
      true,
      ["usages", "algorithm", "extractable", "type"],
      17,
      'InvalidAccessError: Requested key usage "decrypt" does not match any usage listed in this CryptoKey.',
      true,
      false,
      'DataCloneError: Could not serialize object of type "CryptoKey". This type does not support serialization.',
    ]);
  });
});
