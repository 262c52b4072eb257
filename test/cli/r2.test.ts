import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cli, folder, startServer } from "../helpers/cli.ts";
import { command, commandBytes } from "../helpers/command.ts";

const CONFIG = JSON.stringify({
  name: "shop",
  main: "index.js",
  r2_buckets: [{ binding: "FILES", bucket_name: "files" }, { binding: "OTHER" }],
});
const PROJECT = { "wrangler.json": CONFIG };

const r2 = (cwd: string, args: readonly string[], input?: string | Uint8Array) =>
  command(["r2", ...args], input === undefined ? { cwd } : { cwd, input });

/** Runs a command that must succeed in silence, but for its message. */
async function said(cwd: string, args: readonly string[], input?: string | Uint8Array): Promise<string> {
  const { stdout, stderr, code } = await r2(cwd, args, input);
  expect([stdout, code, stderr.includes("error:")]).toEqual(["", 0, false]);
  return stderr;
}

/** What a command that fails says, and its exit code. */
async function refused(cwd: string, args: readonly string[], input?: string) {
  const { stdout, stderr, code } = await r2(cwd, args, input);
  expect(stdout).toBe("");
  return [stderr.split("\n", 1)[0], code];
}

const listed = async (cwd: string, ...args: string[]) =>
  JSON.parse((await r2(cwd, ["object", "list", ...args])).stdout) as Record<string, unknown>[];

describe.concurrent("worker r2 object", () => {
  test("put, get, list, delete", async () => {
    const cwd = folder({ ...PROJECT, "a.txt": "content é" });
    expect(await said(cwd, ["object", "put", "files/x/a.txt", "--file", "a.txt"])).toBe(
      'Stored "x/a.txt" in the bucket files: 10 bytes.\n',
    );
    expect(await said(cwd, ["object", "get", "files/x/a.txt"])).toBe(
      `Wrote ${join(cwd, "x/a.txt")}: 10 bytes.\n`,
    );
    expect(readFileSync(join(cwd, "x/a.txt"), "utf8")).toBe("content é");
    expect(readdirSync(join(cwd, "x"))).toEqual(["a.txt"]);
    expect(await r2(cwd, ["object", "get", "files/x/a.txt", "--pipe"])).toEqual({
      stdout: "content é",
      stderr: "",
      code: 0,
    });
    await said(cwd, ["object", "get", "FILES/x/a.txt", "-f", "other/copy.txt"]);
    expect(readFileSync(join(cwd, "other/copy.txt"), "utf8")).toBe("content é");
    expect(await listed(cwd, "files")).toEqual([
      {
        key: "x/a.txt",
        size: 10,
        etag: createHash("md5").update("content é").digest("hex"),
        uploaded: expect.stringMatching(/^\d{4}-.*Z$/),
        httpMetadata: {},
        customMetadata: {},
        storageClass: "Standard",
      },
    ]);
    expect(await said(cwd, ["object", "delete", "files/x/a.txt"])).toBe(
      'Removed "x/a.txt" from the bucket files.\n',
    );
    await said(cwd, ["object", "delete", "files/x/a.txt"]);
    expect(await listed(cwd, "files")).toEqual([]);
    expect(await refused(cwd, ["object", "get", "files/x/a.txt"])).toEqual([
      'error: The bucket files has no object "x/a.txt". (KEY_NOT_FOUND)',
      1,
    ]);
  });

  test("metadata, by wrangler's names", async () => {
    const cwd = folder(PROJECT);
    const options = [
      ["--content-type", "text/css"],
      ["--cd", "inline"],
      ["--content-encoding", "gzip"],
      ["--cl", "de"],
      ["--cache-control", "no-store"],
      ["--expires", "2030-01-01T00:00:00Z"],
      ["-s", "InfrequentAccess"],
    ];
    await said(cwd, ["object", "put", "files/a", "--pipe", ...options.flat()], "x");
    expect(await listed(cwd, "files")).toMatchObject([
      {
        httpMetadata: {
          contentType: "text/css",
          contentDisposition: "inline",
          contentEncoding: "gzip",
          contentLanguage: "de",
          cacheControl: "no-store",
          cacheExpiry: "2030-01-01T00:00:00.000Z",
        },
        storageClass: "InfrequentAccess",
      },
    ]);
  });

  test("bytes of every kind, through files and pipes", async () => {
    const cwd = folder(PROJECT);
    const bytes = randomBytes(300_000);
    await said(cwd, ["object", "put", "files/bytes", "--pipe"], bytes);
    const { stdout } = await commandBytes(["r2", "object", "get", "files/bytes", "--pipe"], { cwd });
    expect(stdout.equals(bytes)).toBe(true);
    await said(cwd, ["object", "get", "files/bytes", "--file", "back"]);
    expect(readFileSync(join(cwd, "back")).equals(bytes)).toBe(true);
    await said(cwd, ["object", "put", "files/empty", "-p"], "");
    await said(cwd, ["object", "get", "files/empty"]);
    expect(readFileSync(join(cwd, "empty"), "utf8")).toBe("");
  });

  test("a list by prefix, delimiter, start and number", async () => {
    const cwd = folder(PROJECT);
    for (const key of ["a", "b/1", "b/2", "c"]) await said(cwd, ["object", "put", `files/${key}`, "-p"], key);
    const keys = async (...args: string[]) =>
      (await listed(cwd, "files", ...args)).map(({ key, prefix }) => key ?? { prefix });
    expect(await keys()).toEqual(["a", "b/1", "b/2", "c"]);
    expect(await keys("--prefix", "b/")).toEqual(["b/1", "b/2"]);
    expect(await keys("--delimiter", "/")).toEqual(["a", "c", { prefix: "b/" }]);
    expect(await keys("--start-after", "b/1", "--limit", "1")).toEqual(["b/2"]);
  });

  test("refuses what cannot be", async () => {
    const cwd = folder({ ...PROJECT, "a.txt": "x" });
    expect(await refused(cwd, ["object", "put", "files", "-p"])).toEqual([
      'error: "files" is not the path of an object. (USAGE)',
      2,
    ]);
    expect(await refused(cwd, ["object", "put", "files/", "-p"])).toEqual([
      expect.stringContaining("USAGE"),
      2,
    ]);
    expect(await refused(cwd, ["object", "put", "files/a"])).toEqual([
      "error: There is nothing to store. (USAGE)",
      2,
    ]);
    expect(await refused(cwd, ["object", "put", "files/a", "-p", "-f", "a.txt"])).toEqual([
      "error: --file and --pipe name two things to store. (USAGE)",
      2,
    ]);
    expect(await refused(cwd, ["object", "put", "files/a", "--file", "none"])).toEqual([
      expect.stringMatching(/^error: Cannot read "none": .*\(FILE_UNREADABLE\)$/),
      2,
    ]);
    expect(await refused(cwd, ["object", "put", `files/${"x".repeat(1025)}`, "-f", "a.txt"])).toEqual([
      "error: The specified object name is not valid. (USAGE)",
      2,
    ]);
    expect(await refused(cwd, ["object", "put", "files/a", "-p", "--expires", "soon"])).toEqual([
      'error: --expires takes a date, not "soon". (USAGE)',
      2,
    ]);
    expect(await refused(cwd, ["object", "put", "files/a", "-p", "-s", "Cold"])).toEqual([
      'error: --storage-class cannot be "Cold". (USAGE)',
      2,
    ]);
    expect(await refused(cwd, ["object", "list", "typo"])).toEqual([
      'error: There is no bucket "typo". (BINDING_NOT_FOUND)',
      2,
    ]);
    expect(await listed(cwd, "files")).toEqual([]);
  });

  test("a key never picks a file outside of the folder", async () => {
    const cwd = folder(PROJECT);
    for (const key of ["../escaped", "a/../../escaped", "/etc/escaped", "dir/"]) {
      await said(cwd, ["object", "put", `files/${key}`, "-p"], "x");
      expect(await refused(cwd, ["object", "get", `files/${key}`])).toEqual([
        `error: The key ${JSON.stringify(key)} names no file in this folder. (USAGE)`,
        2,
      ]);
      await said(cwd, ["object", "get", `files/${key}`, "--file", "here"]);
    }
    expect(existsSync(join(cwd, "..", "escaped"))).toBe(false);
    writeFileSync(join(cwd, "blocked"), "");
    expect(await refused(cwd, ["object", "get", "files/dir/", "--file", "blocked/x"])).toEqual([
      expect.stringContaining("OUTPUT_UNWRITABLE"),
      2,
    ]);
  });

  test("without a configuration every name is a bucket", async () => {
    const cwd = folder({});
    await said(cwd, ["object", "put", "any/a", "-p"], "x");
    expect((await listed(cwd, "any")).map(({ key }) => key)).toEqual(["a"]);
    expect(await listed(cwd, "other")).toEqual([]);
  });
});

describe.concurrent("worker r2 bulk put", () => {
  test("the files of a list, with one metadata", async () => {
    const items = Array.from({ length: 50 }, (_, index) => ({
      key: `k/${index}`,
      file: `files/${index}.txt`,
    }));
    const files = Object.fromEntries(items.map(({ file, key }) => [file, key]));
    const cwd = folder({ ...PROJECT, ...files, "list.json": JSON.stringify(items) });
    const args = [
      "bulk",
      "put",
      "files",
      "--filename",
      "list.json",
      "--concurrency",
      "3",
      "--ct",
      "text/plain",
    ];
    expect(await said(cwd, args)).toBe("Stored 50 objects in the bucket files.\n");
    const objects = await listed(cwd, "files");
    expect(objects).toHaveLength(50);
    expect(objects[0]).toMatchObject({ key: "k/0", size: 3, httpMetadata: { contentType: "text/plain" } });
    expect(await said(cwd, ["bulk", "put", "files", "-f", "-"], '[{"key":"one","file":"files/1.txt"}]')).toBe(
      "Stored 1 object in the bucket files.\n",
    );
  });

  test("a list with faults stores nothing", async () => {
    const list = [
      { key: "a", file: "a.txt" },
      { key: "b", file: "none" },
      { key: 5 },
      null,
      { key: "d", file: "." },
    ];
    const cwd = folder({ ...PROJECT, "a.txt": "", "list.json": JSON.stringify(list) });
    const { stderr, code } = await r2(cwd, ["bulk", "put", "files", "-f", "list.json"]);
    expect(code).toBe(2);
    expect(stderr).toContain("item 1 names a file that does not exist: none");
    expect(stderr).toContain('item 2 is {"key":5}');
    expect(stderr).toContain("item 3 is null");
    expect(stderr).toContain("item 4 names no file: .");
    expect(await listed(cwd, "files")).toEqual([]);
    expect(await refused(cwd, ["bulk", "put", "files"])).toEqual([
      "error: There is no list of files to store. (USAGE)",
      2,
    ]);
  });
});

test("worker r2 bucket list", async () => {
  const cwd = folder(PROJECT);
  const buckets = async () => JSON.parse((await r2(cwd, ["bucket", "list"])).stdout) as unknown;
  const configured = [
    { name: "files", binding: "FILES" },
    { name: "OTHER-shop", binding: "OTHER" },
  ];
  expect(await buckets()).toEqual(configured);
  await said(cwd, ["object", "put", "OTHER/a", "-p"], "x");
  const elsewhere = folder({});
  await said(elsewhere, ["object", "put", "stray/a", "-p", "--persist-to", join(cwd, ".worker/state")], "x");
  expect(await buckets()).toEqual([...configured, { name: "stray", binding: null }]);
  // A stored bucket is found by its whole name.
  expect(await listed(cwd, "stray")).toHaveLength(1);
  expect(await refused(cwd, ["object", "list", "astray"])).toEqual([
    'error: There is no bucket "astray". (BINDING_NOT_FOUND)',
    2,
  ]);
  expect((await listed(cwd, "stray")).map(({ key }) => key)).toEqual(["a"]);
});

test("beside a running server, in both directions", async () => {
  const cwd = folder({
    ...PROJECT,
    "index.js": `export default { async fetch(request, { FILES }) {
      if (request.method === "PUT") await FILES.put("from-worker", await request.text());
      return new Response(await (await FILES.get("from-cli"))?.text() ?? "nothing");
    } }`,
  });
  const server = await startServer(["run"], { cwd });
  expect(await (await fetch(server.url, { method: "PUT", body: "w" })).text()).toBe("nothing");
  const put = await cli(["r2", "object", "put", "files/from-cli", "--pipe"], { cwd, input: "c" });
  expect(put).toMatchObject({ stdout: "", code: 0 });
  expect(await (await fetch(server.url)).text()).toBe("c");
  expect((await cli(["r2", "object", "get", "files/from-worker", "--pipe"], { cwd })).stdout).toBe("w");
  server.signal("SIGTERM");
  await server.ended;
});

test("a saved state has the objects, large ones among them", async () => {
  const cwd = folder(PROJECT);
  const large = randomBytes(300_000);
  await said(cwd, ["object", "put", "files/large", "--pipe"], large);
  await said(cwd, ["object", "put", "files/small", "--pipe"], "s");
  const state = async (...args: string[]) =>
    expect((await command(["state", ...args], { cwd })).code).toBe(0);
  await state("save", "seed");
  await said(cwd, ["object", "delete", "files/large"]);
  await said(cwd, ["object", "put", "files/later", "--pipe"], "l");
  await state("restore", "seed");
  expect((await listed(cwd, "files")).map(({ key }) => key)).toEqual(["large", "small"]);
  const { stdout } = await commandBytes(["r2", "object", "get", "files/large", "--pipe"], { cwd });
  expect(stdout.equals(large)).toBe(true);
});
