import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { withKit } from "./kit.ts";

eachEngine("crypto.getRandomValues and randomUUID", bare => {
  const run = withKit(bare);

  test("fills every kind of integer array, and only the part that a view covers", async () => {
    const outcome = await run(({ crypto }) => {
      const whole = new Uint8Array(96);
      const view = whole.subarray(32, 64);
      const same = crypto.getRandomValues(view) === view;
      const kinds = [
        Int8Array,
        Uint8ClampedArray,
        Int16Array,
        Uint16Array,
        Int32Array,
        Uint32Array,
        BigInt64Array,
      ];
      const filled = kinds.every(Kind => {
        const array = crypto.getRandomValues(new Kind(32) as never) as ArrayLike<number>;
        return Array.from(array).some(value => Number(value) !== 0);
      });
      const outside = [...whole.subarray(0, 32), ...whole.subarray(64)].every(byte => byte === 0);
      return { same, filled, outside, inside: view.some(byte => byte !== 0) };
    });
    expect(outcome).toEqual({ same: true, filled: true, outside: true, inside: true });
  });

  test("takes at most 65,536 bytes, of integers", async () => {
    const failures = await run(async ({ crypto, failure }) => {
      const fill = (array: unknown) => failure(() => crypto.getRandomValues(array as never));
      return [
        await fill(new Uint8Array(65_537)),
        await fill(new BigUint64Array(8193)),
        await fill(new Float32Array(2)),
        await fill(new Float64Array(2)),
        await fill(new DataView(new ArrayBuffer(8))),
        await fill(new ArrayBuffer(8)),
        await fill("x"),
        await fill(undefined),
        await failure(() => crypto.getRandomValues(new Uint8Array(65_536))),
        await failure(() => crypto.getRandomValues(new Uint8Array(0))),
      ];
    });
    const notAView =
      "Failed to execute 'getRandomValues' on 'Crypto': parameter 1 is not of type 'ArrayBufferView'.";
    const notIntegers = "ArrayBufferView argument to getRandomValues() must be an integer-typed view.";
    const tooMany = (bytes: number) =>
      `getRandomValues() only accepts buffers of size <= 64K but provided ${bytes} bytes.`;
    expect(failures).toEqual([
      `QuotaExceededError: ${tooMany(65_537)}`,
      `QuotaExceededError: ${tooMany(65_544)}`,
      `TypeMismatchError: ${notIntegers}`,
      `TypeMismatchError: ${notIntegers}`,
      `TypeMismatchError: ${notIntegers}`,
      `TypeError: ${notAView}`,
      `TypeError: ${notAView}`,
      `TypeError: ${notAView}`,
      "nothing",
      "nothing",
    ]);
  });

  test("never repeats itself", async () => {
    const outcome = await run(({ crypto }) => {
      const uuids = new Set<string>();
      let wellFormed = true;
      for (let index = 0; index < 2000; index++) {
        const uuid = crypto.randomUUID();
        wellFormed &&= /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid);
        uuids.add(uuid);
      }
      const words = new Set<bigint>();
      for (let index = 0; index < 2000; index++) words.add(crypto.getRandomValues(new BigUint64Array(1))[0]!);
      return { wellFormed, uuids: uuids.size, words: words.size };
    });
    expect(outcome).toEqual({ wellFormed: true, uuids: 2000, words: 2000 });
  });

  test("spreads over all byte values", async () => {
    const counts = await run(({ crypto }) => {
      const counts = new Array<number>(256).fill(0);
      for (let index = 0; index < 400; index++) {
        for (const byte of crypto.getRandomValues(new Uint8Array(64))) counts[byte]!++;
      }
      return counts;
    });
    // 100 expected of each: ten standard deviations either way.
    expect(Math.min(...counts)).toBeGreaterThan(20);
    expect(Math.max(...counts)).toBeLessThan(200);
  });

  test("has workerd's interfaces", async () => {
    const outcome = await run(async ({ crypto, failure }) => {
      const { getRandomValues, randomUUID } = crypto;
      const global = globalThis as unknown as Record<string, new () => unknown>;
      return {
        strings: [String(crypto), String(crypto.subtle)],
        same: Object.is(crypto.subtle, crypto.subtle) && Object.is(crypto.DigestStream, crypto.DigestStream),
        keys: Object.keys(Object.getPrototypeOf(crypto)),
        illegal: await Promise.all(
          ["Crypto", "SubtleCrypto", "CryptoKey"].map(name => failure(() => new global[name]!())),
        ),
        unbound: [
          await failure(() => getRandomValues(new Uint8Array(1))),
          await failure(() => randomUUID()),
          await failure(() => crypto.subtle.digest.call(undefined as never, "SHA-1", new Uint8Array(1))),
        ],
      };
    });
    expect(outcome.strings).toEqual(["[object Crypto]", "[object SubtleCrypto]"]);
    expect(outcome.same).toBe(true);
    expect(outcome.keys.sort()).toEqual(["DigestStream", "getRandomValues", "randomUUID", "subtle"]);
    expect(outcome.illegal).toEqual(Array(3).fill("TypeError: Illegal constructor"));
    for (const text of outcome.unbound) expect(text).toMatch(/^TypeError: Illegal invocation/);
  });
});

eachEngine("randomness while the worker is loaded", (_, { load }) => {
  test("is refused, as on workerd", async () => {
    const worker = await load({
      script: `
        let problem = "nothing";
        try { crypto.randomUUID(); } catch (error) { problem = error.message; }
        export default { problem: () => problem };
      `,
    });
    expect(await worker.invoke("problem")).toMatch(/^Disallowed operation called within global scope\./);
  });
});
