import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { withKit } from "./kit.ts";

eachEngine("HMAC", bare => {
  const run = withKit(bare);

  test("gives the examples of RFC 4231", async () => {
    const signatures = await run(async ({ subtle, hex, unhex }) => {
      const results: string[] = [];
      for (const [key, data] of [
        ["0b".repeat(20), "4869205468657265"],
        [
          "aa".repeat(131),
          "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
        ],
      ] as const) {
        for (const hash of ["SHA-256", "SHA-384", "SHA-512"]) {
          const imported = await subtle.importKey("raw", unhex(key), { name: "HMAC", hash }, false, ["sign"]);
          results.push(hex(await subtle.sign("HMAC", imported, unhex(data))));
        }
      }
      return results;
    });
    expect(signatures).toEqual([
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
      "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
      "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
      "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
    ]);
  });

  test("gives the same as Node.js, whatever the lengths of key and data", async () => {
    const cases = ["SHA-1", "SHA-256", "SHA-512"].flatMap(hash =>
      [1, 20, 63, 64, 65, 128, 129, 1500].flatMap(key =>
        [0, 1, 55, 64, 119, 1024, 1025].map(size => ({ hash, key, size })),
      ),
    );
    const signatures = await run(async ({ subtle, hex }, list: typeof cases) => {
      const results: string[] = [];
      for (const { hash, key, size } of list) {
        const algorithm = { name: "HMAC", hash };
        const imported = await subtle.importKey("raw", new Uint8Array(key).fill(key), algorithm, false, [
          "sign",
        ]);
        // The second time a key may be known.
        await subtle.sign("HMAC", imported, new Uint8Array(3));
        results.push(hex(await subtle.sign("HMAC", imported, new Uint8Array(size).fill(size))));
      }
      return results;
    }, cases);
    expect(signatures).toEqual(
      cases.map(({ hash, key, size }) =>
        createHmac(hash.replace("-", ""), new Uint8Array(key).fill(key))
          .update(new Uint8Array(size).fill(size))
          .digest("hex"),
      ),
    );
  });

  test("verifies its own signatures and refuses others, of any length", async () => {
    const outcome = await run(async ({ subtle, utf8 }) => {
      const key = await subtle.generateKey({ name: "HMAC", hash: "SHA-1" }, false, ["sign", "verify"]);
      const signature = new Uint8Array(await subtle.sign("HMAC", key, utf8("message")));
      const changed = signature.slice();
      changed[19]! ^= 1;
      const verify = (bytes: Uint8Array<ArrayBuffer>, text = "message") =>
        subtle.verify("hmac", key, bytes, utf8(text));
      return [
        await verify(signature),
        await verify(changed),
        await verify(signature, "massage"),
        await verify(signature.slice(0, 19)),
        await verify(new Uint8Array(0)),
      ];
    });
    expect(outcome).toEqual([true, false, false, false, false]);
  });

  test("makes keys of the length asked for, to the bit", async () => {
    const outcome = await run(async ({ subtle, hex, words }) => {
      const results: unknown[] = [];
      for (const algorithm of [
        { name: "HMAC", hash: "sha-256" },
        { name: "HMAC", hash: { name: "SHA-512" } },
        { name: "HMAC", hash: "MD5" },
        { name: "HMAC", hash: "SHA-1", length: 33 },
      ]) {
        const key = await subtle.generateKey(algorithm, true, ["verify", "sign"]);
        const raw = new Uint8Array(await subtle.exportKey("raw", key as never));
        results.push(words(key as never), raw.length);
        if ("length" in algorithm) results.push(raw[4]! & 0x7f);
      }
      const trimmed = await subtle.importKey(
        "raw",
        new Uint8Array(4).fill(255),
        { name: "HMAC", hash: "SHA-256", length: 30 },
        true,
        ["sign"],
      );
      results.push(words(trimmed), hex(await subtle.exportKey("raw", trimmed)));
      return results;
    });
    expect(outcome).toEqual([
      'secret true sign,verify {"name":"HMAC","hash":{"name":"SHA-256"},"length":512}',
      64,
      'secret true sign,verify {"name":"HMAC","hash":{"name":"SHA-512"},"length":1024}',
      128,
      'secret true sign,verify {"name":"HMAC","hash":{"name":"MD5"},"length":512}',
      64,
      'secret true sign,verify {"name":"HMAC","hash":{"name":"SHA-1"},"length":33}',
      5,
      0,
      'secret true sign {"name":"HMAC","hash":{"name":"SHA-256"},"length":30}',
      "fffffffc",
    ]);
  });

  test("signs ten thousand messages quickly", async () => {
    const last = await run(async ({ subtle, hex, utf8 }) => {
      const key = await subtle.importKey("raw", utf8("key"), { name: "HMAC", hash: "SHA-256" }, false, [
        "sign",
      ]);
      let signature = new ArrayBuffer(0);
      for (let index = 0; index < 10_000; index++) signature = await subtle.sign("HMAC", key, signature);
      return hex(signature);
    });
    let expected = Buffer.alloc(0) as Buffer;
    for (let index = 0; index < 10_000; index++)
      expected = createHmac("sha256", "key").update(expected).digest();
    expect(last).toBe(expected.toString("hex"));
  });
});
