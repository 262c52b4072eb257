import { cpSync, globSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { cli, folder } from "../helpers/cli.ts";
import { command } from "../helpers/command.ts";
import { write } from "../helpers/project.ts";

const FIXTURE = fileURLToPath(new URL("../fixtures/wrangler-state/v3", import.meta.url));
const KV_ID = "0123456789abcdef0123456789abcdef";

/** A project whose folder has what wrangler left of these kinds. */
function projectWithState(
  kinds: readonly string[],
  config: object = {},
  below = ".wrangler/state/v3",
): string {
  const cwd = folder({
    "wrangler.json": JSON.stringify({
      name: "shop",
      main: "index.js",
      kv_namespaces: [{ binding: "KV", id: KV_ID }, { binding: "NOID" }],
      r2_buckets: [{ binding: "BUCKET", bucket_name: "photos" }],
      d1_databases: [{ binding: "DB", database_name: "shop", database_id: "d1-database-id" }],
      ...config,
    }),
    "index.js": `const CONTENTS = { empty: "", "large.bin": "r2 ".repeat(50000), "small.txt": "an object" };
    CONTENTS["parts.bin"] = "part one ".repeat(112).slice(0, 1000);
    export default {
      async objects({ BUCKET }) {
        const { objects } = await BUCKET.list({ include: ["httpMetadata", "customMetadata"] });
        return Promise.all(objects.map(async ({ key, size, etag, httpMetadata, customMetadata }) => {
          const text = await (await BUCKET.get(key)).text();
          return [key, size, etag, httpMetadata, customMetadata, text === CONTENTS[key]];
        }));
      },
      async cached(env, name, url) {
        const cache = name === null ? caches.default : await caches.open(name);
        const response = await cache.match(url);
        return response && [await response.text(), response.headers.get("content-type")];
      },
    };`,
  });
  for (const kind of kinds) cpSync(join(FIXTURE, kind), join(cwd, below, kind), { recursive: true });
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
    const cwd = projectWithState(["kv"]);
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

  test("R2", async () => {
    const cwd = projectWithState(["r2"]);
    const { stderr } = await importing(cwd);
    expect(stderr).toContain('R2 bucket "photos": 4 added, 0 replaced, 0 unchanged\n');
    expect(stderr).toContain('warning: R2 bucket "photos": 1 unfinished multipart uploads are left out\n');
    const { stdout } = await cli(["invoke", "objects"], { cwd });
    expect(JSON.parse(stdout)).toEqual([
      ["empty", 0, "d41d8cd98f00b204e9800998ecf8427e", {}, {}, true],
      ["large.bin", 150_000, "c244daafb5f4006faf883db1ad5ed563", {}, {}, true],
      [
        "parts.bin",
        1000,
        "36846eff2a6ae79dcd70c6de95eefa6c-1",
        { contentType: "application/x-parts" },
        {},
        true,
      ],
      [
        "small.txt",
        9,
        "c5d2e83d5c17a3d29807c060e97c675f",
        { contentType: "text/plain", cacheControl: "max-age=60", cacheExpiry: "2100-01-01T00:00:00.000Z" },
        { by: "é" },
        true,
      ],
    ]);
    const again = await importing(cwd);
    expect(again.stderr).toContain('R2 bucket "photos": 0 added, 0 replaced, 4 unchanged\n');
  });

  test("D1", async () => {
    const cwd = projectWithState(["d1"]);
    const query = async (sql: string) => {
      const { stdout } = await command(["d1", "execute", "DB", "--json", "--command", sql], { cwd });
      return (JSON.parse(stdout) as { results: unknown[] }[])[0]?.results;
    };
    const imported = (counts: string) => expect.stringContaining(`D1 database "d1-database-id": ${counts}\n`);
    expect((await importing(cwd)).stderr).toEqual(imported("1 added, 0 replaced, 0 unchanged"));
    expect(await query("SELECT * FROM users ORDER BY id")).toEqual([
      { id: 1, name: "Ada é", photo: "[1, 2, 3]" },
      { id: 7, name: "Bo", photo: null },
    ]);
    expect(await query("SELECT body FROM notes WHERE notes MATCH 'searchable'")).toHaveLength(1);
    expect(await query("SELECT name FROM sqlite_schema WHERE name IN ('by_name', '_cf_METADATA')")).toEqual([
      { name: "by_name" },
    ]);
    expect((await importing(cwd)).stderr).toEqual(imported("0 added, 0 replaced, 1 unchanged"));
    await query("DELETE FROM users WHERE id = 1");
    expect((await importing(cwd)).stderr).toEqual(imported("0 added, 1 replaced, 0 unchanged"));
    expect(await query("SELECT count(*) AS n FROM users")).toEqual([{ n: 2 }]);
  });

  test("the cache", async () => {
    const cwd = projectWithState(["cache"]);
    expect((await importing(cwd)).stderr).toContain('cache "default": 2 added, 0 replaced, 0 unchanged\n');
    const cached = async (name: string | null, url: string) => {
      const { stdout } = await cli(["invoke", "cached", JSON.stringify(name), url], { cwd });
      return JSON.parse(stdout) as unknown;
    };
    expect(await cached(null, "https://example.com/a?x=1")).toEqual(["kept", "text/plain"]);
    expect(await cached("named one", "https://example.com/a")).toEqual(["kept by name", "text/plain"]);
  });

  test("a second time changes nothing, and what has changed here is what it was", async () => {
    const cwd = projectWithState(["kv", "cache"]);
    await importing(cwd);
    const again = await importing(cwd);
    const counts = [...again.stderr.matchAll(/: (\d+) added, (\d+) replaced, (\d+) unchanged/g)];
    expect(counts).toHaveLength(5);
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
    const cwd = projectWithState(["kv", "d1", "do"]);
    rmSync(join(cwd, ".wrangler/state/v3/kv/other"), { recursive: true });
    write(cwd, { "wrangler.json": '{"name":"shop"}' });
    const { stderr, code } = await importing(cwd);
    expect(code).toBe(0);
    expect(stderr).toContain(
      "warning: do/shop-Counter is left out (1 object): this version has no such storage\n",
    );
    expect(stderr).toMatch(
      /^warning: .*KVNamespaceObject.*\.sqlite is left out: nothing in kv_namespaces has the id that it is named after$/m,
    );
    expect(stderr).toMatch(
      /^warning: .*D1DatabaseObject.*\.sqlite is left out: nothing in d1_databases has the id/m,
    );
  });

  test.each([
    ["mf", "mf"],
    ["else", "else/v3"],
    ["w/.wrangler", "w/.wrangler/state/v3"],
    ["other-project", "other-project/.wrangler/state/v3"],
  ])("finds it in %s", async (named, below) => {
    const cwd = projectWithState(["kv"], {}, below);
    expect((await importing(cwd, named)).stderr).toContain("6 added");
  });

  test("the source stays as it is, and other environments have other ids", async () => {
    const cwd = projectWithState(["kv"], {
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
    const cwd = projectWithState(["kv"]);
    const writer = new Sqlite(databaseOf(cwd, "kv", "text"));
    writer.exec("BEGIN IMMEDIATE; DELETE FROM _mf_entries");
    expect((await importing(cwd)).stderr).toContain("6 added");
    writer.exec("ROLLBACK");
    writer.pragma("locking_mode = EXCLUSIVE");
    writer.exec("BEGIN EXCLUSIVE; DELETE FROM _mf_entries; COMMIT; BEGIN EXCLUSIVE");
    const { stderr, code } = await importing(cwd);
    writer.close();
    expect(code).toBe(2);
    expect(stderr).toContain(
      "locked by another process. (STATE_UNAVAILABLE)\nIf wrangler dev is running there, stop it",
    );
  });

  test("what is damaged or missing is an error that names it", async () => {
    const cwd = projectWithState(["kv"]);
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
