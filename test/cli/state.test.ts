import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cli, folder, startServer } from "../helpers/cli.ts";
import { command } from "../helpers/command.ts";

const FILES = {
  "wrangler.json": '{"name":"shop","main":"index.js","kv_namespaces":[{"binding":"KV","id":"ns"}]}',
  "index.js": `export default {
    async fetch(request, { KV }) {
      const key = new URL(request.url).pathname.slice(1);
      if (request.method === "PUT") { await KV.put(key, request.body); return new Response("put"); }
      return new Response(await KV.get(key, "stream"));
    },
  };`,
};

const state = (cwd: string, ...args: string[]) => command(["state", ...args], { cwd });
const kv = (cwd: string, ...args: string[]) => command(["kv", "key", ...args], { cwd });

describe.concurrent("worker state", () => {
  test("save, list, restore, clear", async () => {
    const cwd = folder(FILES);
    const put = await kv(cwd, "put", "k", "seed");
    expect(put.code).toBe(0);
    const saved = await state(cwd, "save", "seed");
    expect(saved).toEqual({
      stdout: "",
      stderr: expect.stringMatching(/^Saved the state as "seed" \(1 database, \d+(\.\d)? kB\) in .*seed\n$/),
      code: 0,
    });
    await kv(cwd, "put", "k", "changed");
    await state(cwd, "save", "later");
    const restored = await state(cwd, "restore", "seed");
    expect(restored).toEqual({ stdout: "", stderr: 'Restored the state "seed" (1 database).\n', code: 0 });
    expect((await kv(cwd, "get", "k")).stdout).toBe("seed");
    expect((await state(cwd, "list")).stdout).toMatch(
      /^later {2}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}[\d.]+ kB\nseed {3}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}[\d.]+ kB\n$/,
    );
    const listed = JSON.parse((await state(cwd, "list", "--json")).stdout) as unknown;
    expect(listed).toEqual(
      ["later", "seed"].map(name => ({
        name,
        bytes: expect.any(Number),
        databases: 1,
        savedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      })),
    );
    expect((await state(cwd, "clear")).stderr).toBe(`Emptied ${join(cwd, ".worker", "state")}.\n`);
    expect((await kv(cwd, "list")).stdout).toBe("[]\n");
    expect((await state(cwd, "clear", "later")).stderr).toBe('Removed the saved state "later".\n');
    expect((await state(cwd, "list")).stdout).toMatch(/^seed /);
    expect(readdirSync(join(cwd, ".worker", "saved"))).toEqual(["seed"]);
  });

  test("path, and the folder of --persist-to", async () => {
    const cwd = folder(FILES);
    expect((await state(cwd, "path")).stdout).toBe(`${join(cwd, ".worker", "state")}\n`);
    expect((await state(cwd, "path", "seed")).stdout).toBe(`${join(cwd, ".worker", "saved", "seed")}\n`);
    const elsewhere = ["--persist-to", "data"];
    expect((await state(cwd, "path", "seed", ...elsewhere)).stdout).toBe(
      `${join(cwd, "data.saved", "seed")}\n`,
    );
    await kv(cwd, "put", "k", "v", ...elsewhere);
    await state(cwd, "save", "seed", ...elsewhere);
    expect(existsSync(join(cwd, "data.saved", "seed", "state", "kv", "ns.sqlite"))).toBe(true);
  });

  test("what cannot be done", async () => {
    const cwd = folder(FILES);
    const refused = async (...args: string[]) => {
      const { stdout, stderr, code } = await state(cwd, ...args);
      return [stdout, stderr, code];
    };
    const none = `error: There is no saved state "x" in ${join(cwd, ".worker", "saved")}. (STATE_NOT_FOUND)\n`;
    expect(await refused("restore", "x")).toEqual(["", `${none}Save one: worker state save x\n`, 2]);
    await state(cwd, "save", "seed");
    expect(await refused("clear", "x")).toEqual(["", `${none}There is: seed.\n`, 2]);
    const name = '"../x" cannot be the name of a saved state. (USAGE)\n';
    for (const action of ["save", "restore", "clear", "path"]) {
      const [, stderr, code] = await refused(action, "../x");
      expect([stderr, code]).toEqual([expect.stringContaining(name), 2]);
    }
    expect((await state(folder(FILES), "list")).stderr).toBe(
      "No state has been saved: worker state save NAME\n",
    );
  });

  test("on a terminal, what loses data asks first", async () => {
    const cwd = folder(FILES);
    await kv(cwd, "put", "k", "v");
    await state(cwd, "save", "seed");
    const lossy = [["save", "seed"], ["restore", "seed"], ["clear"], ["clear", "seed"]];
    for (const args of lossy) {
      const { stderr, code } = await command(["state", ...args], { cwd, typed: "no\n" });
      expect([code, stderr]).toEqual([1, expect.stringContaining("? (y/N) ")]);
    }
    expect((await kv(cwd, "get", "k")).stdout).toBe("v");
    for (const args of lossy) {
      const { stderr, code } = await command(["state", ...args, "-y"], { cwd, typed: "" });
      expect([code, stderr.includes("(y/N)")]).toEqual([0, false]);
    }
    expect((await kv(cwd, "list")).stdout).toBe("[]\n");
    await kv(cwd, "put", "k", "v");
    expect((await command(["state", "clear"], { cwd, typed: "yes\n" })).code).toBe(0);
    expect((await kv(cwd, "list")).stdout).toBe("[]\n");
  });
});

const EVERYTHING = {
  "wrangler.json": JSON.stringify({
    name: "shop",
    main: "index.js",
    kv_namespaces: [{ binding: "KV" }],
    r2_buckets: [{ binding: "BUCKET" }],
    d1_databases: [{ binding: "DB" }],
  }),
  "index.js": `const CREATE = "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value TEXT)";
  export default {
    async fetch(request, { KV, BUCKET, DB }) {
      const url = new URL(request.url);
      const key = url.pathname.slice(1);
      if (request.method === "PUT") {
        const value = await request.text();
        const cached = new Response(value, { headers: { "Cache-Control": "max-age=1000" } });
        await DB.exec(CREATE);
        await Promise.all([
          KV.put(key, value),
          BUCKET.put(key, value),
          DB.prepare("INSERT OR REPLACE INTO entries VALUES (?, ?)").bind(key, value).run(),
          caches.default.put("https://example.com/" + key, cached),
        ]);
        return new Response("put");
      }
      const [row, object, cached] = await Promise.all([
        DB.prepare("SELECT value FROM entries WHERE key = ?").bind(key).first("value").catch(error => error.message),
        BUCKET.get(key),
        caches.default.match("https://example.com/" + key),
      ]);
      return Response.json([await KV.get(key), await object?.text() ?? null, row, await cached?.text() ?? null]);
    },
  };`,
};

test("a running server sees a restored state, and goes on from there", async () => {
  const cwd = folder(EVERYTHING);
  const server = await startServer(["dev"], { cwd });
  const get = async (key: string) => (await fetch(`${server.url}/${key}`)).json();
  const put = async (key: string, body: string) =>
    expect(await (await fetch(`${server.url}/${key}`, { method: "PUT", body })).text()).toBe("put");
  const large = "x".repeat(300_000);
  const everywhere = (value: string | null) => [value, value, value, value];
  await put("small", "one");
  await put("large", large);
  expect((await cli(["state", "save", "seed"], { cwd })).code).toBe(0);
  await put("small", "two");
  await put("large", "small now");
  await put("new", large);
  expect((await cli(["state", "restore", "seed"], { cwd })).code).toBe(0);
  expect(await get("small")).toEqual(everywhere("one"));
  expect(await get("large")).toEqual(everywhere(large));
  expect(await get("new")).toEqual(everywhere(null));
  await put("after", large);
  expect((await cli(["state", "clear"], { cwd })).code).toBe(0);
  const noTable = [null, null, expect.stringContaining("no such table: entries"), null];
  expect([await get("small"), await get("after")]).toEqual([noTable, noTable]);
  await put("last", large);
  expect(await get("last")).toEqual(everywhere(large));
});

test("two servers on one folder share what is in it, under load and with commands beside them", async () => {
  const cwd = folder(EVERYTHING);
  const servers = await Promise.all([startServer(["dev"], { cwd }), startServer(["run"], { cwd })]);
  const put = async (server: number, key: string, body: string) => {
    const response = await fetch(`${servers[server]?.url}/${key}`, { method: "PUT", body });
    return response.text();
  };
  const large = (name: string) => `${name} ${"x".repeat(150_000)}`;
  const writes = Array.from({ length: 24 }, (_, index) =>
    put(index % 2, `k${index}`, index % 4 === 0 ? large(`v${index}`) : `v${index}`),
  );
  const command = cli(["kv", "key", "put", "by-command", "hello"], { cwd });
  expect(new Set(await Promise.all(writes))).toEqual(new Set(["put"]));
  expect((await command).code).toBe(0);
  for (const [server, { url }] of servers.entries()) {
    for (let index = 1 - server; index < 24; index += 5) {
      const value = index % 4 === 0 ? large(`v${index}`) : `v${index}`;
      expect(await (await fetch(`${url}/k${index}`)).json()).toEqual([value, value, value, value]);
    }
    expect(await (await fetch(`${url}/by-command`)).json()).toEqual(["hello", null, null, null]);
  }
});
