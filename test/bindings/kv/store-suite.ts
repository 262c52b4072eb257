/** What every KVStore must do. A new implementation calls `describeKVStore` with a way to open an empty one. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KVEntry, KVPage, KVStore } from "../../../src/bindings/kv/store.ts";
import type { Clock } from "../../../src/storage/clock.ts";
import { InvalidCursorError } from "../../../src/storage/cursor.ts";
import { ManualClock } from "../../storage/manual-clock.ts";

const FOREVER = { expiration: null, metadata: null };
const START = Date.parse("2026-01-01T00:00:00Z");

const HOSTILE_KEYS = [
  " ",
  "/",
  "../../etc/passwd",
  'a/b\\c:d*?"<>|',
  "nul\0inside",
  "\0",
  "new\nline",
  "%2e%2e",
  "'; DROP TABLE entries; --",
  "__proto__",
  "constructor",
  "é",
  "e\u0301",
  "日本語",
  "🧑‍🚀",
  "\u{10FFFF}",
  "\uFFFD",
  "\uFFFF",
  "x".repeat(512),
  "é".repeat(256),
  "🧨".repeat(128),
];

export async function bytesOf(entry: KVEntry | null): Promise<Buffer | null> {
  if (entry === null) return null;
  if (entry.value instanceof Uint8Array) return Buffer.from(entry.value);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry.value) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function textOf(entry: KVEntry | null): Promise<string | undefined> {
  return (await bytesOf(entry))?.toString();
}

export function describeKVStore(name: string, open: (clock: Clock) => Promise<KVStore>): void {
  describe(`KVStore: ${name}`, () => {
    let clock: ManualClock;
    let store: KVStore;

    beforeEach(async () => {
      clock = new ManualClock(START);
      store = await open(clock);
    });
    afterEach(() => store.close());

    const put = (key: string, value: string, options: Partial<typeof FOREVER> & object = {}) =>
      store.put(key, Buffer.from(value), { ...FOREVER, ...options });

    const names = (page: KVPage) => page.keys.map(key => key.name);

    async function allNames(prefix: string, limit: number): Promise<string[]> {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page: KVPage = await store.list({ prefix, limit, cursor });
        found.push(...names(page));
        cursor = page.cursor;
      } while (cursor !== null);
      return found;
    }

    describeEntries(() => ({ store, clock, put }));

    test("lists in the order of UTF-8 bytes, page by page", async () => {
      const keys = ["b", "a", "a/2", "a/10", "a/", "Z", "é", "\uFFFF", "🧨", "a\0", "a\0b", "日本"];
      await Promise.all(keys.map(key => put(key, key)));
      const expected = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      for (const limit of [1, 2, 3, keys.length - 1, keys.length, 1000]) {
        expect(await allNames("", limit)).toEqual(expected);
      }
      const whole = await store.list({ prefix: "", limit: keys.length, cursor: null });
      expect(whole.cursor).toBe(null);
    });

    test("lists by any prefix", async () => {
      const keys = [
        "a",
        "a/",
        "a/x",
        "a0",
        "b",
        "%",
        "%a",
        "_",
        "_a",
        "\u{10FFFF}",
        "\u{10FFFF}z",
        "\uD7FF",
        "\uE000",
      ];
      await Promise.all(keys.map(key => put(key, "")));
      for (const prefix of ["", "a", "a/", "%", "_", "c", "\u{10FFFF}", "\uD7FF", "x".repeat(512)]) {
        const expected = keys
          .filter(key => key.startsWith(prefix))
          .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(await allNames(prefix, 2), prefix).toEqual(expected);
      }
    });

    test("a list goes on where it stopped, whatever happened to its last key", async () => {
      for (const key of ["a", "b", "c", "d"]) await put(key, "");
      const first = await store.list({ prefix: "", limit: 2, cursor: null });
      await store.delete("b");
      await put("bb", "");
      const second = await store.list({ prefix: "", limit: 10, cursor: first.cursor });
      expect(names(second)).toEqual(["bb", "c", "d"]);
    });

    test("refuses a cursor that it did not give out", async () => {
      await put("a", "");
      for (const cursor of ["", "x", "AAAA", "../..", "🧨", "a".repeat(5000), "AAAAAAAAAAAAAAAA"]) {
        await expect(store.list({ prefix: "", limit: 1, cursor })).rejects.toThrow(InvalidCursorError);
      }
    });

    test("a list shows expirations and metadata, and nothing that has expired", async () => {
      const soon = START / 1000 + 60;
      await put("brief", "", { expiration: soon as never });
      await put("lasting", "", { expiration: (soon + 60) as never, metadata: '{"a":1}' as never });
      await put("plain", "");
      clock.advance(59_999);
      expect(await allNames("", 1)).toEqual(["brief", "lasting", "plain"]);
      clock.advance(1);
      expect(await store.list({ prefix: "", limit: 10, cursor: null })).toEqual({
        keys: [
          { name: "lasting", expiration: soon + 60, metadata: '{"a":1}' },
          { name: "plain", expiration: null, metadata: null },
        ],
        cursor: null,
      });
    });
  });
}

interface Given {
  readonly store: KVStore;
  readonly clock: ManualClock;
  put(key: string, value: string, options?: object): Promise<void>;
}

function describeEntries(given: () => Given): void {
  test("has nothing at first", async () => {
    const { store } = given();
    expect(await store.get("a")).toBe(null);
    expect(await store.list({ prefix: "", limit: 1000, cursor: null })).toEqual({ keys: [], cursor: null });
    await store.delete("a");
  });

  test("keeps values, replaces them whole, and removes them", async () => {
    const { store, put } = given();
    await put("a", "one", { expiration: START / 1000 + 100, metadata: "[1]" });
    expect(await store.get("a")).toMatchObject({ size: 3, expiration: START / 1000 + 100, metadata: "[1]" });
    await put("a", "two");
    const entry = await store.get("a");
    expect(entry).toMatchObject({ expiration: null, metadata: null });
    expect(await textOf(entry)).toBe("two");
    await store.delete("a");
    expect(await store.get("a")).toBe(null);
  });

  test.each([0, 1, 1000, 100 * 1024, 100 * 1024 + 1, 3_000_000])("keeps %i bytes as they are", async size => {
    const { store } = given();
    const bytes = Buffer.alloc(size, "\0\xff\n\u{1F9E8}");
    await store.put("buffer", new Uint8Array(bytes), FOREVER);
    await store.put("stream", chunked(bytes, 64 * 1024 - 1), FOREVER);
    for (const key of ["buffer", "stream"]) {
      const entry = await store.get(key);
      expect(entry?.size).toBe(size);
      expect((await bytesOf(entry))?.equals(bytes)).toBe(true);
    }
  });

  test("does not share memory with its caller", async () => {
    const { store } = given();
    const bytes = Buffer.from("abc");
    const stored = store.put("a", bytes, FOREVER);
    await stored;
    bytes.fill(0);
    const entry = await store.get("a");
    if (entry?.value instanceof Uint8Array) entry.value.fill(0);
    expect(await textOf(await store.get("a"))).toBe("abc");
  });

  test("takes any key", async () => {
    const { store, put } = given();
    await Promise.all(HOSTILE_KEYS.map(key => put(key, `value of ${key}`)));
    for (const key of HOSTILE_KEYS) expect(await textOf(await store.get(key))).toBe(`value of ${key}`);
    const { keys } = await store.list({ prefix: "", limit: 1000, cursor: null });
    expect(new Set(keys.map(key => key.name))).toEqual(new Set(HOSTILE_KEYS));
    for (const key of HOSTILE_KEYS) await store.delete(key);
    expect((await store.list({ prefix: "", limit: 1000, cursor: null })).keys).toEqual([]);
  });

  test("an entry is invisible from the moment it expires at, and can be made anew", async () => {
    const { store, clock, put } = given();
    await put("a", "old", { expiration: START / 1000 + 60 });
    clock.advance(59_999);
    expect(await textOf(await store.get("a"))).toBe("old");
    clock.advance(1);
    expect(await store.get("a")).toBe(null);
    await put("a", "new");
    expect(await textOf(await store.get("a"))).toBe("new");
  });

  test("calls take effect in the order in which they are made", async () => {
    const { store, put } = given();
    const results = await Promise.all([
      put("a", "1"),
      store.get("a").then(textOf),
      put("a", "2"),
      put("a", "3"),
      store.get("a").then(textOf),
      store.delete("a"),
      store.get("a"),
    ]);
    expect([results[1], results[4], results[6]]).toEqual(["1", "3", null]);
  });

  test("a stream that fails changes nothing", async () => {
    const { store, put } = given();
    await put("a", "before");
    for (const size of [10, 500_000]) {
      await expect(store.put("a", failing(size), FOREVER)).rejects.toThrow("the source failed");
      await expect(store.put("b", failing(size), FOREVER)).rejects.toThrow("the source failed");
    }
    expect(await textOf(await store.get("a"))).toBe("before");
    expect(await store.get("b")).toBe(null);
  });

  test("a value being read stays readable while it is replaced", async () => {
    const { store, put } = given();
    const large = "x".repeat(1_000_000);
    await put("a", large);
    const entry = await store.get("a");
    await put("a", "small");
    expect(await textOf(entry)).toBe(large);
  });

  test("many large values at once", async () => {
    const { store } = given();
    const values = Array.from({ length: 16 }, (_, index) => Buffer.alloc(200_000, `${index},`));
    await Promise.all(
      values.map((value, index) => store.put(`k${index % 8}`, chunked(value, 50_000), FOREVER)),
    );
    for (let index = 0; index < 8; index++) {
      const found = await bytesOf(await store.get(`k${index}`));
      expect([values[index], values[index + 8]].some(value => value?.equals(found as Buffer))).toBe(true);
    }
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
