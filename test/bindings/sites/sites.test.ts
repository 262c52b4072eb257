/** Workers Sites with Cloudflare's own library, in both syntaxes. */
import { symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { SiteFolder } from "../../../src/bindings/sites/folder.ts";
import { SiteStore } from "../../../src/bindings/sites/store.ts";
import { InvalidCursorError } from "../../../src/storage/cursor.ts";
import { folder, startServer } from "../../helpers/cli.ts";
import { ENGINES } from "../../helpers/each-engine.ts";
import { type Files, project, write } from "../../helpers/project.ts";

const MODULE = `
import { getAssetFromKV } from "@cloudflare/kv-asset-handler";
import manifest from "__STATIC_CONTENT_MANIFEST";
const ASSET_MANIFEST = JSON.parse(manifest);
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/manifest") return Response.json(ASSET_MANIFEST);
    if (pathname === "/kv") {
      const { __STATIC_CONTENT: kv } = env;
      const { keys } = await kv.list();
      const failure = async run => { try { await run(); } catch (error) { return String(error); } };
      return Response.json([
        keys.map(({ name }) => name), await kv.get("a.txt"), await kv.get("none"), await kv.get("../wrangler.json"),
        await failure(() => kv.put("a.txt", "x")), await failure(() => kv.delete("a.txt")),
      ]);
    }
    try {
      const waitUntil = promise => ctx.waitUntil(promise);
      return await getAssetFromKV({ request, waitUntil }, { ASSET_NAMESPACE: env.__STATIC_CONTENT, ASSET_MANIFEST });
    } catch (error) {
      return new Response(error.message, { status: error.status ?? 500 });
    }
  },
};`;

const SERVICE_WORKER = `
import { getAssetFromKV } from "@cloudflare/kv-asset-handler";
addEventListener("fetch", event => event.respondWith(
  getAssetFromKV(event).catch(error => new Response(error.message, { status: error.status ?? 500 })),
));`;

const SITE: Files = {
  "public/index.html": "<h1>home</h1>",
  "public/a.txt": "a",
  "public/css/main.css": "body {}",
  "public/ü.txt": "u",
  "public/.hidden": "secret",
  "public/node_modules/x.js": "secret",
};
const withWorker = (script: string, files: Files = SITE) => {
  const cwd = folder({
    ...files,
    "src/index.js": script,
    "wrangler.json": JSON.stringify({
      main: "src/index.js",
      compatibility_date: "2026-01-01",
      site: { bucket: "public" },
    }),
  });
  symlinkSync(fileURLToPath(new URL("../../../node_modules", import.meta.url)), join(cwd, "node_modules"));
  return cwd;
};

describe.each(ENGINES)("Workers Sites (%s)", engine => {
  test("@cloudflare/kv-asset-handler in a service worker", async () => {
    const server = await startServer(["run", "--engine", engine], { cwd: withWorker(SERVICE_WORKER) });
    await expectSite(server.url);
    server.signal("SIGTERM");
  });

  test("in a module, whose namespace can be read only, and a file that changes", async () => {
    const cwd = withWorker(MODULE);
    const server = await startServer(["dev", "--engine", engine], { cwd });
    await expectSite(server.url);
    const text = async (path: string) => (await fetch(`${server.url}${path}`)).text();
    const manifest = JSON.parse(await text("/manifest")) as Record<string, string>;
    expect(Object.keys(manifest)).toEqual(["a.txt", "css/main.css", "index.html", "ü.txt"]);
    expect(manifest["css/main.css"]).toMatch(/^css\/main\.[0-9a-f]{10}\.css$/);
    expect(JSON.parse(await text("/kv"))).toEqual([
      Object.values(manifest).sort(),
      "a",
      null,
      null,
      "Error: KV PUT failed: 405 Cannot put() with Workers Sites namespace",
      "Error: KV DELETE failed: 405 Cannot delete() with Workers Sites namespace",
    ]);
    write(cwd, { "public/a.txt": "changed", "public/new.txt": "new" });
    await server.says(/Reloaded in/);
    expect(await text("/a.txt")).toBe("changed");
    expect(await text("/new.txt")).toBe("new");
    server.signal("SIGTERM");
  });
});

async function expectSite(url: string): Promise<void> {
  const answer = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return [response.status, response.headers.get("content-type"), await response.text()];
  };
  expect(await answer("/")).toEqual([200, "text/html; charset=utf-8", "<h1>home</h1>"]);
  expect(await answer("/css/main.css")).toEqual([200, "text/css; charset=utf-8", "body {}"]);
  expect(await answer("/%C3%BC.txt")).toEqual([200, "text/plain; charset=utf-8", "u"]);
  // Asked for again, it may come out of the cache.
  expect((await answer("/a.txt"))[2]).toBe("a");
  expect((await answer("/a.txt"))[2]).toBe("a");
  expect((await answer("/none.txt"))[0]).toBe(404);
  expect((await answer("/.hidden"))[0]).toBe(404);
}

describe("the folder of a site", () => {
  const site = (files: Files, settings: { include?: string[]; exclude?: string[] } = {}) =>
    new SiteFolder({ directory: project(files), include: [], exclude: [], ...settings });

  test("include and exclude", () => {
    const files = { "a.txt": "", "b.md": "", "sub/a.txt": "", "drafts/a.txt": "" };
    const paths = (settings: object) => Object.keys(site(files, settings).manifest());
    expect(paths({})).toEqual(["a.txt", "b.md", "drafts/a.txt", "sub/a.txt"]);
    expect(paths({ include: ["*.txt"] })).toEqual(["a.txt", "drafts/a.txt", "sub/a.txt"]);
    expect(paths({ include: ["*.txt"], exclude: ["drafts"] })).toEqual(["a.txt", "sub/a.txt"]);
  });

  test("keys without an extension, and paths that look like keys", () => {
    const folder = site({ LICENSE: "", "a.0123456789.txt": "", ".well-known/x": "", "sub.d/file": "" });
    for (const [path, key] of Object.entries(folder.manifest())) {
      expect(folder.find(path)?.file).toBe(folder.find(key)?.file);
      expect(folder.find(key)).not.toBeNull();
    }
    expect(Object.keys(folder.manifest())).toEqual([
      ".well-known/x",
      "LICENSE",
      "a.0123456789.txt",
      "sub.d/file",
    ]);
  });

  test("links that lead out of it", () => {
    const outside = project({ "secret.txt": "secret", "public/a.txt": "" });
    symlinkSync(join(outside, "secret.txt"), join(outside, "public/b.txt"));
    const folder = new SiteFolder({ directory: join(outside, "public"), include: [], exclude: [] });
    expect(Object.keys(folder.manifest())).toEqual(["a.txt"]);
    expect([folder.find("b.txt"), folder.find("../secret.txt")]).toEqual([null, null]);
  });

  test("lists in pages, in the order of keys", async () => {
    const directory = project({ "b.txt": "", "a.txt": "1", "a/x.txt": "" });
    for (const name of ["a.txt", "b.txt", "a/x.txt"]) utimesSync(join(directory, name), 0, 0);
    const store = new SiteStore({ directory, include: [], exclude: [] });
    const names: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await store.list({ prefix: "a", limit: 1, cursor });
      names.push(...page.keys.map(({ name }) => name));
      cursor = page.cursor;
    } while (cursor !== null);
    expect(names).toEqual([
      expect.stringMatching(/^a\.\w{10}\.txt$/),
      expect.stringMatching(/^a\/x\.\w{10}\.txt$/),
    ]);
    await expect(store.list({ prefix: "", limit: 1, cursor: "x" })).rejects.toBeInstanceOf(
      InvalidCursorError,
    );
  });
});
