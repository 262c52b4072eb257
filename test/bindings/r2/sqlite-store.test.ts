import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { LIST } from "../../../src/bindings/r2/sqlite/listing.ts";
import { SqliteR2Store } from "../../../src/bindings/r2/sqlite-store.ts";
import type { R2Head, R2PutOptions, R2Store } from "../../../src/bindings/r2/store.ts";
import { type StorePaths, storePaths } from "../../../src/storage/paths.ts";
import { ManualClock } from "../../storage/manual-clock.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";
import { textOf } from "./store-suite.ts";

const PLAIN = { httpMetadata: {}, customMetadata: [], storageClass: "Standard", ssecKeyMd5: null } as const;
const PUT: R2PutOptions = { ...PLAIN, checksums: {}, onlyIf: () => true };
const LARGE = Buffer.alloc(200_000, "large");
const putter = fileURLToPath(new URL("./putter.ts", import.meta.url));

const newPaths = () => storePaths(temporaryFolder(), "r2", "shared");
const blobsOf = (paths: StorePaths) => (existsSync(paths.blobs) ? readdirSync(paths.blobs) : []);
const whole = ({ size }: R2Head) => ({ offset: 0, length: size });
const everything = <T>(parts: readonly T[]) => parts;

function open(paths: StorePaths, clock = new ManualClock(0)): R2Store {
  const store = new SqliteR2Store(paths, clock);
  onTestFinished(() => store.close());
  return store;
}

async function allKeys(store: R2Store): Promise<string[]> {
  const keys: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await store.list({ prefix: "", delimiter: "", limit: 1000, startAfter: null, cursor });
    keys.push(...page.objects.map(({ key }) => key));
    cursor = page.cursor;
    if (cursor === null) return keys;
  }
}

/** Starts a process that puts; `acknowledged` is what it said was stored, as far as it got. */
function startPutter(stateDir: string, name: string) {
  const child: ChildProcess = spawn(process.execPath, [putter, stateDir, name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  const heard = new Set<() => void>();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    for (const look of heard) look();
  });
  return {
    child,
    ended: once(child, "close").then(([code]: unknown[]) => code),
    said: (count: number) =>
      new Promise<void>(resolve => {
        const look = () => void (output.split("\n").length > count && resolve());
        heard.add(look);
        look();
      }),
    acknowledged: () =>
      output
        .slice(0, output.lastIndexOf("\n") + 1)
        .split("\n")
        .filter(line => line !== "" && line !== "started" && line !== "finished"),
  };
}

const contentOf = (key: string) => key.repeat(Number(key.split("-")[1]) % 7 === 0 ? 20_000 : 10);

test("SIGKILL in the middle of puts loses none that was acknowledged, and leaves no file for good", async () => {
  const stateDir = temporaryFolder();
  const paths = storePaths(stateDir, "r2", "shared");
  const acknowledged: string[] = [];
  for (const [round, moment] of [1, 30, 200].entries()) {
    const process = startPutter(stateDir, `r${round}`);
    await process.said(moment);
    process.child.kill("SIGKILL");
    await process.ended;
    acknowledged.push(...process.acknowledged());
  }
  expect(acknowledged.length).toBeGreaterThan(200);
  // A week later, what was left of uploads goes as well.
  const store = open(paths, new ManualClock(Date.now() + 8 * 24 * 60 * 60 * 1000));
  const keys = await allKeys(store);
  expect(keys).toEqual(expect.arrayContaining(acknowledged));
  for (const key of keys) expect(await textOf(await store.get(key, whole))).toBe(contentOf(key));
  await store.close();
  const files = keys.filter(
    key => contentOf(key).length > 100 * 1024 || Number(key.split("-")[1]) % 10 === 0,
  );
  expect(blobsOf(paths)).toHaveLength(files.length);
}, 30_000);

test("two processes write to one bucket at once", async () => {
  const stateDir = temporaryFolder();
  const putters = ["a", "b"].map(name => startPutter(stateDir, name));
  expect(await Promise.all(putters.map(({ ended }) => ended))).toEqual([0, 0]);
  const store = open(storePaths(stateDir, "r2", "shared"));
  const keys = await allKeys(store);
  expect(keys).toHaveLength(1200);
  for (const key of keys) expect(await textOf(await store.get(key, whole))).toBe(contentOf(key));
}, 30_000);

test("many stores open on a new folder at the same moment", async () => {
  const paths = newPaths();
  const stores = Array.from({ length: 6 }, () => open(paths));
  await Promise.all(stores.map((store, index) => store.put(`k${index}`, LARGE, PUT)));
  for (const store of stores) expect(await allKeys(store)).toHaveLength(6);
});

test("nothing is on the disk before the first call", async () => {
  const paths = newPaths();
  const store = open(paths);
  expect(existsSync(dirname(paths.database))).toBe(false);
  await store.head("a");
  expect(existsSync(paths.database)).toBe(true);
  expect(existsSync(paths.blobs)).toBe(false);
});

test("objects and uploads outlive the store", async () => {
  const paths = newPaths();
  const first = open(paths);
  const small = await first.put("small", Buffer.from("1"), PUT);
  await first.put("large", LARGE, PUT);
  const id = await first.createUpload("parts", PLAIN);
  await first.putPart("parts", id, 1, LARGE);
  await first.close();
  const second = open(paths);
  expect(await second.head("small")).toEqual(small);
  expect(await textOf(await second.get("large", whole))).toBe(LARGE.toString());
  await second.completeUpload("parts", id, everything);
  expect(await textOf(await second.get("parts", whole))).toBe(LARGE.toString());
});

test("files go when nothing refers to them any more", async () => {
  const paths = newPaths();
  const store = open(paths);
  const files = () => blobsOf(paths).length;
  await store.put("key", LARGE, PUT);
  expect(files()).toBe(1);
  await store.put("key", LARGE, PUT);
  await expect.poll(files).toBe(1);
  await store.put("key", LARGE, { ...PUT, onlyIf: () => false });
  await store.put("key", LARGE, { ...PUT, checksums: { md5: "0".repeat(32) } }).catch(() => {});
  await expect.poll(files).toBe(1);
  await store.put("key", Buffer.from("small"), PUT);
  await expect.poll(files).toBe(0);
  const id = await store.createUpload("key", PLAIN);
  for (const number of [1, 2, 2, 3]) await store.putPart("key", id, number, LARGE);
  await expect.poll(files).toBe(3);
  await store.completeUpload("key", id, parts => parts.slice(0, 2));
  await expect.poll(files).toBe(2);
  await store.delete(["key"]);
  await expect.poll(files).toBe(0);
  const aborted = await store.createUpload("key", PLAIN);
  await store.putPart("key", aborted, 1, LARGE);
  await store.abortUpload("key", aborted);
  await expect.poll(files).toBe(0);
});

test("an object of parts is read to its end though it is deleted meanwhile, and then its files go", async () => {
  const paths = newPaths();
  const store = open(paths);
  const id = await store.createUpload("key", PLAIN);
  for (const number of [1, 2, 3]) await store.putPart("key", id, number, LARGE);
  await store.completeUpload("key", id, everything);
  const entry = await store.get("key", whole);
  await store.delete(["key"]);
  expect(blobsOf(paths)).toHaveLength(3);
  expect(await textOf(entry)).toBe(LARGE.toString().repeat(3));
  await expect.poll(() => blobsOf(paths).length).toBe(0);
});

test("files that nothing refers to are collected by the next start", async () => {
  const paths = newPaths();
  const first = open(paths);
  await first.put("key", LARGE, PUT);
  const id = await first.createUpload("other", PLAIN);
  await first.putPart("other", id, 1, LARGE);
  await first.close();
  const kept = blobsOf(paths);
  writeFileSync(join(paths.blobs, "0123456789abcdef0123456789abcdef"), "orphan");
  const second = open(paths);
  await second.head("key");
  await second.close();
  expect(blobsOf(paths).sort()).toEqual(kept.sort());
});

test("a value whose file is lost or cut short is an error that says so, and can be mended", async () => {
  const paths = newPaths();
  const store = open(paths);
  await store.put("key", LARGE, PUT);
  const [file = ""] = blobsOf(paths);
  writeFileSync(join(paths.blobs, file), LARGE.subarray(1));
  await expect(store.get("key", whole)).rejects.toMatchObject({ code: "STATE_DAMAGED" });
  rmSync(join(paths.blobs, file));
  await expect(store.get("key", whole)).rejects.toMatchObject({ code: "STATE_DAMAGED" });
  await store.put("key", LARGE, PUT);
  expect(await textOf(await store.get("key", whole))).toBe(LARGE.toString());
  const id = await store.createUpload("parts", PLAIN);
  await store.putPart("parts", id, 1, LARGE);
  await store.completeUpload("parts", id, everything);
  for (const name of blobsOf(paths)) rmSync(join(paths.blobs, name));
  await expect(textOf(await store.get("parts", whole))).rejects.toMatchObject({ code: "STATE_DAMAGED" });
});

test("a list is a search of the key, whatever the page", async () => {
  const paths = newPaths();
  await open(paths).head("a");
  const database = new Sqlite(paths.database);
  onTestFinished(() => void database.close());
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${LIST}`).all("a", "b", 10) as { detail: string }[];
  expect(plan.map(({ detail }) => detail)).toEqual(["SEARCH objects USING PRIMARY KEY (key>? AND key<?)"]);
});

test("what is in the way of the state folder is told, and the next call tries again", async () => {
  const paths = newPaths();
  mkdirSync(dirname(dirname(paths.database)), { recursive: true });
  writeFileSync(dirname(paths.database), "a file where the folder should be");
  const store = open(paths);
  await expect(store.head("a")).rejects.toMatchObject({ code: "STATE_UNAVAILABLE" });
  rmSync(dirname(paths.database));
  expect(await store.head("a")).toBeNull();
});

test("a damaged database is told", async () => {
  const paths = newPaths();
  mkdirSync(dirname(paths.database), { recursive: true });
  writeFileSync(paths.database, "no database at all".repeat(100));
  await expect(open(paths).head("a")).rejects.toMatchObject({ code: "STATE_DAMAGED" });
  expect(readFileSync(paths.database, "utf8")).toContain("no database");
});
