import { once } from "node:events";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { CacheHost } from "../../../src/bindings/cache/host.ts";
import { cacheLimits } from "../../../src/bindings/cache/limits.ts";
import { MemoryCacheStore } from "../../../src/bindings/cache/memory-store.ts";
import { ManualClock } from "../../storage/manual-clock.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const MODIFIED = "Wed, 31 Dec 2025 00:00:00 GMT";
const KEY = "https://example.com/";

let clock: ManualClock;
let host: CacheHost;
beforeEach(() => {
  clock = new ManualClock(NOW);
  host = new CacheHost(new MemoryCacheStore(clock), clock);
});

const put = (body: string, headers: Record<string, string> = {}, status = 200) =>
  host.put(
    null,
    KEY,
    { request: [], status, headers: Object.entries({ "Cache-Control": "max-age=60", ...headers }).flat() },
    Buffer.from(body),
  );

/** Status, headers in lower case, and body of what is kept. */
async function match(request: Record<string, string> = {}) {
  const hit = await host.match(null, KEY, Object.entries(request).flat());
  if (hit === null) return null;
  const headers: Record<string, string> = {};
  for (let index = 0; index < hit.headers.length; index += 2) {
    headers[(hit.headers[index] as string).toLowerCase()] = hit.headers[index + 1] as string;
  }
  return { status: hit.status, headers, body: hit.body && Buffer.from(hit.body as Uint8Array).toString() };
}

test("a response has its age, and ends when it is old", async () => {
  expect(await match()).toBe(null);
  expect(await put("body", { Age: "10", "Content-Length": "999" })).toBe(true);
  expect(await match()).toEqual({
    status: 200,
    headers: {
      age: "10",
      "cache-control": "max-age=60",
      "cf-cache-status": "HIT",
      "content-length": "4",
      date: "Thu, 01 Jan 2026 00:00:00 GMT",
    },
    body: "body",
  });
  clock.advance(49_999);
  expect((await match())?.headers).toMatchObject({ age: "59" });
  clock.advance(1);
  expect(await match()).toBe(null);
});

describe("conditional requests", () => {
  test.each([
    [{ "if-none-match": '"abc"' }, 304],
    [{ "if-none-match": 'W/"abc"' }, 304],
    [{ "if-none-match": '"x", W/"abc"' }, 304],
    [{ "if-none-match": "*" }, 304],
    [{ "if-none-match": '"x"' }, 200],
    [{ "if-none-match": "abc" }, 200],
    [{ "if-none-match": "" }, 200],
    [{ "if-none-match": '"x"', "if-modified-since": MODIFIED }, 200],
    [{ "if-modified-since": MODIFIED }, 304],
    [{ "if-modified-since": "Thu, 01 Jan 2026 00:00:00 GMT" }, 304],
    [{ "if-modified-since": "Tue, 30 Dec 2025 00:00:00 GMT" }, 200],
    [{ "if-modified-since": "2026-01-01" }, 200],
    [{ "if-modified-since": "nonsense" }, 200],
    [{ "if-none-match": '"abc"', range: "bytes=0-1" }, 304],
  ])("%j", async (request, status) => {
    await put("0123456789", { ETag: '"abc"', "Last-Modified": MODIFIED });
    const found = await match(request);
    expect(found).toMatchObject({ status, headers: { etag: '"abc"', age: "0", "cf-cache-status": "HIT" } });
    expect(found?.body).toBe(status === 304 ? null : "0123456789");
  });

  test("a weak tag matches, and a response without marks never does", async () => {
    await put("x", { ETag: 'W/"abc"' });
    expect(await match({ "if-none-match": '"abc"' })).toMatchObject({ status: 304 });
    await put("x");
    expect(await match({ "if-none-match": '"abc"' })).toMatchObject({ status: 200 });
    expect(await match({ "if-modified-since": MODIFIED })).toMatchObject({ status: 200 });
  });

  test("are about 200 alone", async () => {
    await put("gone", { ETag: '"abc"' }, 404);
    expect(await match({ "if-none-match": '"abc"', range: "bytes=0-1" })).toMatchObject({
      status: 404,
      body: "gone",
    });
  });
});

describe("ranges", () => {
  test.each([
    ["bytes=0-3", "0123", "bytes 0-3/10"],
    ["bytes=9-9", "9", "bytes 9-9/10"],
    ["bytes=5-", "56789", "bytes 5-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=-30", "0123456789", "bytes 0-9/10"],
    ["bytes=5-100", "56789", "bytes 5-9/10"],
    ["Bytes = 5 - 6", "56", "bytes 5-6/10"],
  ])("%s", async (range, body, contentRange) => {
    await put("0123456789");
    expect(await match({ range })).toMatchObject({
      status: 206,
      body,
      headers: { "content-range": contentRange, "content-length": String(body.length) },
    });
  });

  test.each(["bytes=10-", "bytes=5-3", "bytes=-0", "bytes=a-b", "bytes=-", "bytes="])(
    "%s cannot be satisfied",
    async range => {
      await put("0123456789");
      const headers = { "cf-cache-status": "HIT", "content-range": "bytes */10" };
      expect(await match({ range })).toEqual({ status: 416, headers, body: null });
    },
  );

  test.each(["lines=1-2", "bytes=0-1,4-5", "bytes"])("%s is answered with the whole", async range => {
    await put("0123456789");
    expect(await match({ range })).toMatchObject({ status: 200, body: "0123456789" });
  });

  test("hold if the response is still the one that was asked about", async () => {
    await put("0123456789", { ETag: '"abc"', "Last-Modified": MODIFIED });
    const status = async (condition: string) =>
      (await match({ range: "bytes=0-1", "if-range": condition }))?.status;
    expect(await status('"abc"')).toBe(206);
    expect(await status(MODIFIED)).toBe(206);
    for (const other of ['"x"', 'W/"abc"', "Thu, 01 Jan 2026 00:00:00 GMT", "nonsense"]) {
      expect(await status(other), other).toBe(200);
    }
  });

  test("of an empty body, and of an encoded one", async () => {
    await put("");
    expect(await match({ range: "bytes=0-" })).toMatchObject({ status: 416 });
    await put("0123456789", { "Content-Encoding": "gzip" });
    const found = await match({ range: "bytes=0-1" });
    expect(found).toMatchObject({ status: 200, body: "0123456789" });
    expect(found?.headers).not.toHaveProperty("content-length");
  });
});

describe("what is not kept", () => {
  const refused = { request: [], status: 200, headers: ["Cache-Control", "no-store"] };
  const cacheable = { ...refused, headers: ["Cache-Control", "max-age=60"] };

  test("is read to its end, and leaves what was there", async () => {
    await put("before");
    const stream = Readable.from([Buffer.alloc(1000), Buffer.alloc(1000)]);
    expect(await host.put(null, KEY, refused, stream)).toBe(false);
    expect(stream.readableEnded).toBe(true);
    expect(await host.put(null, KEY, refused, Buffer.from("x"))).toBe(false);
    expect(await match()).toMatchObject({ body: "before" });
  });

  test("because it is too large is cut off", async () => {
    const small = new CacheHost(new MemoryCacheStore(clock), clock, { ...cacheLimits, bodyBytes: 10 });
    expect(await small.put(null, KEY, cacheable, Buffer.alloc(10))).toBe(true);
    expect(await small.put(null, KEY, cacheable, Buffer.alloc(11))).toBe(false);
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(4));
      },
      highWaterMark: 4,
    });
    expect(await small.put(null, KEY, cacheable, endless)).toBe(false);
    if (!endless.closed) await once(endless, "close");
    expect((await small.match(null, KEY, []))?.body).toHaveLength(10);
    expect(cacheLimits.bodyBytes).toBe(536_870_912);
  });

  test("because its stream failed is told to whoever put it", async () => {
    const failing = () =>
      Readable.from(
        (async function* () {
          yield Buffer.alloc(10);
          throw new RangeError("no more");
        })(),
      );
    await put("before");
    await expect(host.put(null, KEY, cacheable, failing())).rejects.toThrow("no more");
    await expect(host.put(null, KEY, refused, failing())).rejects.toThrow("no more");
    expect(await match()).toMatchObject({ body: "before" });
  });
});

test("the default cache is not one that can be opened", async () => {
  await put("default's");
  for (const name of ["", "default", "named:", "caches"]) {
    expect(await host.match(name, KEY, []), name).toBe(null);
    await host.put(name, KEY, { request: [], status: 200, headers: [] }, gzipSync(name));
  }
  expect(await host.clear(null)).toBe(1);
  expect(await host.delete("default", KEY)).toBe(true);
  expect(await host.delete("default", KEY)).toBe(false);
});
