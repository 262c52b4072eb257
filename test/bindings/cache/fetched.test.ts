/** `fetch()` with the cache options of `cf`. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { startOrigin } from "../../helpers/origin.ts";

/** An origin whose answers tell how often it was asked. The path's query says status and headers. */
async function countingOrigin() {
  let count = 0;
  return startOrigin((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://origin");
    response.statusCode = Number(searchParams.get("status") ?? 200);
    for (const [name, value] of searchParams) if (name !== "status") response.setHeader(name, value);
    const body = `${pathname} ${++count}`;
    if (response.getHeader("content-encoding") === "gzip") response.end(gzipSync(body));
    else response.end(pathname === "/large" ? body.padEnd(1_000_000, ".") : body);
  });
}

/** Fetches each in turn: CF-Cache-Status, and the body as far as its first 20 characters. */
async function fetchAll(requests: [url: string, init?: object][]): Promise<string[]> {
  const seen: string[] = [];
  for (const [url, init] of requests) {
    try {
      const response = await fetch(url, init);
      const text = (await response.text()).slice(0, 20);
      seen.push(`${response.headers.get("CF-Cache-Status") ?? "-"} ${response.status} ${text}`.trim());
    } catch (error) {
      seen.push(String(error));
    }
  }
  return seen;
}

eachEngine("Caching fetch", run => {
  const ttl = { cf: { cacheTtl: 60 } };

  test("nothing is kept without being asked for", async () => {
    const { url } = await countingOrigin();
    const cacheable = `${url}/a.js?Cache-Control=max-age%3D60`;
    expect(
      await run(fetchAll, [
        [cacheable],
        [cacheable],
        [cacheable, { cf: { cacheKey: "a key alone" } }],
        [cacheable, { cf: { cacheEverything: false, cacheTags: ["a"] } }],
        [cacheable, { method: "POST", cf: { cacheTtl: 60 } }],
      ]),
    ).toEqual(["- 200 /a.js 1", "- 200 /a.js 2", "- 200 /a.js 3", "- 200 /a.js 4", "- 200 /a.js 5"]);
  });

  test("cacheTtl keeps what the headers would not, cacheEverything what they allow", async () => {
    const { url } = await countingOrigin();
    const everything = { cf: { cacheEverything: true } };
    const refused = `${url}/no?Cache-Control=no-store`;
    const allowed = `${url}/yes?Cache-Control=max-age%3D60`;
    const cookie = `${url}/cookie?Set-Cookie=a%3Db`;
    expect(
      await run(fetchAll, [
        [refused, everything],
        [refused, ttl],
        [refused, ttl],
        [allowed, everything],
        [allowed, everything],
        [allowed, { ...everything, method: "HEAD" }],
        [`${allowed}&x=1`, { cf: { cacheTtl: 0 } }],
        [cookie, ttl],
        [`${url}/failed?status=503`, ttl],
        [refused],
      ]),
    ).toEqual([
      "BYPASS 200 /no 1",
      "MISS 200 /no 2",
      "HIT 200 /no 2",
      "MISS 200 /yes 3",
      "HIT 200 /yes 3",
      "HIT 200",
      "BYPASS 200 /yes 4",
      "BYPASS 200 /cookie 5",
      "BYPASS 503 /failed 6",
      "- 200 /no 7",
    ]);
  });

  test("cacheTtlByStatus, cacheControl and cacheKey", async () => {
    const { url } = await countingOrigin();
    const byStatus = { cf: { cacheTtlByStatus: { "200-299": 60, "404": 60, "500-599": 0, nonsense: 5 } } };
    const control = (cacheControl: string) => ({ cf: { cacheControl } });
    const keyed = { cf: { cacheTtl: 60, cacheKey: `key of ${url}` } };
    expect(
      await run(fetchAll, [
        [`${url}/a?status=201`, byStatus],
        [`${url}/a?status=201`, byStatus],
        [`${url}/b?status=404`, byStatus],
        [`${url}/b?status=404`, byStatus],
        [`${url}/c?status=500`, byStatus],
        [`${url}/d?status=403&Cache-Control=max-age%3D60`, byStatus],
        [`${url}/e?Cache-Control=no-store`, control("max-age=60")],
        [`${url}/e?Cache-Control=no-store`, control("max-age=60")],
        [`${url}/f?Cache-Control=max-age%3D60`, control("no-store")],
        [`${url}/g`, keyed],
        [`${url}/h`, keyed],
      ]),
    ).toEqual([
      "MISS 201 /a 1",
      "HIT 201 /a 1",
      "MISS 404 /b 2",
      "HIT 404 /b 2",
      "BYPASS 500 /c 3",
      "BYPASS 403 /d 4",
      "MISS 200 /e 5",
      "HIT 200 /e 5",
      "BYPASS 200 /f 6",
      "MISS 200 /g 7",
      "HIT 200 /g 7",
    ]);
  });

  test("large, encoded and partial bodies", async () => {
    const { url } = await countingOrigin();
    const range = { ...ttl, headers: { Range: "bytes=1-4" } };
    expect(
      await run(fetchAll, [
        [`${url}/large`, ttl],
        [`${url}/large`, ttl],
        [`${url}/large`, range],
        [`${url}/gzip?content-encoding=gzip`, ttl],
        [`${url}/gzip?content-encoding=gzip`, ttl],
        [`${url}/gzip?content-encoding=gzip`, { ...ttl, encodeResponseBody: "manual", method: "HEAD" }],
      ]),
    ).toEqual([
      "MISS 200 /large 1............",
      "HIT 200 /large 1............",
      "HIT 206 larg",
      "MISS 200 /gzip 2",
      "HIT 200 /gzip 2",
      "- 200",
    ]);
  });

  test("redirections are kept hop by hop, and under a key as what they lead to", async () => {
    const { url } = await countingOrigin();
    const moved = `${url}/moved?status=302&Location=%2Ftarget`;
    const keyed = { cf: { cacheTtl: 60, cacheKey: `redirected ${url}` } };
    expect(
      await run(fetchAll, [
        [moved, ttl],
        [moved, ttl],
        [moved, keyed],
        [moved, keyed],
      ]),
    ).toEqual(["MISS 200 /target 2", "HIT 200 /target 2", "MISS 200 /target 4", "HIT 200 /target 4"]);
  });

  test("a body that is not read to its end is not kept, nor one that breaks off", async () => {
    let broken = 0;
    const { url } = await startOrigin((request, response) => {
      if (request.url === "/endless") {
        const timer = setInterval(() => response.write("x".repeat(100_000)), 1);
        response.once("close", () => clearInterval(timer));
        return;
      }
      response.setHeader("Content-Length", "1000");
      response.write("x".repeat(10));
      if (broken++ > 0) response.end("y".repeat(990));
      else setImmediate(() => response.destroy());
    });
    const first = await run(async (url: string) => {
      const endless = await fetch(`${url}/endless`, { cf: { cacheTtl: 60 } } as RequestInit);
      const reader = (endless.body as ReadableStream<Uint8Array>).getReader();
      const { value } = await reader.read();
      const failed = await fetch(`${url}/broken`, { cf: { cacheTtl: 60 } } as RequestInit)
        .then(response => response.text())
        .catch((error: Error) => error.message);
      return [(value as Uint8Array).length > 0, failed];
    }, url);
    expect(first).toEqual([true, "Network connection lost."]);
    const [again] = await run(fetchAll, [[`${url}/broken`, ttl]]);
    expect(again).toContain("MISS 200 xxxxxxxxxxyyyy");
  });

  test("the cache modes ask anew, and contradictions are errors", async () => {
    const { url } = await countingOrigin();
    const page = `${url}/page`;
    expect(
      await run(fetchAll, [
        [page, ttl],
        [page, { ...ttl, cache: "no-cache" }],
        [page, ttl],
        [page, { cache: "no-store", cf: { cacheEverything: true } }],
        [page, { cache: "no-store", cf: { cacheTtl: -1 } }],
        [page, ttl],
        [page, { cache: "no-store", cf: { cacheTtl: 5 } }],
        [page, { cf: { cacheControl: "max-age=5", cacheTtl: 5 } }],
        [page, { cache: "no-cache", cf: { cacheControl: "max-age=5" } }],
      ]),
    ).toEqual([
      "MISS 200 /page 1",
      "MISS 200 /page 2",
      "HIT 200 /page 2",
      "- 200 /page 3",
      "- 200 /page 4",
      "HIT 200 /page 2",
      "TypeError: CacheTtl: 5, is not compatible with cache: no-store header.",
      expect.stringContaining(
        "TypeError: The 'cacheControl' and 'cacheTtl' options on cf are mutually exclusive.",
      ),
      expect.stringContaining("TypeError: The 'cacheControl' option on cf cannot be used together with"),
    ]);
  });

  test("what fetch keeps is not in the caches that a worker opens", async () => {
    const { url } = await countingOrigin();
    expect(
      await run(async (url: string) => {
        await (await fetch(url, { cf: { cacheTtl: 60 } } as RequestInit)).text();
        const { default: standard, open } = (globalThis as unknown as { caches: never }).caches as {
          default: { match(key: string): Promise<unknown> };
          open(name: string): Promise<{ match(key: string): Promise<unknown> }>;
        };
        const opened = await open.call((globalThis as unknown as { caches: never }).caches, "fetched");
        return [(await standard.match(url)) ?? null, (await opened.match(url)) ?? null];
      }, url),
    ).toEqual([null, null]);
  });
});

eachEngine("The cache option of a Request", (_run, { load }) => {
  test.each([
    [
      "2024-11-01",
      [],
      "no-store",
      "Error: The 'cache' field on 'RequestInitializerDict' is not implemented.",
    ],
    ["2024-11-11", [], "no-store", "no-store"],
    ["2024-11-11", [], "no-cache", "TypeError: Unsupported cache mode: no-cache"],
    ["2025-08-07", [], "no-cache", "no-cache"],
    ["2024-11-11", ["cache_no_cache_enabled"], "no-cache", "no-cache"],
    ["2025-08-07", ["cache_no_cache_disabled"], "no-cache", "TypeError: Unsupported cache mode: no-cache"],
    ["2026-07-01", ["cache_option_disabled"], "no-store", expect.stringContaining("not implemented")],
    ["2026-07-01", [], "reload", "TypeError: Unsupported cache mode: reload"],
    ["2026-07-01", ["cache_reload_enabled"], "reload", "reload"],
    ["2026-07-01", [], "constructor", "TypeError: Unsupported cache mode: constructor"],
  ])("%s %j: %s", async (compatibilityDate, compatibilityFlags, mode, expected) => {
    const worker = await load({
      compatibilityDate,
      compatibilityFlags,
      script: `export default {
        mode(env, cache) {
          try { return new Request("https://example.com/", { cache }).cache; } catch (error) { return String(error); }
        },
      }`,
    });
    expect(await worker.invoke("mode", mode)).toEqual(expected);
    await worker.dispose();
  });
});
