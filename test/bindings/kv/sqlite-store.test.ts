import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { LIST, SqliteKVStore } from "../../../src/bindings/kv/sqlite-store.ts";
import type { KVStore } from "../../../src/bindings/kv/store.ts";
import { UserError } from "../../../src/errors.ts";
import { type StorePaths, storePaths } from "../../../src/storage/paths.ts";
import { openDatabase } from "../../../src/storage/sqlite.ts";
import { ManualClock } from "../../storage/manual-clock.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";
import { bytesOf, textOf } from "./store-suite.ts";

const FOREVER = { expiration: null, metadata: null };
const LARGE = Buffer.alloc(200_000, "large");
const putter = fileURLToPath(new URL("../../storage/putter.ts", import.meta.url));

function open(paths: StorePaths, clock = new ManualClock(0)): KVStore {
  const store = new SqliteKVStore(paths, clock);
  onTestFinished(() => store.close());
  return store;
}

const newPaths = () => storePaths(temporaryFolder(), "kv", "shared");

const blobsOf = (paths: StorePaths) => (existsSync(paths.blobs) ? readdirSync(paths.blobs) : []);

/** Starts a process that puts; `acknowledged` grows as it says so. */
function startPutter(stateDir: string, name: string) {
  const child: ChildProcess = spawn(process.execPath, [putter, stateDir, name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  let heard = () => {};
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    heard();
  });
  const said = (count: number) =>
    new Promise<void>(resolve => {
      heard = () => {
        if (output.split("\n").length > count) resolve();
      };
      heard();
    });
  const ended = once(child, "close").then(([code]: unknown[]) => code);
  // The last line may have been cut off by the kill.
  const lines = () =>
    output
      .slice(0, output.lastIndexOf("\n") + 1)
      .split("\n")
      .filter(Boolean);
  return { child, said, ended, lines };
}

async function allKeys(store: KVStore): Promise<string[]> {
  const names: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await store.list({ prefix: "", limit: 1000, cursor });
    names.push(...page.keys.map(key => key.name));
    cursor = page.cursor;
    if (cursor === null) return names;
  }
}

const contentOf = (key: string) => key.repeat(Number(key.split("-")[1]) % 7 === 0 ? 20_000 : 10);

test("SIGKILL in the middle of puts loses none that was acknowledged, and leaves no trace of the others", async () => {
  const stateDir = temporaryFolder();
  const paths = storePaths(stateDir, "kv", "shared");
  const acknowledged: string[] = [];
  for (const [round, moment] of [1, 30, 300].entries()) {
    const { child, said, ended, lines } = startPutter(stateDir, `r${round}`);
    await said(moment);
    child.kill("SIGKILL");
    await ended;
    expect(lines()).not.toContain("finished");
    acknowledged.push(...lines().filter(line => line !== "started"));
  }
  expect(acknowledged.length).toBeGreaterThan(300);
  const store = open(paths);
  const keys = await allKeys(store);
  expect(keys).toEqual(expect.arrayContaining(acknowledged));
  for (const key of keys) expect(await textOf(await store.get(key))).toBe(contentOf(key));
  await store.close();
  const large = keys.filter(key => contentOf(key).length > 100 * 1024);
  expect(blobsOf(paths)).toHaveLength(large.length);
}, 30_000);

test("two processes write to one namespace at once", async () => {
  const stateDir = temporaryFolder();
  const putters = ["a", "b"].map(name => startPutter(stateDir, name));
  expect(await Promise.all(putters.map(({ ended }) => ended))).toEqual([0, 0]);
  const store = open(storePaths(stateDir, "kv", "shared"));
  const keys = await allKeys(store);
  expect(keys).toHaveLength(2000);
  for (const key of keys) expect(await textOf(await store.get(key))).toBe(contentOf(key));
}, 30_000);

test("two stores open on a new folder at the same moment", async () => {
  const paths = newPaths();
  const stores = Array.from({ length: 8 }, () => open(paths));
  await Promise.all(stores.map((store, index) => store.put(`k${index}`, LARGE, FOREVER)));
  for (const store of stores) expect(await allKeys(store)).toHaveLength(8);
});

test("nothing is on the disk before the first call", async () => {
  const paths = newPaths();
  const store = open(paths);
  expect(existsSync(dirname(paths.database))).toBe(false);
  await store.get("a");
  expect(existsSync(paths.database)).toBe(true);
  expect(existsSync(paths.blobs)).toBe(false);
});

test("what is stored outlives the store", async () => {
  const paths = newPaths();
  const first = open(paths);
  await first.put("small", Buffer.from("1"), { expiration: 1000, metadata: '{"a":1}' });
  await first.put("large", LARGE, FOREVER);
  await first.close();
  const second = open(paths);
  expect(await second.get("small")).toMatchObject({ expiration: 1000, metadata: '{"a":1}', size: 1 });
  expect((await bytesOf(await second.get("large")))?.equals(LARGE)).toBe(true);
});

describe("files of large values", () => {
  test("go when the entry is replaced, deleted or expired", async () => {
    const clock = new ManualClock(0);
    const paths = newPaths();
    const store = open(paths, clock);
    await store.put("replaced", LARGE, FOREVER);
    await store.put("replaced", LARGE, FOREVER);
    await store.put("shrunk", LARGE, FOREVER);
    await store.put("shrunk", Buffer.from("small"), FOREVER);
    await store.put("deleted", LARGE, FOREVER);
    await store.delete("deleted");
    await store.put("expired", LARGE, { expiration: 60, metadata: null });
    clock.advance(120_000);
    await store.put("other", Buffer.from("small"), FOREVER);
    await store.close();
    expect(blobsOf(paths)).toHaveLength(1);
  });

  test("are never named by keys", async () => {
    const paths = newPaths();
    const store = open(paths);
    for (const key of ["../../escape", "/etc/passwd", "a\0b", ".."]) await store.put(key, LARGE, FOREVER);
    for (const name of blobsOf(paths)) expect(name).toMatch(/^[0-9a-f]{32}$/);
    expect(readdirSync(dirname(paths.database)).sort()[0]).toBe("shared.blobs");
  });

  test("that a killed process left are removed at the next start, foreign files are not", async () => {
    const paths = newPaths();
    const first = open(paths);
    await first.put("a", LARGE, FOREVER);
    await first.close();
    writeFileSync(join(paths.blobs, "0".repeat(32)), "orphan");
    writeFileSync(join(paths.blobs, "notes.txt"), "somebody's");
    const second = open(paths);
    expect((await bytesOf(await second.get("a")))?.equals(LARGE)).toBe(true);
    await second.close();
    expect(blobsOf(paths)).toHaveLength(2);
    expect(readFileSync(join(paths.blobs, "notes.txt"), "utf8")).toBe("somebody's");
  });

  test("that are gone or cut off are an error that names the folder", async () => {
    const paths = newPaths();
    const store = open(paths);
    await store.put("a", LARGE, FOREVER);
    const damages = [
      () => {
        for (const name of blobsOf(paths)) truncateSync(join(paths.blobs, name), 100);
      },
      () => rmSync(paths.blobs, { recursive: true }),
    ];
    for (const damage of damages) {
      damage();
      const error = await store.get("a").catch((error: unknown) => error);
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).code).toBe("STATE_DAMAGED");
      expect((error as UserError).message).toContain(paths.blobs);
    }
    await store.put("a", LARGE, FOREVER);
    expect((await bytesOf(await store.get("a")))?.equals(LARGE)).toBe(true);
  });
});

describe("a damaged database", () => {
  const errorOf = async (store: KVStore) => {
    const error: unknown = await store.get("a").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  };

  test.each([
    ["is no database", () => "this was never a database, whatever its name says".repeat(100)],
    [
      "has a page overwritten",
      (whole: Buffer) => Buffer.concat([whole.subarray(0, 100), Buffer.alloc(8092, 0xa5)]),
    ],
  ])("that %s is named, with what to do", async (_, damage) => {
    const paths = newPaths();
    const first = open(paths);
    await first.put("a", Buffer.from("1"), FOREVER);
    await first.close();
    writeFileSync(paths.database, damage(readFileSync(paths.database)));
    const error = await errorOf(open(paths));
    expect(error.code).toBe("STATE_DAMAGED");
    expect(error.message).toContain(paths.database);
    expect(error.hint).toContain("delete it");
  });

  test("of a newer version is not touched", async () => {
    const paths = newPaths();
    (await openDatabase(paths.database, ["", "", "CREATE TABLE future (x)"])).close();
    const before = readFileSync(paths.database);
    const error = await errorOf(open(paths));
    expect(error.code).toBe("STATE_DAMAGED");
    expect(error.hint).toContain("Update worker");
    expect(readFileSync(paths.database)).toEqual(before);
  });

  test("can be put in order while the program runs", async () => {
    const paths = newPaths();
    const store = open(paths);
    mkdirSync(dirname(paths.database), { recursive: true });
    writeFileSync(paths.database, "x".repeat(5000));
    await errorOf(store);
    writeFileSync(paths.database, "");
    expect(await store.get("a")).toBe(null);
  });
});

test("a folder that cannot be made is an error that names it", async () => {
  const stateDir = join(temporaryFolder(), "file");
  writeFileSync(stateDir, "");
  const error = await open(storePaths(stateDir, "kv", "a"))
    .get("a")
    .catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).code).toBe("STATE_UNAVAILABLE");
  expect((error as UserError).message).toContain(stateDir);
});

test("the last page of a long list costs what the first one does", async () => {
  const paths = newPaths();
  const store = open(paths);
  const keys = Array.from({ length: 5000 }, (_, index) => `k${String(index).padStart(6, "0")}`);
  await Promise.all(keys.map(key => store.put(key, Buffer.alloc(0), FOREVER)));
  expect(await allKeys(store)).toEqual(keys);
  await store.close();
  const database = new Sqlite(paths.database);
  onTestFinished(() => void database.close());
  const plan = database
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${LIST}`)
    .all("k1", "l", 0, 1000);
  expect(plan.map(step => step.detail)).toEqual(["SEARCH entries USING PRIMARY KEY (key>? AND key<?)"]);
});
