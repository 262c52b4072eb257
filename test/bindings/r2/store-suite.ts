/** What every R2Store must do. A new implementation calls `describeR2Store` with a way to open an empty one. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { R2Error, type R2ErrorKind } from "../../../src/bindings/r2/errors.ts";
import type {
  R2Entry,
  R2Head,
  R2ListOptions,
  R2Metadata,
  R2Page,
  R2Part,
  R2PutOptions,
  R2Slice,
  R2Store,
} from "../../../src/bindings/r2/store.ts";
import type { Clock } from "../../../src/storage/clock.ts";
import { InvalidCursorError } from "../../../src/storage/cursor.ts";
import { ManualClock } from "../../storage/manual-clock.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const DAY = 24 * 60 * 60 * 1000;

const PLAIN: R2Metadata = {
  httpMetadata: {},
  customMetadata: [],
  storageClass: "Standard",
  ssecKeyMd5: null,
};
const RICH: R2Metadata = {
  httpMetadata: { contentType: "text/plain", cacheControl: "no-store", cacheExpiry: START },
  customMetadata: [
    ["b", "2"],
    ["a", "é🧨"],
    ["__proto__", "own"],
  ],
  storageClass: "InfrequentAccess",
  ssecKeyMd5: "bWQ1",
};
const PUT: R2PutOptions = { ...PLAIN, checksums: {}, onlyIf: () => true };
const LIST: R2ListOptions = { prefix: "", delimiter: "", limit: 1000, startAfter: null, cursor: null };

const HOSTILE_KEYS = [
  " ",
  "",
  "/",
  "..",
  "../../etc/passwd",
  'a/b\\c:d*?"<>|',
  "nul\0inside",
  "\0",
  "new\nline",
  "%2e%2e",
  "'; DROP TABLE objects; --",
  "__proto__",
  "é",
  "e\u0301",
  "🧑‍🚀",
  "\u{10FFFF}",
  "\uFFFF",
  "x".repeat(1024),
  "🧨".repeat(256),
];

const md5 = (data: string | Uint8Array) => createHash("md5").update(data).digest("hex");
const whole = ({ size }: R2Head): R2Slice => ({ offset: 0, length: size });

export async function textOf(entry: R2Entry | null): Promise<string | null | undefined> {
  if (entry === null) return undefined;
  if (entry.body === null) return null;
  if (entry.body instanceof Uint8Array) return Buffer.from(entry.body).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const refusal = async (promise: Promise<unknown>): Promise<R2ErrorKind | undefined> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined || error instanceof R2Error) return error?.kind;
  throw error;
};

export function describeR2Store(name: string, open: (clock: Clock) => Promise<R2Store>): void {
  describe(`R2Store: ${name}`, () => {
    let clock: ManualClock;
    let store: R2Store;

    beforeEach(async () => {
      clock = new ManualClock(START);
      store = await open(clock);
    });
    afterEach(() => store.close());

    const put = (key: string, value: string, options: Partial<R2PutOptions> = {}) =>
      store.put(key, Buffer.from(value), { ...PUT, ...options });
    const read = async (key: string, select = whole) => textOf(await store.get(key, select));
    const list = (options: Partial<R2ListOptions> = {}) => store.list({ ...LIST, ...options });
    const keysOf = ({ objects }: R2Page) => objects.map(({ key }) => key);

    describe("objects", () => {
      test("nothing is there at first", async () => {
        expect(await store.head("a")).toBeNull();
        expect(await store.get("a", whole)).toBeNull();
        expect(await list()).toEqual({ objects: [], prefixes: [], cursor: null });
        await store.delete(["a"]);
      });

      test("put tells what head and get tell", async () => {
        const made = await put("key", "value", RICH);
        expect(made).toEqual({
          ...RICH,
          key: "key",
          version: expect.stringMatching(/^\S+$/),
          size: 5,
          etag: md5("value"),
          uploaded: START,
          checksums: { md5: md5("value") },
        });
        expect(await store.head("key")).toEqual(made);
        const entry = await store.get("key", whole);
        expect(entry?.head).toEqual(made);
        expect(await textOf(entry)).toBe("value");
      });

      test("a put replaces all of an object", async () => {
        const first = await put("key", "old", RICH);
        clock.advance(1000);
        const second = await put("key", "newer");
        expect(second).toMatchObject({ ...PLAIN, size: 5, uploaded: START + 1000, etag: md5("newer") });
        expect(second?.version).not.toBe(first?.version);
        expect(await read("key")).toBe("newer");
      });

      test("delete removes many at once", async () => {
        for (const key of ["a", "b", "c"]) await put(key, key);
        await store.delete(["a", "none", "c", "a"]);
        expect(keysOf(await list())).toEqual(["b"]);
      });

      test("any key", async () => {
        for (const key of HOSTILE_KEYS) await put(key, `value of ${key}`);
        for (const key of HOSTILE_KEYS) expect(await read(key)).toBe(`value of ${key}`);
        const sorted = [...HOSTILE_KEYS].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(keysOf(await list())).toEqual(sorted);
      });

      test("values of every size, as bytes and as streams, whole and in part", async () => {
        for (const size of [0, 1, 1000, 100 * 1024, 100 * 1024 + 1, 3 * 1024 * 1024 + 7]) {
          const value = Buffer.alloc(size, "0123456789abcdef");
          const expected = { size, etag: md5(value) };
          expect(await store.put("bytes", value, PUT)).toMatchObject(expected);
          const chunks = Array.from({ length: Math.ceil(size / 70_000) }, (_, index) =>
            value.subarray(index * 70_000, (index + 1) * 70_000),
          );
          expect(await store.put("stream", Readable.from(chunks), PUT)).toMatchObject(expected);
          for (const key of ["bytes", "stream"]) {
            expect(await read(key)).toBe(value.toString());
            const slices = [
              { offset: 0, length: Math.min(size, 10) },
              { offset: Math.floor(size / 3), length: Math.floor(size / 2) },
              { offset: size, length: 0 },
            ];
            for (const slice of slices) {
              const { offset, length } = slice;
              expect(await read(key, () => slice)).toBe(value.toString("utf8", offset, offset + length));
            }
          }
        }
      });

      test("what the caller does to its bytes afterwards changes nothing", async () => {
        const bytes = Buffer.from("before");
        await store.put("key", bytes, PUT);
        bytes.fill("x");
        const entry = await store.get("key", whole);
        if (entry?.body instanceof Uint8Array) entry.body.fill(120);
        expect(await read("key")).toBe("before");
      });

      test("select sees the object, may take nothing, and may throw", async () => {
        const made = await put("key", "value");
        let seen: R2Head | undefined;
        const entry = await store.get("key", head => {
          seen = head;
          return null;
        });
        expect(seen).toEqual(made);
        expect(entry).toEqual({ head: made, slice: null, body: null });
        const thrown = store.get("key", () => {
          throw new R2Error("InvalidRange");
        });
        expect(await refusal(thrown)).toBe("InvalidRange");
      });

      test("an object stays readable when it is replaced or deleted meanwhile", async () => {
        const value = "x".repeat(2_000_000);
        await put("key", value);
        const before = await store.get("key", whole);
        await put("key", "y".repeat(2_000_000));
        const replaced = await store.get("key", whole);
        await store.delete(["key"]);
        expect(await textOf(before)).toBe(value);
        expect(await textOf(replaced)).toBe("y".repeat(2_000_000));
      });

      test("puts of one key at the same time leave one of them, whole", async () => {
        const values = ["a", "b", "c", "d"].map(letter => letter.repeat(300_000));
        await Promise.all(values.map(value => put("key", value)));
        expect(values).toContain(await read("key"));
      });
    });

    describe("conditions and checksums", () => {
      test("a put whose condition does not hold changes nothing", async () => {
        const seen: (R2Head | null)[] = [];
        const no = (current: R2Head | null) => {
          seen.push(current);
          return false;
        };
        expect(await put("key", "new", { onlyIf: no })).toBeNull();
        expect(await store.head("key")).toBeNull();
        const made = await put("key", "old");
        expect(await put("key", "x".repeat(300_000), { onlyIf: no })).toBeNull();
        expect(seen).toEqual([null, made]);
        expect(await read("key")).toBe("old");
      });

      test("of puts that want to be the first one is", async () => {
        const results = await Promise.all(
          ["a", "b", "c"].map(value => put("key", value, { onlyIf: current => current === null })),
        );
        expect(results.filter(result => result !== null)).toHaveLength(1);
        expect(await store.head("key")).toEqual(results.find(result => result !== null));
      });

      test("checksums are verified and kept", async () => {
        for (const size of [5, 200_000]) {
          const value = Buffer.alloc(size, "v");
          for (const algorithm of ["md5", "sha1", "sha256", "sha384", "sha512"] as const) {
            const hex = createHash(algorithm).update(value).digest("hex");
            const made = await store.put("key", value, { ...PUT, checksums: { [algorithm]: hex } });
            expect(made?.checksums).toEqual({ md5: md5(value), [algorithm]: hex });
            const wrong = { [algorithm]: "0".repeat(hex.length) };
            expect(await refusal(store.put("key", value, { ...PUT, checksums: wrong }))).toBe("BadDigest");
            const stream = store.put("key", Readable.from([value]), { ...PUT, checksums: wrong });
            expect(await refusal(stream)).toBe("BadDigest");
            expect((await store.head("key"))?.version).toBe(made?.version);
          }
        }
      });

      test("a value that fails leaves the old object", async () => {
        await put("key", "old");
        for (const size of [10, 300_000]) {
          const failing = (async function* () {
            yield Buffer.alloc(size);
            throw new RangeError("the source broke");
          })();
          await expect(store.put("key", failing, PUT)).rejects.toThrow("the source broke");
        }
        expect(await read("key")).toBe("old");
      });
    });

    describe("lists", () => {
      const all = async (options: Partial<R2ListOptions>) => {
        const found: { keys: string[]; prefixes: string[] }[] = [];
        for (let cursor: string | null = null; ; ) {
          const page = await list({ ...options, cursor });
          found.push({ keys: keysOf(page), prefixes: [...page.prefixes] });
          if (page.cursor === null) return found;
          cursor = page.cursor;
        }
      };

      test("in the order of UTF-8 bytes, with metadata", async () => {
        for (const key of ["b", "a", "\uFFFF", "\u{10000}", "é", "B"]) await put(key, key, RICH);
        const page = await list();
        expect(keysOf(page)).toEqual(["B", "a", "b", "é", "\uFFFF", "\u{10000}"]);
        expect(page.objects[0]).toEqual(await store.head("B"));
      });

      test("by prefix, behind a key, page by page", async () => {
        for (let index = 0; index < 25; index++) await put(`p/${String(index).padStart(2, "0")}`, "");
        await put("p", "");
        await put("q", "");
        const pages = await all({ prefix: "p/", limit: 10 });
        expect(pages.map(({ keys }) => keys.length)).toEqual([10, 10, 5]);
        expect(keysOf(await list({ prefix: "p/", startAfter: "p/22" }))).toEqual(["p/23", "p/24"]);
        expect(keysOf(await list({ startAfter: "p/24" }))).toEqual(["q"]);
        expect(keysOf(await list({ prefix: "p/", startAfter: "zzz" }))).toEqual([]);
        expect((await list({ prefix: "p/", limit: 25 })).cursor).toBeNull();
      });

      test("a cursor wins where it is behind startAfter", async () => {
        for (const key of ["a", "b", "c", "d"]) await put(key, "");
        const { cursor } = await list({ limit: 2 });
        expect(keysOf(await list({ cursor, startAfter: "a" }))).toEqual(["c", "d"]);
        expect(keysOf(await list({ cursor, startAfter: "c" }))).toEqual(["d"]);
      });

      test("delimiters gather keys to prefixes, which count as objects do", async () => {
        for (const key of ["a", "b/1", "b/2", "c/x/1", "c/x/2", "c/y", "d", "d/"]) await put(key, "");
        expect(await all({ delimiter: "/" })).toEqual([{ keys: ["a", "d"], prefixes: ["b/", "c/", "d/"] }]);
        expect(await all({ delimiter: "/", prefix: "c/" })).toEqual([{ keys: ["c/y"], prefixes: ["c/x/"] }]);
        expect(await all({ delimiter: "/", limit: 2 })).toEqual([
          { keys: ["a"], prefixes: ["b/"] },
          { keys: ["d"], prefixes: ["c/"] },
          { keys: [], prefixes: ["d/"] },
        ]);
        expect(await all({ delimiter: "/", limit: 1 })).toHaveLength(5);
        expect(await all({ delimiter: "x/" })).toEqual([
          { keys: ["a", "b/1", "b/2", "c/y", "d", "d/"], prefixes: ["c/x/"] },
        ]);
        const behind = await list({ delimiter: "/", startAfter: "b/1" });
        expect(behind.prefixes).toEqual(["b/", "c/", "d/"]);
      });

      test("a prefix or delimiter that ends with the last character of all", async () => {
        const last = "\u{10FFFF}";
        for (const key of [`${last}a`, `${last}${last}`, "a"]) await put(key, "");
        expect(keysOf(await list({ prefix: last }))).toEqual([`${last}a`, `${last}${last}`]);
        expect(await all({ delimiter: last, limit: 1 })).toEqual([
          { keys: ["a"], prefixes: [] },
          { keys: [], prefixes: [last] },
        ]);
      });

      test("a page that is full with the last object is the last page", async () => {
        for (const key of ["a/1", "a/2"]) await put(key, "");
        expect((await list({ delimiter: "/", limit: 1 })).cursor).toBeNull();
        expect((await list({ limit: 2 })).cursor).toBeNull();
        expect((await list({ limit: 1 })).cursor).not.toBeNull();
      });

      test("a list goes on when what its cursor names is gone", async () => {
        for (const key of ["a", "b", "c/1", "d"]) await put(key, "");
        const first = await list({ limit: 2 });
        await store.delete(["b"]);
        expect(keysOf(await list({ cursor: first.cursor }))).toEqual(["c/1", "d"]);
      });

      test("refuses cursors that it did not give out", async () => {
        for (const cursor of ["nonsense", "YQ==", "\u{10000}", `${"A".repeat(5000)}`]) {
          await expect(list({ cursor })).rejects.toThrow(InvalidCursorError);
        }
      });

      test("a thousand prefixes of many objects", async () => {
        const puts: Promise<unknown>[] = [];
        for (let folder = 0; folder < 60; folder++)
          for (let file = 0; file < 40; file++) puts.push(put(`${1000 + folder}/${file}`, ""));
        await Promise.all(puts);
        const page = await list({ delimiter: "/" });
        expect(page.prefixes).toHaveLength(60);
        expect(page.cursor).toBeNull();
      });
    });

    describe("uploads", () => {
      const part = (key: string, id: string, number: number, value: string) =>
        store.putPart(key, id, number, Buffer.from(value));
      const everything = (parts: readonly R2Part[]) => parts;

      test("parts become an object", async () => {
        const id = await store.createUpload("key", RICH);
        clock.advance(5);
        const second = await part("key", id, 2, "world");
        const first = await store.putPart(
          "key",
          id,
          1,
          Readable.from([Buffer.from("hello "), Buffer.from("big ")]),
        );
        expect(first).toEqual({ number: 1, size: 10, etag: md5("hello big "), uploaded: START + 5 });
        expect(await store.listParts("key", id)).toEqual([first, second]);
        expect(await store.getUpload("key", id)).toEqual({
          key: "key",
          uploadId: id,
          metadata: RICH,
          created: START,
        });
        const made = await store.completeUpload("key", id, everything);
        const etag = `${md5(Buffer.from(first.etag + second.etag, "hex"))}-2`;
        expect(made).toMatchObject({
          ...RICH,
          key: "key",
          size: 15,
          etag,
          checksums: {},
          uploaded: START + 5,
        });
        expect(await store.head("key")).toEqual(made);
        expect(await read("key")).toBe("hello big world");
        expect(await read("key", () => ({ offset: 8, length: 4 }))).toBe("g wo");
        expect(await read("key", () => ({ offset: 10, length: 5 }))).toBe("world");
        expect(await store.getUpload("key", id)).toBeNull();
      });

      test("a part takes the place of the one with its number", async () => {
        const id = await store.createUpload("key", PLAIN);
        await part("key", id, 1, "first");
        await part("key", id, 1, "second");
        expect(await store.listParts("key", id)).toHaveLength(1);
        await store.completeUpload("key", id, everything);
        expect(await read("key")).toBe("second");
      });

      test("only the parts that are chosen, in the order that is chosen", async () => {
        const id = await store.createUpload("key", PLAIN);
        for (const number of [1, 2, 3, 4]) await part("key", id, number, `${number};`);
        await store.completeUpload("key", id, parts => [parts[3]!, parts[1]!]);
        expect(await read("key")).toBe("4;2;");
      });

      test("what choose throws leaves the upload as it was", async () => {
        const id = await store.createUpload("key", PLAIN);
        await part("key", id, 1, "one");
        const completing = store.completeUpload("key", id, () => {
          throw new R2Error("EntityTooSmall");
        });
        expect(await refusal(completing)).toBe("EntityTooSmall");
        expect(await store.listParts("key", id)).toHaveLength(1);
        expect(await store.head("key")).toBeNull();
      });

      test("an upload without parts is an empty object", async () => {
        const id = await store.createUpload("key", PLAIN);
        const made = await store.completeUpload("key", id, everything);
        expect(made).toMatchObject({ size: 0, etag: `${md5("")}-0` });
        expect(await read("key")).toBe("");
      });

      test("an object of parts is replaced, deleted, and replaces", async () => {
        await put("key", "z".repeat(300_000));
        for (const value of ["first", "second"]) {
          const id = await store.createUpload("key", PLAIN);
          await part("key", id, 1, value);
          await store.completeUpload("key", id, everything);
          expect(await read("key")).toBe(value);
        }
        await put("key", "plain");
        expect(await read("key")).toBe("plain");
        const id = await store.createUpload("key", PLAIN);
        await part("key", id, 1, "x".repeat(500_000));
        await store.completeUpload("key", id, everything);
        const entry = await store.get("key", whole);
        await store.delete(["key"]);
        expect(await textOf(entry)).toBe("x".repeat(500_000));
        expect(await store.head("key")).toBeNull();
      });

      test("what is over is over", async () => {
        const done = await store.createUpload("key", PLAIN);
        await store.completeUpload("key", done, everything);
        const aborted = await store.createUpload("key", PLAIN);
        await part("key", aborted, 1, "x");
        await store.abortUpload("key", aborted);
        for (const id of [done, aborted, "never was"]) {
          expect(await refusal(part("key", id, 1, "x"))).toBe("NoSuchUpload");
          expect(await refusal(store.listParts("key", id))).toBe("NoSuchUpload");
          expect(await refusal(store.completeUpload("key", id, everything))).toBe("NoSuchUpload");
          expect(await store.getUpload("key", id)).toBeNull();
        }
        await store.abortUpload("key", aborted);
        await store.abortUpload("key", done);
        expect(await refusal(store.abortUpload("key", "never was"))).toBe("NoSuchUpload");
        expect(await read("key")).toBe("");
      });

      test("an upload belongs to its key", async () => {
        const id = await store.createUpload("key", PLAIN);
        expect(await refusal(part("other", id, 1, "x"))).toBe("NoSuchUpload");
        expect(await refusal(store.abortUpload("other", id))).toBe("NoSuchUpload");
        expect(await store.getUpload("other", id)).toBeNull();
      });

      test("uploads that are under way are listed by key", async () => {
        const ids: Record<string, string[]> = {};
        for (const key of ["b", "a", "p/1", "a"]) {
          ids[key] ??= [];
          ids[key].push(await store.createUpload(key, PLAIN));
        }
        await store.abortUpload("b", ids["b"]?.[0] ?? "");
        const found = async (prefix: string, limit: number, after: [string, string] | null) => {
          const at = after && { key: after[0], uploadId: after[1] };
          const uploads = await store.listUploads({ prefix, limit, after: at });
          return uploads.map(({ key, uploadId }) => [key, uploadId]);
        };
        const [first, second] = [...(ids["a"] ?? [])].sort();
        const third = ids["p/1"]?.[0];
        expect(await found("", 10, null)).toEqual([
          ["a", first],
          ["a", second],
          ["p/1", third],
        ]);
        expect(await found("", 1, ["a", first ?? ""])).toEqual([["a", second]]);
        expect(await found("p/", 10, null)).toEqual([["p/1", third]]);
      });

      test("an upload ends by itself after a week", async () => {
        const old = await store.createUpload("key", PLAIN);
        await part("key", old, 1, "x".repeat(200_000));
        clock.advance(8 * DAY);
        const fresh = await store.createUpload("key", PLAIN);
        await expect.poll(() => store.getUpload("key", old)).toBeNull();
        expect(await store.getUpload("key", fresh)).not.toBeNull();
      });
    });
  });
}
