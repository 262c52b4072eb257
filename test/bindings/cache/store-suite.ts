/** What every CacheStore must do. A new implementation calls `describeCacheStore` with a way to open an empty one. */
import type { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CacheLimits } from "../../../src/bindings/cache/limits.ts";
import type { CachedHead, CachedResponse, CacheStore } from "../../../src/bindings/cache/store.ts";
import type { Clock } from "../../../src/storage/clock.ts";
import type { ByteRange } from "../../../src/web/fetch/byte-range.ts";
import { ManualClock } from "../../storage/manual-clock.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const LIMITS: CacheLimits = { bodyBytes: 1_000_000_000, totalBytes: 1_000_000_000 };

const HOSTILE_KEYS = [
  "",
  "https://example.com/../../etc/passwd",
  "a\0b",
  "\0",
  "'; DROP TABLE responses; --",
  "__proto__",
  "constructor",
  "https://example.com/é",
  "https://example.com/e\u0301",
  "🧨",
  `https://example.com/${"x".repeat(20_000)}`,
];

export const head = (settings: Partial<CachedHead> = {}): Omit<CachedHead, "size"> => ({
  status: 200,
  headers: ["Cache-Control", "max-age=60"],
  madeAt: START,
  expiresAt: START + 60_000,
  ...settings,
});

export const whole = ({ size }: CachedHead): ByteRange => ({ start: 0, end: size });

export async function textOf(found: CachedResponse | null): Promise<string | undefined> {
  if (found?.body === undefined || found.body === null) return undefined;
  if (found.body instanceof Uint8Array) return Buffer.from(found.body).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of found.body as Readable) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
}

type Open = (clock: Clock, limits: CacheLimits) => Promise<CacheStore>;

export function describeCacheStore(name: string, open: Open): void {
  describe(`CacheStore: ${name}`, () => {
    let clock: ManualClock;
    let store: CacheStore;

    beforeEach(async () => {
      clock = new ManualClock(START);
      store = await open(clock, LIMITS);
    });
    afterEach(() => store.close());

    const put = (key: string, body: string, settings: Partial<CachedHead> = {}) =>
      store.put("c", key, Buffer.from(body), head(settings));
    const text = async (key: string, cache = "c") => textOf(await store.match(cache, key, whole));

    test("keeps responses whole, replaces them, and removes them", async () => {
      expect(await store.match("c", "a", whole)).toBe(null);
      expect(await store.delete("c", "a")).toBe(false);
      await put("a", "one", { status: 404, headers: ["A", "1", "B", "é🧨"], madeAt: START - 5000 });
      expect(await store.match("c", "a", whole)).toMatchObject({
        status: 404,
        headers: ["A", "1", "B", "é🧨"],
        madeAt: START - 5000,
        expiresAt: START + 60_000,
        size: 3,
      });
      await put("a", "two", { headers: [] });
      expect(await store.match("c", "a", whole)).toMatchObject({ status: 200, headers: [] });
      expect(await text("a")).toBe("two");
      expect(await store.delete("c", "a")).toBe(true);
      expect(await store.delete("c", "a")).toBe(false);
      expect(await text("a")).toBe(undefined);
    });

    test.each([0, 1, 100 * 1024, 100 * 1024 + 1, 1_000_000])("gives any part of %i bytes", async size => {
      const bytes = Buffer.alloc(size, "0123456789\0\xff\u{1F9E8}");
      await store.put("c", "buffer", new Uint8Array(bytes), head());
      await store.put("c", "stream", chunked(bytes, 64 * 1024 - 1), head());
      for (const key of ["buffer", "stream"]) {
        expect(await text(key)).toBe(bytes.toString());
        for (const [start, end] of [
          [0, Math.min(1, size)],
          [Math.floor(size / 2), Math.floor(size / 2) + Math.min(size, 70_000) / 2],
          [Math.max(0, size - 1), size],
        ] as const) {
          if (start >= Math.floor(end)) continue;
          const range = { start, end: Math.floor(end) };
          const found = await store.match("c", key, () => range);
          expect(await textOf(found)).toBe(bytes.subarray(range.start, range.end).toString());
        }
        expect(await store.match("c", key, () => null)).toMatchObject({ size, body: null });
      }
    });

    test("does not share memory with its caller", async () => {
      const bytes = Buffer.from("abc");
      await store.put("c", "a", bytes, head());
      bytes.fill(0);
      const found = await store.match("c", "a", whole);
      if (found?.body instanceof Uint8Array) found.body.fill(0);
      expect(await text("a")).toBe("abc");
    });

    test("takes any key and any cache's name", async () => {
      for (const key of HOSTILE_KEYS) await put(key, `of ${key}`);
      for (const key of HOSTILE_KEYS) expect(await text(key)).toBe(`of ${key}`);
      for (const cache of HOSTILE_KEYS) await store.put(cache, "key", Buffer.from(`in ${cache}`), head());
      for (const cache of HOSTILE_KEYS) expect(await text("key", cache)).toBe(`in ${cache}`);
      // Where one ends and the other begins makes a difference.
      await store.put("x", "yz", Buffer.from("1"), head());
      expect(await text("z", "xy")).toBe(undefined);
    });

    test("caches are separate, and can be emptied", async () => {
      for (const cache of ["c", "d"]) {
        await store.put(cache, "a", Buffer.from(cache), head());
        await store.put(cache, "b", Buffer.alloc(200_000, cache), head());
      }
      await store.put("c", "brief", Buffer.from("x"), head({ expiresAt: START + 1 }));
      clock.advance(1);
      expect(await store.clear("c")).toBe(2);
      expect(await store.clear("c")).toBe(0);
      expect(await text("a")).toBe(undefined);
      expect(await text("a", "d")).toBe("d");
      expect((await text("b", "d"))?.length).toBe(200_000);
    });

    test("a response is invisible from the moment it expires at, and can be made anew", async () => {
      await put("a", "old");
      clock.advance(59_999);
      expect(await text("a")).toBe("old");
      clock.advance(1);
      expect(await text("a")).toBe(undefined);
      expect(await store.delete("c", "a")).toBe(false);
      await put("a", "new", { expiresAt: START + 100_000 });
      expect(await text("a")).toBe("new");
    });

    test("calls take effect in the order in which they are made", async () => {
      const results = await Promise.all([
        put("a", "1"),
        text("a"),
        put("a", "2"),
        put("a", "3"),
        text("a"),
        store.delete("c", "a"),
        text("a"),
        store.delete("c", "a"),
      ]);
      expect([results[1], results[4], results[5], results[6], results[7]]).toEqual([
        "1",
        "3",
        true,
        undefined,
        false,
      ]);
    });

    test("a stream that fails changes nothing", async () => {
      await put("a", "before");
      for (const size of [10, 500_000]) {
        await expect(store.put("c", "a", failing(size), head())).rejects.toThrow("the source failed");
        await expect(store.put("c", "b", failing(size), head())).rejects.toThrow("the source failed");
      }
      expect(await text("a")).toBe("before");
      expect(await text("b")).toBe(undefined);
    });

    test("a body being read stays readable while it is replaced", async () => {
      const large = "x".repeat(1_000_000);
      await put("a", large);
      const found = await store.match("c", "a", whole);
      await put("a", "small");
      await store.delete("c", "a");
      expect(await textOf(found)).toBe(large);
    });

    describeBound(open);
  });
}

/** The least recently used makes room. */
function describeBound(open: Open): void {
  describe("holds no more than its limit", () => {
    const FOREVER = head({ expiresAt: Number.MAX_SAFE_INTEGER });
    const LIMITED = { bodyBytes: 10_000_000, totalBytes: 500_000 };
    const HOUR = 3_600_000;
    let clock: ManualClock;
    let store: CacheStore;
    beforeEach(async () => {
      clock = new ManualClock(START);
      store = await open(clock, LIMITED);
    });
    afterEach(() => store.close());
    const isThere = async (key: string) => (await store.match("c", key, () => null)) !== null;
    const put = async (key: string, size: number, settings = FOREVER) => {
      await store.put("c", key, Buffer.alloc(size), settings);
      // What makes room may do so a moment later.
      await store.match("c", "", () => null);
      clock.advance(HOUR);
    };

    test.each([100_000, 110_000])("and drops what was used least recently (%i bytes)", async size => {
      for (const key of ["read", "put again", "neither", "d"]) await put(key, size);
      expect(await isThere("read")).toBe(true);
      clock.advance(HOUR);
      await put("put again", size);
      for (const key of ["e", "f"]) await put(key, size);
      const there: string[] = [];
      for (const key of ["read", "put again", "neither", "d", "e", "f"])
        if (await isThere(key)) there.push(key);
      expect(there).toEqual(["read", "put again", "e", "f"]);
    });

    test("whatever the sizes, and however many there are", async () => {
      for (const size of [0, 1000, 90_000, 150_000, 400_000]) {
        const keys = Array.from({ length: 100 }, (_, index) => `${size}-${index}`);
        await Promise.all(keys.map(key => store.put("c", key, Buffer.alloc(size), FOREVER)));
        await put(`${size}-last`, size);
        await put(`${size}-really`, size);
        const there = await Promise.all([...keys, `${size}-really`].map(isThere));
        expect(there.at(-1), String(size)).toBe(true);
        expect(there.filter(Boolean).length * size, String(size)).toBeLessThanOrEqual(500_000);
      }
    });

    test("what has expired goes before what has not", async () => {
      await put("lasting", 100_000);
      await put("brief", 100_000, head({ expiresAt: clock.now() + 1 }));
      for (const key of ["c", "d", "e"]) await put(key, 100_000);
      expect(await isThere("lasting")).toBe(true);
    });
  });
}

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size)
    yield new Uint8Array(bytes.subarray(start, start + size));
}

async function* failing(size: number): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(size);
  throw new Error("the source failed");
}
