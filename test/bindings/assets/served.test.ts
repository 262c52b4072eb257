/** Static assets in front of a worker, as clients of a server and users of the commands meet them. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli, folder, startServer as startCliServer } from "../../helpers/cli.ts";
import { ENGINES } from "../../helpers/each-engine.ts";
import { ILLEGAL_INVOCATION } from "../../helpers/illegal-invocation.ts";
import { write } from "../../helpers/project.ts";
import { exchange, folderWith, type RunningServer, startServer } from "../../helpers/server.ts";

const WORKER = `
const answers = {
  "/api/whole": (request, env) => env.ASSETS.fetch(new URL("/page.html", request.url)),
  "/api/manual": (request, env) => env.ASSETS.fetch(new URL("/page.html", request.url), { redirect: "manual" }),
  "/api/large": (request, env) => env.ASSETS.fetch("http://any.host/large.bin"),
  "/api/none": (request, env) => env.ASSETS.fetch(new Request("http://any.host/none")),
  "/api/post": (request, env) => env.ASSETS.fetch("http://any.host/a.txt", { method: "POST", body: "x" }),
  "/api/range": (request, env) => env.ASSETS.fetch("http://any.host/a.txt", { headers: { range: "bytes=1-1" } }),
  "/api/rewritten": async (request, env) => {
    const response = await env.ASSETS.fetch("http://any.host/page");
    return new HTMLRewriter().on("h1", { element(element) { element.setInnerContent("rewritten"); } }).transform(response);
  },
  "/api/fetcher": async (request, env) => {
    const { ASSETS } = env;
    const failure = async run => { try { await run(); } catch (error) { return String(error); } };
    return Response.json([
      ASSETS.constructor.name, Object.prototype.toString.call(ASSETS),
      await failure(() => new ASSETS.constructor()),
      await failure(() => { const { fetch } = ASSETS; return fetch("http://h/"); }),
      await failure(() => ASSETS.fetch()),
      await failure(() => ASSETS.fetch("/a.txt")),
      await failure(() => ASSETS.fetch("ftp://h/a.txt")),
      await failure(() => ASSETS.fetch("http://h/a.txt", { signal: AbortSignal.abort() })),
      await (await fetch("http://h/a.txt", { fetcher: ASSETS })).text(),
    ]);
  },
};
export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (request.redirect !== "manual") throw new Error("an incoming request is not followed by itself");
    if (pathname === "/api/throw") throw new Error("thrown");
    return answers[pathname]?.(request, env) ?? new Response("worker " + request.method + " " + pathname);
  },
};`;

const LARGE = Buffer.alloc(3_000_000, "0123456789");
const FILES = {
  "worker.js": WORKER,
  "public/index.html": "<h1>home</h1>",
  "public/page.html": "<h1>page</h1>",
  "public/a.txt": "abc",
  "public/large.bin": LARGE,
  "public/_headers": "/a.txt\n  X-Rule: yes\n  Set-Cookie: a=1\n",
  "public/_redirects": "/old /page 301\n",
};
const CONFIG = {
  main: "worker.js",
  compatibility_date: "2026-01-01",
  assets: { directory: "public", binding: "ASSETS", not_found_handling: "single-page-application" },
};
const withConfig = (config: object, files: Record<string, string | Uint8Array> = FILES) => ({
  ...files,
  "wrangler.json": JSON.stringify(config),
});

describe.each(ENGINES)("assets and a worker (%s)", engine => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(
      folderWith(withConfig(CONFIG)),
      "run",
      "--engine",
      engine,
      "--isolates",
      "1",
      "--request-log",
    );
  });
  afterAll(() => server?.stop());
  const get = (path: string, init: RequestInit = {}) =>
    fetch(`${server.url}${path}`, { redirect: "manual", ...init });

  test("assets come first, the worker has the rest", async () => {
    const outcomes: [string, RequestInit, unknown][] = [
      ["/", {}, [200, "<h1>home</h1>"]],
      ["/page", {}, [200, "<h1>page</h1>"]],
      ["/page.html", {}, [307, ""]],
      ["/old", {}, [301, ""]],
      ["/none", {}, [200, "worker GET /none"]],
      ["/none", { method: "POST", body: "x" }, [200, "worker POST /none"]],
      ["/a.txt", { method: "POST", body: "x".repeat(100_000) }, [405, ""]],
      ["/a.txt", { method: "HEAD" }, [200, ""]],
      ["/a.txt", { headers: { range: "bytes=1-" } }, [206, "bc"]],
      ["/a.txt", { headers: { range: "bytes=9-" } }, [416, ""]],
    ];
    for (const [path, init, expected] of outcomes) {
      const response = await get(path, init);
      expect([path, [response.status, await response.text()]]).toEqual([path, expected]);
    }
  });

  test("a browser's navigation gets the application", async () => {
    const answer = await exchange(
      server.port,
      "GET /any/path HTTP/1.1\r\nHost: h\r\nSec-Fetch-Mode: navigate\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*<h1>home<\/h1>$/);
  });

  test("headers, lengths and a copy that is still good", async () => {
    const response = await get("/a.txt");
    const tag = response.headers.get("etag") ?? "";
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-length": "3",
      "x-rule": "yes",
      "set-cookie": "a=1",
      "cache-control": "public, max-age=0, must-revalidate",
    });
    const again = await get("/a.txt", { headers: { "if-none-match": tag } });
    expect([again.status, again.headers.get("etag"), await again.text()]).toEqual([304, tag, ""]);
    expect((await get("/a.txt", { method: "HEAD" })).headers.get("content-length")).toBe("3");
  });

  test("a large asset, its ranges, and a client that goes away", async () => {
    const whole = await get("/large.bin");
    expect(whole.headers.get("content-length")).toBe(String(LARGE.length));
    expect(Buffer.from(await whole.arrayBuffer()).equals(LARGE)).toBe(true);
    const part = await get("/large.bin", { headers: { range: "bytes=1000000-1999999" } });
    expect(part.headers.get("content-range")).toBe(`bytes 1000000-1999999/${LARGE.length}`);
    expect(Buffer.from(await part.arrayBuffer()).equals(LARGE.subarray(1_000_000, 2_000_000))).toBe(true);
    const aborted = new AbortController();
    const response = await get("/large.bin", { signal: aborted.signal });
    await response.body?.getReader().read();
    aborted.abort();
    expect((await get("/a.txt")).status).toBe(200);
  });

  test("through env.ASSETS", async () => {
    const text = async (path: string) => (await get(path)).text();
    expect(await text("/api/whole")).toBe("<h1>page</h1>");
    expect(await text("/api/rewritten")).toBe("<h1>rewritten</h1>");
    expect(await text("/api/none")).toBe("<h1>home</h1>");
    const manual = await get("/api/manual");
    expect([manual.status, manual.headers.get("location")]).toEqual([307, "/page"]);
    expect((await get("/api/post")).status).toBe(405);
    const range = await get("/api/range");
    expect([range.status, await range.text()]).toEqual([206, "b"]);
    expect(Buffer.from(await (await get("/api/large")).arrayBuffer()).equals(LARGE)).toBe(true);
    expect(await (await get("/api/fetcher")).json()).toEqual([
      "Fetcher",
      "[object Fetcher]",
      "TypeError: Illegal constructor",
      ILLEGAL_INVOCATION,
      "TypeError: Failed to execute 'fetch' on 'Fetcher': parameter 1 is not of type 'Request or string'.",
      "TypeError: Invalid URL: /a.txt",
      "TypeError: Fetch API cannot load: ftp://h/a.txt",
      "AbortError: The operation was aborted",
      "abc",
    ]);
  });

  test("requests of assets are in the log, and a worker's exception is its own", async () => {
    expect((await get("/api/throw")).status).toBe(500);
    await get("/page?logged");
    await server.waitFor(/GET \/page\?logged 200 OK/);
  });
});

describe.each(ENGINES)("commands (%s)", engine => {
  const request = (cwd: string, path: string, ...more: string[]) =>
    cli(["run", "--engine", engine, "--request", path, ...more], { cwd });

  test("run --request asks assets and worker as a server does", async () => {
    const cwd = folder(withConfig(CONFIG));
    const answers = await Promise.all([
      request(cwd, "/page"),
      request(cwd, "/none"),
      request(cwd, "/a.txt", "-X", "POST", "-d", "x", "-i"),
      request(cwd, "/large.bin", "-H", "Range: bytes=0-999999", "-i"),
      request(cwd, "/api/large"),
    ]);
    const [page, none, post, range, large] = answers.map(({ stdout }) => stdout);
    expect([page, none]).toEqual(["<h1>page</h1>", "worker GET /none"]);
    expect(post).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/);
    expect(range).toMatch(
      /^HTTP\/1\.1 206 Partial Content\r\n[\s\S]*Content-Range: bytes 0-999999\/3000000\r\n/,
    );
    expect(range?.split("\r\n\r\n")[1]).toBe(LARGE.toString("latin1", 0, 1_000_000));
    expect(large).toBe(LARGE.toString("latin1"));
  });

  test("a project of assets alone", async () => {
    const { assets } = CONFIG;
    const files = withConfig(
      { assets: { directory: assets.directory, not_found_handling: "404-page" } },
      {
        "public/index.html": "home",
        "public/404.html": "lost",
        // As a page's own code is called in many projects: no worker.
        "src/index.ts": "document.title = 'page'",
      },
    );
    const cwd = folder(files);
    const [home, lost, invoked, built, server] = await Promise.all([
      request(cwd, "/"),
      request(cwd, "/none", "--fail"),
      cli(["invoke", "--engine", engine, "fn"], { cwd }),
      cli(["build"], { cwd }),
      startCliServer(["dev", "--engine", engine], { cwd }),
    ]);
    expect([home.stdout, lost.stdout, lost.code]).toEqual(["home", "lost", 1]);
    expect([invoked.stderr, invoked.code]).toEqual([expect.stringContaining("HANDLER_NOT_FOUND"), 1]);
    expect([built.stderr, built.code]).toEqual([expect.stringContaining("no worker to build"), 0]);
    expect(await (await fetch(server.url)).text()).toBe("home");
    const none = await fetch(`${server.url}/none`, { method: "GET" });
    expect([none.status, await none.text()]).toEqual([404, "lost"]);
    write(cwd, { "public/index.html": "changed" });
    expect(await (await fetch(server.url)).text()).toBe("changed");
    expect(server.output).not.toContain("Reloaded");
    server.signal("SIGINT");
    expect(await server.ended).toBe(130);
  });

  test("--assets, with no configuration", async () => {
    const cwd = folder({ "site/index.html": "flag", "site/_redirects": "wrong" });
    const { stdout, stderr } = await request(cwd, "/", "--assets", "site");
    expect(stdout).toBe("flag");
    expect(stderr).toContain("site/_redirects:1: ");
  });
});

describe("dev", () => {
  test("pages get the script that reloads them, parts of pages do not; a change of an asset is told", async () => {
    const cwd = folderWith(withConfig(CONFIG));
    const server = await startServer(cwd, "dev", "--live-reload");
    const text = async (path: string, init: RequestInit = {}) =>
      (await fetch(`${server.url}${path}`, init)).text();
    expect(await text("/page")).toMatch(/^<h1>page<\/h1><script>/);
    expect(await text("/page", { headers: { range: "bytes=0-3" } })).toBe("<h1>");
    expect(await text("/a.txt")).toBe("abc");
    const events = await fetch(`${server.url}/cdn-cgi/live-reload`);
    const reader = (events.body as ReadableStream<Uint8Array>).getReader();
    let told = "";
    // The watcher may start to look after the first change: then the next one is seen.
    const writing = setInterval(() => write(cwd, { "public/page.html": `<h1>${Math.random()}</h1>` }), 100);
    while (!told.includes("event: reload")) told += Buffer.from((await reader.read()).value ?? []).toString();
    clearInterval(writing);
    await reader.cancel();
    await server.stop();
  });

  test("settings that change, assets that come and go", async () => {
    const cwd = folderWith(withConfig({ ...CONFIG, assets: undefined }));
    const server = await startServer(cwd, "dev");
    const text = async (path: string) => (await fetch(`${server.url}${path}`)).text();
    const reloaded = async (config: object) => {
      const from = server.output().length;
      write(cwd, { "wrangler.json": JSON.stringify(config) });
      await server.waitFor(/Reloaded in/, from);
    };
    expect(await text("/a.txt")).toBe("worker GET /a.txt");
    await reloaded(CONFIG);
    expect(await text("/a.txt")).toBe("abc");
    await reloaded({ ...CONFIG, assets: { ...CONFIG.assets, run_worker_first: ["/a.*"] } });
    expect(await text("/a.txt")).toBe("worker GET /a.txt");
    await reloaded({ assets: { directory: "public" } });
    expect(await text("/a.txt")).toBe("abc");
    expect((await fetch(`${server.url}/none`)).status).toBe(404);
    await reloaded(CONFIG);
    expect(await text("/none")).toBe("worker GET /none");
    rmSync(join(cwd, "public"), { recursive: true });
    expect(await text("/a.txt")).toBe("worker GET /a.txt");
    await server.stop();
  });
});
