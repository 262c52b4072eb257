import { cpSync, globSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { cli, folder } from "../helpers/cli.ts";
import { command } from "../helpers/command.ts";

const FIXTURE = fileURLToPath(new URL("../fixtures/wrangler-state/v3", import.meta.url));
const KV_ID = "0123456789abcdef0123456789abcdef";

/** A project whose folder has what wrangler left. */
function projectWithState(config: object = {}, below = ".wrangler/state/v3"): string {
  const cwd = folder({
    "wrangler.json": JSON.stringify({
      name: "shop",
      main: "index.js",
      kv_namespaces: [{ binding: "KV", id: KV_ID }, { binding: "NOID" }],
      ...config,
    }),
    "index.js": `export default {
      async cached(env, name, url) {
        const cache = name === null ? caches.default : await caches.open(name);
        const response = await cache.match(url);
        return response && [await response.text(), response.headers.get("content-type")];
      },
    };`,
  });
  cpSync(FIXTURE, join(cwd, below), { recursive: true });
  return cwd;
}

const importing = (cwd: string, ...args: string[]) => command(["state", "import", ...args], { cwd });

async function valueOfKey(cwd: string, key: string, ...args: string[]) {
  return (await command(["kv", "key", "get", key, ...args], { cwd })).stdout;
}

const databaseOf = (cwd: string, kind: string, name: string) =>
  globSync(join(cwd, ".wrangler/state/v3", kind, "miniflare-*", "*.sqlite")).find(file => {
    const database = new Sqlite(file, { readonly: true });
    try {
      return database.prepare(`SELECT 1 FROM _mf_entries WHERE key = ?`).get(name) !== undefined;
    } finally {
      database.close();
    }
  }) as string;

describe.concurrent("worker state import", () => {
  test("KV", async () => {
    const cwd = projectWithState();
    const { stdout, stderr, code } = await importing(cwd);
    expect([stdout, code]).toEqual(["", 0]);
    expect(stderr).toContain(`KV namespace "${KV_ID}": 6 added, 0 replaced, 0 unchanged\n`);
    expect(stderr).toContain('KV namespace "NOID-shop": 1 added, 0 replaced, 0 unchanged\n');
    expect(stderr).toContain('KV namespace "other": 1 added, 0 replaced, 0 unchanged\n');
    const listed = await command(["kv", "key", "list", "--binding", "KV"], { cwd });
    expect(JSON.parse(listed.stdout)).toEqual([
      { name: "bytes" },
      { name: "empty" },
      { name: "large" },
      { name: "meta", expiration: 2147483647, metadata: { by: ["é", 1] } },
      { name: "odd/../key?\0 🧨" },
      { name: "text" },
    ]);
    const { stdout: many } = await command(["kv", "bulk", "get", "-", "--binding", "KV"], {
      cwd,
      input: listed.stdout,
    });
    expect(JSON.parse(many)).toEqual({
      bytes: { value: "\0\uFFFD\uFFFD\n" },
      empty: { value: "" },
      large: { value: "kv ".repeat(40_000) },
      meta: { value: "with metadata" },
      "odd/../key?\0 🧨": { value: "odd" },
      text: { value: "hello é" },
    });
    expect(await valueOfKey(cwd, "k", "--binding", "NOID")).toBe("of a binding without an id");
    expect(await valueOfKey(cwd, "k", "--namespace-id", "other")).toBe("not in the configuration");
  });

  test("the cache", async () => {
    const cwd = projectWithState();
    expect((await importing(cwd)).stderr).toContain('cache "default": 2 added, 0 replaced, 0 unchanged\n');
    const cached = async (name: string | null, url: string) => {
      const { stdout } = await cli(["invoke", "cached", JSON.stringify(name), url], { cwd });
      return JSON.parse(stdout) as unknown;
    };
    expect(await cached(null, "https://example.com/a?x=1")).toEqual(["kept", "text/plain"]);
    expect(await cached("named one", "https://example.com/a")).toEqual(["kept by name", "text/plain"]);
  });

  test("a second time changes nothing, and what has changed here is what it was", async () => {
    const cwd = projectWithState();
    await importing(cwd);
    const again = await importing(cwd);
    const counts = [...again.stderr.matchAll(/: (\d+) added, (\d+) replaced, (\d+) unchanged/g)];
    expect(counts.length).toBeGreaterThan(3);
    for (const [, added, replaced] of counts) expect([added, replaced]).toEqual(["0", "0"]);
    await command(["kv", "key", "put", "large", "small now", "--binding", "KV"], { cwd });
    await command(["kv", "key", "put", "own", "stays", "--binding", "KV"], { cwd });
    await command(["kv", "key", "delete", "text", "--binding", "KV"], { cwd });
    expect((await importing(cwd)).stderr).toContain(
      `KV namespace "${KV_ID}": 1 added, 1 replaced, 4 unchanged\n`,
    );
    expect(await valueOfKey(cwd, "large", "--binding", "KV")).toBe("kv ".repeat(40_000));
    expect(await valueOfKey(cwd, "own", "--binding", "KV")).toBe("stays");
  });

  test("what it leaves out is named", async () => {
    const cwd = projectWithState();
    rmSync(join(cwd, ".wrangler/state/v3/kv/other"), { recursive: true });
    const { stderr, code } = await importing(cwd);
    expect(code).toBe(0);
    expect(stderr).toContain(
      "warning: do/shop-Counter is left out (1 object): this version has no such storage\n",
    );
    expect(stderr).toMatch(
      /^warning: .*KVNamespaceObject.*\.sqlite is left out: nothing in kv_namespaces has the id that it is named after$/m,
    );
  });

  test.each([
    ["mf", "mf"],
    ["else", "else/v3"],
    ["w/.wrangler", "w/.wrangler/state/v3"],
    ["other-project", "other-project/.wrangler/state/v3"],
  ])("finds it in %s", async (named, below) => {
    const cwd = projectWithState({}, below);
    expect((await importing(cwd, named)).stderr).toContain("6 added");
  });

  test("the source stays as it is, and other environments have other ids", async () => {
    const cwd = projectWithState({
      env: {
        live: { name: "shop-live", kv_namespaces: [{ binding: "KV", id: "other" }, { binding: "NOID" }] },
      },
    });
    const files = () =>
      readdirSync(join(cwd, ".wrangler"), { recursive: true, encoding: "utf8" })
        .filter(name => !name.endsWith("-shm"))
        .sort();
    const before = files();
    expect((await importing(cwd, "--env", "live")).stderr).toContain(
      'KV namespace "NOID-shop-live": 1 added',
    );
    expect(files()).toEqual(before);
  });

  test("while something else writes there", async () => {
    const cwd = projectWithState();
    const writer = new Sqlite(databaseOf(cwd, "kv", "text"));
    onTestFinished(() => void writer.close());
    writer.exec("BEGIN IMMEDIATE; DELETE FROM _mf_entries");
    expect((await importing(cwd)).stderr).toContain("6 added");
    writer.exec("ROLLBACK");
    writer.pragma("locking_mode = EXCLUSIVE");
    writer.exec("BEGIN EXCLUSIVE; DELETE FROM _mf_entries; COMMIT; BEGIN EXCLUSIVE");
    const { stderr, code } = await importing(cwd);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "locked by another process. (STATE_UNAVAILABLE)\nIf wrangler dev is running there, stop it",
    );
  });

  test("what is damaged or missing is an error that names it", async () => {
    const cwd = projectWithState();
    const blobs = join(cwd, ".wrangler/state/v3/kv", KV_ID, "blobs");
    const [first = ""] = readdirSync(blobs);
    rmSync(join(blobs, first));
    const missing = await importing(cwd);
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining(`The file ${first} is missing`),
    ]);
    const file = databaseOf(cwd, "kv", "text");
    rmSync(`${file}-wal`);
    writeFileSync(file, "no database".repeat(1000));
    const damaged = await importing(cwd);
    expect([damaged.code, damaged.stderr]).toEqual([
      2,
      expect.stringContaining(`The database ${file} is damaged`),
    ]);
    expect(damaged.stderr).toContain("(STATE_DAMAGED)\nIf wrangler dev is running there");
    const nothing = await importing(folder({}));
    expect([nothing.code, nothing.stderr]).toEqual([
      2,
      expect.stringMatching(
        /^error: There is no state of wrangler's or Miniflare's in .*\(FILE_UNREADABLE\)\n/,
      ),
    ]);
  });
});
