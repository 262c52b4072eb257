import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { storePaths } from "../../src/storage/paths.ts";
import { cli, cliBytes, folder, startServer } from "../helpers/cli.ts";
import { command, commandBytes } from "../helpers/command.ts";

const CONFIG = JSON.stringify({
  name: "shop",
  main: "index.js",
  kv_namespaces: [{ binding: "KV", id: "ns" }],
});
const ONE = { "wrangler.json": CONFIG };

const kv = (cwd: string, args: readonly string[], input?: string) =>
  command(["kv", ...args], input === undefined ? { cwd } : { cwd, input });

/** Runs a command that must succeed in silence, but for its message. */
async function said(cwd: string, args: readonly string[], input?: string): Promise<string> {
  const { stdout, stderr, code } = await kv(cwd, args, input);
  expect([stdout, code, stderr.includes("error:")]).toEqual(["", 0, false]);
  return stderr;
}

/** What a command that fails says, and its exit code. */
async function refused(cwd: string, args: readonly string[], input?: string) {
  const { stdout, stderr, code } = await kv(cwd, args, input);
  expect(stdout).toBe("");
  return [stderr.split("\n", 1)[0], code];
}

describe.concurrent("worker kv key", () => {
  test("put, get, list, delete", async () => {
    const cwd = folder(ONE);
    expect(await said(cwd, ["key", "put", "greeting", "hello é"])).toBe(
      'Wrote the key "greeting" of KV (id "ns").\n',
    );
    expect(await kv(cwd, ["key", "get", "greeting"])).toEqual({ stdout: "hello é", stderr: "", code: 0 });
    expect((await kv(cwd, ["key", "get", "greeting", "--text"])).stdout).toBe("hello é\n");
    const expiration = Math.floor(Date.now() / 1000) + 5000;
    const settings = ["--expiration", `${expiration}`, "--metadata", '{"by":["é",1]}'];
    await said(cwd, ["key", "put", "b", "", ...settings, "--binding", "KV", "--local"]);
    expect((await kv(cwd, ["key", "list"])).stdout).toBe(
      `[
  {
    "name": "b",
    "expiration": ${expiration},
    "metadata": {
      "by": [
        "é",
        1
      ]
    }
  },
  {
    "name": "greeting"
  }
]
`,
    );
    expect((await kv(cwd, ["key", "list", "--prefix", "gr"])).stdout).toBe(
      '[\n  {\n    "name": "greeting"\n  }\n]\n',
    );
    expect(await said(cwd, ["key", "delete", "b"])).toBe('Deleted the key "b" of KV (id "ns").\n');
    await said(cwd, ["key", "delete", "b"]);
    expect((await kv(cwd, ["key", "list", "--prefix", "b"])).stdout).toBe("[]\n");
    expect(await refused(cwd, ["key", "get", "b"])).toEqual([
      'error: The key "b" of KV (id "ns") has no value. (KEY_NOT_FOUND)',
      1,
    ]);
  });

  test("values are kept byte for byte, small and large, from files and from stdin", async () => {
    const cwd = folder(ONE);
    for (const size of [5, 1_000_000]) {
      const bytes = Buffer.alloc(size, Buffer.from([0, 255, 10, 13, 128, 195]));
      writeFileSync(join(cwd, "value.bin"), bytes);
      await said(cwd, ["key", "put", "bytes", "--path", "value.bin"]);
      const { stdout, code } = await commandBytes(["kv", "key", "get", "bytes"], { cwd });
      expect([stdout.equals(bytes), code]).toEqual([true, 0]);
    }
    await said(cwd, ["key", "put", "piped", "--path", "-"], "é".repeat(100_000));
    expect((await kv(cwd, ["key", "get", "piped", "--text"])).stdout).toBe(`${"é".repeat(100_000)}\n`);
  });

  test("as a process of its own", async () => {
    const cwd = folder(ONE);
    const put = await cli(["kv", "key", "put", "a", "--path", "-"], { cwd, input: "x".repeat(500_000) });
    expect(put).toEqual({ stdout: "", stderr: 'Wrote the key "a" of KV (id "ns").\n', code: 0 });
    const { stdout, code } = await cliBytes(["kv", "key", "get", "a"], { cwd });
    expect([stdout.equals(Buffer.alloc(500_000, "x")), code]).toEqual([true, 0]);
  });

  test("hostile keys are keys", async () => {
    const cwd = folder(ONE);
    for (const key of ["../../x", "__proto__", "a b\n", "🧨"]) {
      await said(cwd, ["key", "put", key, `value of ${key}`]);
      expect((await kv(cwd, ["key", "get", key])).stdout).toBe(`value of ${key}`);
    }
    await said(cwd, ["key", "put", "--", "--dashed", "-1"]);
    expect((await kv(cwd, ["key", "get", "--", "--dashed"])).stdout).toBe("-1");
  });

  test("a list of more than one page", async () => {
    const cwd = folder(ONE);
    const items = Array.from({ length: 2345 }, (_, index) => ({ key: `k${index}`, value: "" }));
    await said(cwd, ["bulk", "put", "-"], JSON.stringify(items));
    const { stdout } = await kv(cwd, ["key", "list"]);
    const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(items.map(({ key }) => key).toSorted());
  });

  test("Cloudflare's limits and wrong usage", async () => {
    const cwd = folder(ONE);
    writeFileSync(join(cwd, "huge"), Buffer.alloc(25 * 1024 * 1024 + 1));
    const put = (...rest: string[]) => refused(cwd, ["key", "put", "key", ...rest]);
    expect(
      await Promise.all([
        put("v", "--ttl", "59"),
        put("v", "--expiration", "1000"),
        put("v", "--metadata", JSON.stringify("x".repeat(1023))),
        put("v", "--metadata", "{oops"),
        put("v", "--ttl", "soon"),
        put("--path", "huge"),
        put("--path", "nowhere"),
        put(),
        put("v", "--path", "huge"),
        refused(cwd, ["key", "put", "", "v"]),
        refused(cwd, ["key", "get", "x".repeat(513)]),
        refused(cwd, ["key", "put", "..", "v"]),
      ]),
    ).toEqual([
      ["error: Invalid expiration_ttl of 59. Expiration TTL must be at least 60. (USAGE)", 2],
      [
        "error: Invalid expiration of 1000. Please specify integer greater than the current number of seconds since the UNIX epoch. (USAGE)",
        2,
      ],
      ["error: Metadata length of 1025 exceeds limit of 1024. (USAGE)", 2],
      ['error: --metadata takes JSON, not "{oops". (USAGE)', 2],
      ['error: --ttl takes a whole number from 1 to 2147483647, not "soon". (USAGE)', 2],
      ["error: Value length of 26214401 exceeds limit of 26214400. (USAGE)", 2],
      [expect.stringMatching(/^error: Cannot read "nowhere": ENOENT.*\(FILE_UNREADABLE\)$/), 2],
      ["error: There is no value to put. (USAGE)", 2],
      ["error: There are two values to put: one given, one in --path. (USAGE)", 2],
      ["error: Key name cannot be empty. (USAGE)", 2],
      ["error: UTF-8 encoded length of 513 exceeds key length limit of 512. (USAGE)", 2],
      ['error: ".." is not allowed as a key name. (USAGE)', 2],
    ]);
    expect((await kv(cwd, ["key", "list"])).stdout).toBe("[]\n");
  });
});

describe.concurrent("worker kv bulk", () => {
  test("put, get and delete", async () => {
    const cwd = folder({
      ...ONE,
      "seed.json": JSON.stringify([
        { key: "1", value: "one", metadata: { m: 1 } },
        { key: "two", value: "aMOp", base64: true, expiration_ttl: 600 },
        { key: "two", value: "AP8=", base64: true },
        { key: "__proto__", value: "three", note: "?" },
      ]),
      "keys.json": JSON.stringify(["two", { name: "1" }, "none", "__proto__", "1"]),
    });
    const message = await said(cwd, ["bulk", "put", "seed.json", "--metadata", "[0]"]);
    expect(message).toBe(
      'warning: "seed.json" has properties that mean nothing: "note"\nWrote 4 keys of KV (id "ns").\n',
    );
    expect((await commandBytes(["kv", "key", "get", "two"], { cwd })).stdout).toEqual(Buffer.from([0, 255]));
    const listed = JSON.parse((await kv(cwd, ["key", "list"])).stdout) as unknown;
    expect(listed).toEqual([
      { name: "1", metadata: { m: 1 } },
      { name: "__proto__", metadata: [0] },
      { name: "two", metadata: [0] },
    ]);
    expect((await kv(cwd, ["bulk", "get", "keys.json"])).stdout).toBe(`{
  "two": {
    "value": "\\u0000\uFFFD"
  },
  "1": {
    "value": "one"
  },
  "none": {
    "value": null
  },
  "__proto__": {
    "value": "three"
  }
}
`);
    expect(await said(cwd, ["bulk", "delete", "keys.json"])).toBe('Deleted 5 keys of KV (id "ns").\n');
    expect((await kv(cwd, ["key", "list"])).stdout).toBe("[]\n");
    await said(cwd, ["bulk", "delete", "-f", "keys.json"]);
  });

  test("on a terminal, delete asks first", async () => {
    const cwd = folder(ONE);
    writeFileSync(join(cwd, "keys.json"), '["a"]');
    await said(cwd, ["key", "put", "a", "v"]);
    const remove = (typed: string) => command(["kv", "bulk", "delete", "keys.json"], { cwd, typed });
    for (const answer of ["\n", "n\n", "nonsense\n", ""]) {
      const { stderr, code } = await remove(answer);
      expect(stderr).toContain('Delete 1 key of KV (id "ns")? (y/N)');
      expect(code).toBe(1);
      expect((await kv(cwd, ["key", "get", "a"])).stdout).toBe("v");
    }
    expect((await remove("y\n")).code).toBe(0);
    expect((await kv(cwd, ["key", "list"])).stdout).toBe("[]\n");
  });

  test("the options are for entries that do not say it themselves", async () => {
    const cwd = folder(ONE);
    const later = Math.floor(Date.now() / 1000) + 100_000;
    const items = [
      { key: "a", value: "" },
      { key: "b", value: "", expiration: later, metadata: "own" },
    ];
    await said(cwd, ["bulk", "put", "-", "--ttl", "600", "--metadata", '"common"'], JSON.stringify(items));
    const listed = JSON.parse((await kv(cwd, ["key", "list"])).stdout) as { expiration: number }[];
    expect(listed).toMatchObject([{ metadata: "common" }, { metadata: "own", expiration: later }]);
    expect((listed[0]?.expiration ?? 0) - Date.now() / 1000).toBeGreaterThan(500);
  });

  test("what is in a file that cannot be used", async () => {
    const cwd = folder(ONE);
    const put = (content: unknown) => kv(cwd, ["bulk", "put", "-"], JSON.stringify(content));
    const { stderr, code } = await put([
      { key: "fine", value: "" },
      { key: 5, value: "" },
      { key: "a" },
      { key: "a", value: "x", expiration_ttl: 60.5 },
      { key: "a", value: "not base64!", base64: true },
      "a",
    ]);
    expect([stderr, code]).toEqual([
      `error: "-" holds items that cannot be used. (USAGE)
  item 1 is {"key":5,"value":""}: "key" is a string
  item 2 is {"key":"a"}: "value" is a string
  item 3 is {"key":"a","value":"x","expiration_ttl":60.5}: "expiration_ttl" is a whole number of seconds
  item 4 is {"key":"a","value":"not base64!","base64":true}: "value" is not base64
  item 5 is "a"
It is an array of objects with "key" and "value" (strings) and, if you like, "expiration", "expiration_ttl", "metadata", "base64".
`,
      2,
    ]);
    expect((await kv(cwd, ["key", "list"])).stdout).toBe("[]\n");
    expect(
      (
        await put([
          { key: "a", value: "" },
          { key: "", value: "" },
        ])
      ).stderr,
    ).toMatch(/^error: Item 1: Key name cannot be empty\. \(USAGE\)\n/);
    expect((await put({})).stderr).toMatch(/^error: "-" holds no JSON array, but: object\. \(USAGE\)\n/);
    const inputs = [
      ["bulk", "get", "nowhere.json"],
      ["bulk", "delete", "-"],
    ];
    expect(await Promise.all(inputs.map(args => refused(cwd, args, "[oops")))).toEqual([
      [expect.stringMatching(/^error: Cannot read "nowhere.json".*\(FILE_UNREADABLE\)$/), 2],
      [expect.stringMatching(/^error: "-" is not valid JSON: .*\(USAGE\)$/), 2],
    ]);
    expect(await refused(cwd, ["bulk", "delete", "-"], '["a", 5]')).toEqual([
      'error: "-" holds items that cannot be used. (USAGE)',
      2,
    ]);
  });
});

describe.concurrent("which namespace", () => {
  const SEVERAL = {
    "wrangler.json": JSON.stringify({
      name: "shop",
      kv_namespaces: [{ binding: "A", id: "ida", preview_id: "ida-preview" }, { binding: "B" }],
      env: { live: { kv_namespaces: [{ binding: "A", id: "live-a" }] } },
    }),
  };

  test("is named by its binding, by its id, or is the only one", async () => {
    const cwd = folder(SEVERAL);
    const commands = [
      ["--binding", "A"],
      ["--binding", "A", "--preview"],
      ["--binding", "A", "--no-preview"],
      ["--binding", "B"],
      ["--namespace-id", "../else where"],
      ["--env", "live"],
    ];
    const names = [];
    for (const options of commands) names.push(await said(cwd, ["key", "put", "k", "v", ...options]));
    expect(names.map(text => /of (.*)\.\n/.exec(text)?.[1])).toEqual([
      'A (id "ida-preview")',
      'A (id "ida-preview")',
      'A (id "ida")',
      'B (id "B-shop")',
      'the namespace "../else where"',
      'A (id "live-a")',
    ]);
    const { stdout } = await kv(cwd, ["namespace", "list"]);
    expect(JSON.parse(stdout)).toEqual([
      { id: "ida", title: "A" },
      { id: "ida-preview", title: "A_preview" },
      { id: "B-shop", title: "B" },
      { id: null, title: expect.stringMatching(/^else-where~[0-9a-f]{24}$/) },
      { id: "live-a", title: "live-a" },
    ]);
  });

  test("that cannot be told is an error", async () => {
    const cwd = folder(SEVERAL);
    const list = (...options: string[]) => refused(cwd, ["key", "list", ...options]);
    expect(
      await Promise.all([
        list(),
        list("--binding", "C"),
        list("--binding", "B", "--preview"),
        list("--binding", "A", "--namespace-id", "x"),
        list("--namespace-id", "x", "--preview"),
        refused(folder({}), ["key", "list"]),
      ]),
    ).toEqual([
      ["error: The configuration has several KV namespaces: A, B. (USAGE)", 2],
      ['error: The configuration has no KV namespace with the binding "C". (BINDING_NOT_FOUND)', 2],
      ['error: The binding "B" has no preview_id. (BINDING_NOT_FOUND)', 2],
      ["error: --namespace-id names the namespace by itself, and --binding names another. (USAGE)", 2],
      ["error: --namespace-id names the namespace by itself, and --preview names another. (USAGE)", 2],
      ["error: The configuration has no KV namespace. (BINDING_NOT_FOUND)", 2],
    ]);
  });

  test("another folder", async () => {
    const cwd = folder({});
    await said(cwd, ["key", "put", "k", "v", "--namespace-id", "n", "--persist-to", "elsewhere"]);
    expect(readFileSync(storePaths(join(cwd, "elsewhere"), "kv", "n").database).length).toBeGreaterThan(0);
  });
});

const WORKER = `export default {
  async fetch(request, { KV }) {
    const key = new URL(request.url).pathname.slice(1);
    if (request.method === "PUT") { await KV.put(key, request.body); return new Response("put"); }
    return new Response(await KV.get(key, "stream"));
  },
};`;

test("beside a running server, each sees what the other wrote at once", async () => {
  const cwd = folder({ ...ONE, "index.js": WORKER });
  const server = await startServer(["dev"], { cwd });
  const large = "x".repeat(300_000);
  await cli(["kv", "key", "put", "from-command", "--path", "-"], { cwd, input: large });
  expect(await (await fetch(`${server.url}/from-command`)).text()).toBe(large);
  await fetch(`${server.url}/from-worker`, { method: "PUT", body: "hello" });
  expect((await kv(cwd, ["key", "get", "from-worker"])).stdout).toBe("hello");
  await said(cwd, ["key", "delete", "from-worker"]);
  expect(await (await fetch(`${server.url}/from-worker`)).text()).toBe("");
});

test("a damaged database is named, with what to do", async () => {
  const cwd = folder({ ...ONE, "index.js": WORKER });
  await said(cwd, ["key", "put", "a", "b"]);
  const { database } = storePaths(join(cwd, ".worker", "state"), "kv", "ns");
  writeFileSync(database, "no database at all".repeat(1000));
  const { stderr, code } = await kv(cwd, ["key", "get", "a"]);
  expect([stderr, code]).toEqual([
    expect.stringMatching(
      /^error: The database .* is damaged: .*\. \(STATE_DAMAGED\)\nRestore it from a copy/,
    ),
    2,
  ]);
  expect(stderr).toContain(database);
  const worker = await cli(["run", "--request", "/a"], { cwd });
  expect(worker.stderr).toContain(`KV GET failed: 500 The database ${database} is damaged`);
});
