import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { startOrigin } from "../../helpers/origin.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";

// The types of the project's own world have no `caches`.
declare const caches: {
  readonly default: GuestCache;
  open(name: string): Promise<GuestCache>;
};
interface GuestCache {
  match(request: unknown, options?: unknown): Promise<Response | undefined>;
  put(request: unknown, response: unknown): Promise<void>;
  delete(request: unknown, options?: unknown): Promise<boolean>;
}

eachEngine("The Cache API", (run, { load }) => {
  test("put, match and delete", async () => {
    expect(
      await run(async () => {
        const cache = caches.default;
        const url = "https://example.com/basic";
        const before = [await cache.match(url), await cache.delete(url)];
        const headers = { "Cache-Control": "max-age=60", "X-Other": "é" };
        const stored = new Response("body", { status: 404, headers });
        const put = cache.put(url, stored);
        const used = stored.bodyUsed;
        const returned = await put;
        const found = (await cache.match(new Request(url))) as Response;
        const seen = Object.fromEntries(found.headers);
        delete seen["date"];
        let immutable = "";
        try {
          found.headers.set("a", "b");
        } catch (error) {
          immutable = String(error);
        }
        return [
          ...before,
          used,
          returned === undefined,
          [found.status, found.statusText, found.url, found.redirected, found.ok],
          seen,
          await found.text(),
          immutable,
          await cache.delete(new URL(url)),
          await cache.delete(url),
          (await cache.match(url)) === undefined,
        ];
      }),
    ).toEqual(
      [
        undefined,
        false,
        true,
        true,
        [404, "Not Found", "", false, false],
        {
          age: "0",
          "cache-control": "max-age=60",
          "cf-cache-status": "HIT",
          "content-length": "4",
          "content-type": "text/plain;charset=UTF-8",
          "x-other": "é",
        },
        "body",
        "TypeError: Can't modify immutable headers.",
        true,
        false,
        true,
      ].map(value => value ?? null),
    );
  });

  test("caches are apart by name, and the same by the same name", async () => {
    expect(
      await run(async () => {
        const url = "https://example.com/names";
        const names = ["a", "b", "default", "", "../x", "a\0", "🧨"];
        for (const name of names) {
          await (await caches.open(name)).put(url, new Response(`in ${name}`));
        }
        const found: unknown[] = [(await caches.default.match(url)) ?? null];
        for (const name of names) {
          const response = await (await caches.open(name)).match(url);
          found.push((await response?.text()) === `in ${name}`);
        }
        return [
          found,
          new Set([caches.default, caches.default]).size,
          new Set([await caches.open("a"), await caches.open("a")]).size,
        ];
      }),
    ).toEqual([[null, ...Array(7).fill(true)], 1, 2]);
  });

  test("keys are URLs without their fragments, or a cacheKey", async () => {
    expect(
      await run(async () => {
        const cache = await caches.open("keys");
        const put = (key: unknown, body: string) => cache.put(key, new Response(body));
        const get = async (key: unknown) => (await (await cache.match(key))?.text()) ?? "none";
        const withKey = (url: string, cacheKey: string) =>
          new Request(url, { cf: { cacheKey } } as RequestInit);
        await put("https://Example.com:443/a b?q=1#one", "plain");
        await put(withKey("https://example.com/other", "a key"), "by key");
        return [
          await get("https://example.com/a%20b?q=1"),
          await get("https://example.com/a%20b?q=1#two"),
          await get("https://example.com/a%20b"),
          await get("http://example.com/a%20b?q=1"),
          await get("https://example.com/other"),
          await get(withKey("https://example.org/", "a key")),
        ];
      }),
    ).toEqual(["plain", "plain", "none", "none", "none", "by key"]);
  });

  test("bodies of every kind, whole and in part", async () => {
    expect(
      await run(async () => {
        const cache = await caches.open("bodies");
        const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
        const text = "é🧨\0\ufeffx".repeat(10);
        const bodies: Record<string, () => unknown> = {
          text: () => text,
          bom: () => "\ufeffmarked",
          empty: () => "",
          nothing: () => null,
          bytes: () => bytes.slice(0, 1000),
          large: () => bytes,
          blob: () => new Blob([bytes.slice(0, 5)], { type: "image/x" }),
          form: () => new URLSearchParams({ a: "b" }),
          stream: () => {
            let sent = 0;
            return new ReadableStream({
              pull(controller) {
                if (sent >= bytes.length) return controller.close();
                controller.enqueue(bytes.slice(sent, sent + 70_000));
                sent += 70_000;
              },
            });
          },
        };
        const wrong: string[] = [];
        for (const [name, body] of Object.entries(bodies)) {
          const url = `https://example.com/${name}`;
          const expected = await new Response(body() as string).bytes();
          await cache.put(url, new Response(body() as string));
          const same = (found: Uint8Array, from: Uint8Array) =>
            found.length === from.length && found.every((byte, index) => byte === from[index]);
          const response = (await cache.match(url)) as Response;
          if (response.body === null) wrong.push(`${name}: no body`);
          if (response.headers.get("Content-Length") !== String(expected.length))
            wrong.push(`${name}: length`);
          if (!same(await response.bytes(), expected)) wrong.push(`${name}: bytes`);
          const again = (await cache.match(url)) as Response;
          if ((await again.text()) !== new TextDecoder().decode(expected)) wrong.push(`${name}: text`);
          if (expected.length === 0) continue;
          const part = (await cache.match(new Request(url, { headers: { Range: "bytes=1-3" } }))) as Response;
          if (part.status !== 206) wrong.push(`${name}: ${part.status}`);
          if (!same(await part.bytes(), expected.slice(1, 4))) wrong.push(`${name}: part`);
        }
        return wrong;
      }),
    ).toEqual([]);
  });

  test("conditional requests, and ranges that cannot be", async () => {
    expect(
      await run(async () => {
        const url = "https://example.com/conditional";
        await caches.default.put(url, new Response("0123456789", { headers: { ETag: '"v1"' } }));
        const answers: unknown[] = [];
        const asked: Record<string, string>[] = [
          { "If-None-Match": '"v1"' },
          { "If-None-Match": '"v2"' },
          { Range: "bytes=20-" },
        ];
        for (const headers of asked) {
          const response = (await caches.default.match(new Request(url, { headers }))) as Response;
          answers.push([response.status, response.headers.get("Content-Range"), await response.text()]);
        }
        return answers;
      }),
    ).toEqual([
      [304, null, ""],
      [200, null, "0123456789"],
      [416, "bytes */10", ""],
    ]);
  });

  test("other methods match nothing, unless the method is ignored", async () => {
    expect(
      await run(async () => {
        const url = "https://example.com/methods";
        await caches.default.put(url, new Response("x"));
        const found: unknown[] = [];
        for (const method of ["HEAD", "POST", "DELETE"]) {
          const request = new Request(url, { method });
          found.push((await caches.default.match(request)) === undefined);
          found.push(await caches.default.delete(request));
          found.push(await (await caches.default.match(request, { ignoreMethod: true }))?.text());
        }
        found.push(await caches.default.delete(new Request(url, { method: "POST" }), { ignoreMethod: true }));
        return found;
      }),
    ).toEqual([...Array(3).fill([true, false, "x"]).flat(), true]);
  });

  test("what must not be kept is dropped without a word", async () => {
    expect(
      await run(async () => {
        const kept: string[] = [];
        const candidates: Record<string, () => Response> = {
          noStore: () => new Response("x", { headers: { "Cache-Control": "no-store" } }),
          private: () => new Response("x", { headers: { "Cache-Control": "private, max-age=60" } }),
          noCache: () => new Response("x", { headers: { "Cache-Control": "no-cache" } }),
          zero: () => new Response("x", { headers: { "Cache-Control": "max-age=0" } }),
          cookie: () => new Response("x", { headers: { "Set-Cookie": "a=b" } }),
          error: () => new Response("x", { status: 500 }),
          unchanged: () => new Response(null, { status: 304, headers: { "Cache-Control": "max-age=60" } }),
          stream: () =>
            new Response(new Blob(["x".repeat(200_000)]).stream(), {
              headers: { "Cache-Control": "no-store" },
            }),
          stripped: () =>
            new Response("x", { headers: { "Set-Cookie": "a=b", "Cache-Control": "private=Set-Cookie" } }),
          varied: () => new Response("x", { headers: { Vary: "Accept" } }),
        };
        for (const [name, make] of Object.entries(candidates)) {
          const url = `https://example.com/dropped/${name}`;
          await caches.default.put(url, make());
          const found = await caches.default.match(url);
          if (found !== undefined) kept.push(`${name} ${found.headers.get("Set-Cookie")}`);
        }
        return kept;
      }),
    ).toEqual(["stripped null", "varied null"]);
  });

  test("the body of a fetched response passes into the cache without its coding, and out again", async () => {
    const page = "a page ".repeat(20_000);
    const origin = await startOrigin((_request, response) => {
      response.setHeader("Content-Type", "text/plain");
      response.setHeader("Content-Encoding", "gzip");
      response.end(gzipSync(page));
    });
    const found = await run(async (url: string) => {
      const cache = await caches.open("fetched");
      const response = await fetch(url);
      await cache.put(url, response.clone());
      const manual = await fetch(url, { encodeResponseBody: "manual" } as RequestInit);
      await cache.put(`${url}/manual`, manual);
      const results: unknown[] = [(await response.text()).length];
      for (const key of [url, `${url}/manual`]) {
        const cached = (await cache.match(key)) as Response;
        results.push(cached.headers.get("Content-Encoding"), cached.headers.get("Content-Length"));
        results.push((await cached.text()).length);
      }
      return results;
    }, origin.url);
    expect(found).toEqual([page.length, "gzip", null, page.length, "gzip", null, page.length]);
  });

  test("each call is one subrequest, and none can be made while the worker is loaded", async () => {
    const worker = await load({
      limits: { subrequests: 4 },
      script: `
        const opened = caches.open("a");
        const early = caches.default.match("https://example.com/").then(() => "found", error => error.message);
        export default {
          async count() {
            const cache = await opened;
            const url = "https://example.com/";
            const calls = [
              () => cache.put(url, new Response("x")),
              () => cache.match(url),
              () => cache.match(new Request(url, { method: "POST" })),
              () => cache.delete(url),
              () => cache.match(url),
              () => cache.match(url),
            ];
            for (const [index, call] of calls.entries()) {
              try { await call(); } catch (error) { return [index, error.message]; }
            }
          },
          early: () => early,
        }`,
    });
    expect(await worker.invoke("count")).toEqual([5, expect.stringContaining("subrequests")]);
    expect(await worker.invoke("early")).toContain("Disallowed operation called within global scope");
    await worker.dispose();
  });

  test("what was kept is there when the worker is started again, and for another worker", async () => {
    const stateDir = temporaryFolder();
    const script = `export default {
      put: (env, name, body) => caches.open(name).then(cache => cache.put("https://example.com/", new Response(body))),
      match: async (env, name) => (await (await (await caches.open(name)).match("https://example.com/"))?.text()) ?? null,
    }`;
    const large = "x".repeat(150_000);
    const first = await load({ name: "one", stateDir, script });
    await first.invoke("put", "small", "for later");
    await first.invoke("put", "large", large);
    await first.dispose();
    const second = await load({ name: "another", stateDir, script });
    expect(await second.invoke("match", "small")).toBe("for later");
    expect(await second.invoke("match", "large")).toBe(large);
    expect(await second.invoke("match", "other")).toBe(null);
    await second.dispose();
  });

  test("a damaged store is named, and fetch() goes on without it", async () => {
    const stateDir = temporaryFolder();
    mkdirSync(join(stateDir, "cache"));
    writeFileSync(join(stateDir, "cache", "caches.sqlite"), "no database ".repeat(1000));
    const origin = await startOrigin((_request, response) => response.end("from the origin"));
    const worker = await load({
      stateDir,
      script: `export default {
        async run(env, url) {
          const cache = caches.default;
          const calls = [() => cache.match(url), () => cache.put(url, new Response("x")), () => cache.delete(url)];
          const errors = [];
          for (const call of calls) errors.push(await call().then(() => "none", String));
          return [...errors, await (await fetch(url, { cf: { cacheTtl: 60 } })).text()];
        },
      }`,
    });
    const [match, put, removed, fetched] = (await worker.invoke("run", origin.url)) as string[];
    expect(match).toMatch(
      /^Error: Cache match failed: The database .*caches\.sqlite is damaged: .* delete it/,
    );
    expect(put).toMatch(/^Error: Cache put failed: The database .*caches\.sqlite is damaged/);
    expect(removed).toMatch(/^Error: Cache delete failed: The database .*caches\.sqlite is damaged/);
    expect(fetched).toBe("from the origin");
    await worker.dispose();
  });

  test("a put goes on in waitUntil, and ends with its event otherwise", async () => {
    const worker = await load({
      script: `
        const url = "https://example.com/after";
        export default {
          async fetch(request, env, ctx) {
            const { pathname } = new URL(request.url);
            const found = await caches.default.match(url + pathname);
            if (found) return found;
            const { readable, writable } = new TransformStream();
            const response = new Response(readable, { headers: { "Cache-Control": "max-age=60" } });
            const put = caches.default.put(url + pathname, response);
            const writer = writable.getWriter();
            const write = async () => {
              await writer.write(new Uint8Array(1000));
              await scheduler.wait(1);
              await writer.write(new Uint8Array(1000));
              await writer.close();
              await put;
            };
            if (pathname === "/kept") ctx.waitUntil(write());
            else write().catch(() => {});
            return new Response("first");
          },
        }`,
    });
    for (const path of ["kept", "lost"]) {
      const response = await worker.fetch(`https://example.com/${path}`);
      expect(await response.text()).toBe("first");
    }
    const length = async (path: string) =>
      (await (await worker.fetch(`https://example.com/${path}`)).arrayBuffer()).byteLength;
    await expect.poll(() => length("kept")).toBe(2000);
    expect(await length("lost")).toBe("first".length);
    await worker.dispose();
  });

  describe("errors", () => {
    test("are those of workerd", async () => {
      expect(
        await run(async () => {
          const cache = caches.default;
          const ok = () => new Response("x");
          const url = "https://example.com/";
          const used = new Response("x");
          await used.text();
          const failing = new ReadableStream({
            start(controller) {
              controller.error(new RangeError("out of bytes"));
            },
          });
          const calls: (() => unknown)[] = [
            () => cache.put(new Request(url, { method: "POST" }), ok()),
            () => cache.put(new Request(url, { method: "HEAD" }), ok()),
            () => cache.put(url, new Response("x", { status: 206 })),
            () => cache.put(url, new Response("x", { headers: { Vary: "Accept, *" } })),
            () => cache.put(url, Response.error()),
            () => cache.put(url, used),
            () => cache.put(url, new Response(failing)),
            () => cache.put(url, "x"),
            () => cache.put(undefined, ok()),
            () => cache.put(url, undefined),
            () => cache.put("data:text/plain,x", ok()),
            () => cache.put("ftp://example.com/", ok()),
            () => cache.match(undefined),
            () => cache.match("nonsense"),
            () => cache.match("about:blank"),
            () => cache.match(url, 5),
            () => cache.match(url, { ignoreSearch: true }),
            () => cache.match(url, { ignoreVary: false }),
            () => cache.delete(url, { cacheName: "x" }),
            () => cache.delete(Symbol("key")),
            () => caches.open(undefined as never),
            () => caches.open("x".repeat(1024)),
            () => caches.open("é".repeat(512)),
          ];
          const errors: string[] = [];
          for (const call of calls) {
            const promise = call();
            if (!(promise instanceof Promise)) errors.push("not a promise");
            errors.push(
              await (promise as Promise<unknown>).then(
                () => "no error",
                error => String(error),
              ),
            );
          }
          await caches.open("x".repeat(1023));
          await caches.open("é".repeat(511));
          await cache.match(url, null);
          await cache.match(url, { ignoreSearch: undefined, other: 1 });
          return errors;
        }),
      ).toEqual([
        "TypeError: Cannot cache response to non-GET request.",
        "TypeError: Cannot cache response to non-GET request.",
        "TypeError: Cannot cache response to a range request (206 Partial Content).",
        "TypeError: Cannot cache response with 'Vary: *' header.",
        "TypeError: Cache is unable to store an error response",
        expect.stringContaining("TypeError: Body has already been used."),
        "RangeError: out of bytes",
        "TypeError: Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'.",
        "TypeError: Failed to execute 'put' on 'Cache': parameter 1 is not of type 'Request or string'.",
        "TypeError: Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'.",
        "TypeError: Invalid URL. Cache API keys must be fully-qualified, valid URLs.",
        "TypeError: Fetch API cannot load: ftp://example.com/",
        "TypeError: Failed to execute 'match' on 'Cache': parameter 1 is not of type 'Request or string'.",
        "TypeError: Invalid URL: nonsense",
        "TypeError: Invalid URL. Cache API keys must be fully-qualified, valid URLs.",
        "TypeError: Failed to execute 'match' on 'Cache': parameter 2 is not of type 'CacheQueryOptions'.",
        "Error: The 'ignoreSearch' field on 'CacheQueryOptions' is not implemented.",
        "Error: The 'ignoreVary' field on 'CacheQueryOptions' is not implemented.",
        "Error: The 'cacheName' field on 'CacheQueryOptions' is not implemented.",
        expect.stringContaining("TypeError: "),
        "TypeError: Failed to execute 'open' on 'CacheStorage': parameter 1 is not of type 'string'.",
        "TypeError: Cache name is too long.",
        "TypeError: Cache name is too long.",
      ]);
    });

    test("a put that fails leaves what was there before, and a refused one the body", async () => {
      expect(
        await run(async () => {
          const url = "https://example.com/before";
          await caches.default.put(url, new Response("before"));
          let pulls = 0;
          const failing = new ReadableStream({
            pull(controller) {
              if (pulls++ < 5) controller.enqueue(new Uint8Array(50_000));
              else controller.error(new Error("broken off"));
            },
          });
          const failed = await caches.default
            .put(url, new Response(failing))
            .catch((error: Error) => error.message);
          const response = new Response("x", { status: 206 });
          await caches.default.put(url, response).catch(() => {});
          return [failed, await (await caches.default.match(url))?.text(), response.bodyUsed];
        }),
      ).toEqual(["broken off", "before", false]);
    });

    test("what workerd does not implement says so at once", async () => {
      expect(
        await run(() => {
          const missing = {
            Cache: ["add", "addAll", "matchAll", "keys"],
            CacheStorage: ["match", "has", "delete", "keys"],
          };
          const objects: Record<string, Record<string, (key: string) => unknown>> = {
            Cache: caches.default as never,
            CacheStorage: caches as never,
          };
          const wrong: string[] = [];
          for (const [name, methods] of Object.entries(missing)) {
            for (const method of methods) {
              try {
                objects[name]?.[method]?.("https://example.com/");
                wrong.push(`${method} did not throw`);
              } catch (error) {
                const text = `Error: Failed to execute '${method}' on '${name}': the method is not implemented.`;
                if (String(error) !== text) wrong.push(String(error));
              }
            }
          }
          return wrong;
        }),
      ).toEqual([]);
    });
  });

  test("the objects have their classes, and no other receivers or constructors", async () => {
    expect(
      await run(async () => {
        const scope = globalThis as unknown as Record<string, { prototype: Record<string, unknown> }>;
        const constructions: string[] = [];
        for (const name of ["Cache", "CacheStorage"]) {
          try {
            new (scope[name] as unknown as new () => unknown)();
          } catch (error) {
            constructions.push(String(error));
          }
        }
        const match = scope["Cache"]?.prototype["match"] as (this: unknown, key: string) => Promise<unknown>;
        return [
          String(caches),
          String(caches.default),
          Object.keys(caches),
          Object.getOwnPropertyDescriptor(caches, "default")?.writable,
          Object.keys(scope["Cache"]?.prototype ?? {}),
          constructions,
          await match.call({}, "https://example.com/").catch(error => String(error)),
        ];
      }),
    ).toEqual([
      "[object CacheStorage]",
      "[object Cache]",
      ["default"],
      false,
      ["add", "addAll", "delete", "match", "put", "matchAll", "keys"],
      Array(2).fill("TypeError: Illegal constructor"),
      expect.stringContaining("TypeError: Illegal invocation"),
    ]);
  });

  test("does not depend on what a worker does to the globals", async () => {
    const worker = await load({
      script: `
        for (const key of Object.getOwnPropertyNames(Response.prototype)) {
          if (key !== "constructor") Object.defineProperty(Response.prototype, key, { get() { throw new Error("taken"); } });
        }
        Request.prototype.__proto__ = null;
        Headers.prototype.get = () => { throw new Error("taken"); };
        export default {
          async run() {
            const url = "https://example.com/hostile";
            await caches.default.put(url, new Response("x", { headers: { Vary: "Accept" } }));
            return (await caches.default.match(url)) instanceof Response;
          },
        }`,
    });
    expect(await worker.invoke("run")).toBe(true);
    await worker.dispose();
  });
});
