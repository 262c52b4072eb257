import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { type CacheLimits, cacheLimits } from "../../../src/bindings/cache/limits.ts";
import { SqliteCacheStore } from "../../../src/bindings/cache/sqlite-store.ts";
import { type StorePaths, storePaths } from "../../../src/storage/paths.ts";
import { ManualClock } from "../../storage/manual-clock.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";
import { head, textOf, whole } from "./store-suite.ts";

const LARGE = Buffer.alloc(200_000, "large");
const FOREVER = head({ expiresAt: Number.MAX_SAFE_INTEGER });
const putter = fileURLToPath(new URL("./putter.ts", import.meta.url));

function open(paths: StorePaths, clock = new ManualClock(0), limits: CacheLimits = cacheLimits) {
  const store = new SqliteCacheStore(paths, clock, limits);
  onTestFinished(() => store.close());
  return store;
}

const newPaths = () => storePaths(temporaryFolder(), "cache", "caches");
const blobsOf = (paths: StorePaths) => (existsSync(paths.blobs) ? readdirSync(paths.blobs) : []);

/** Starts a process that puts. `said` resolves when it has said so many lines. */
function startPutter(paths: StorePaths, name: string, times = Number.POSITIVE_INFINITY) {
  const child = spawn(process.execPath, [putter, paths.database, paths.blobs, name, String(times)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  let heard = () => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
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
  const lines = () =>
    output
      .slice(0, output.lastIndexOf("\n") + 1)
      .split("\n")
      .filter(Boolean);
  return { child, said, ended, lines };
}

const contentOf = (key: string) => key.repeat(Number(key.split("-")[1]) % 7 === 0 ? 20_000 : 10);

test("SIGKILL in the middle of puts loses none that was acknowledged, and leaves no file of the others", async () => {
  const paths = newPaths();
  const acknowledged: string[] = [];
  for (const [round, moment] of [1, 30, 200].entries()) {
    const { child, said, ended, lines } = startPutter(paths, `r${round}`);
    await said(moment);
    child.kill("SIGKILL");
    await ended;
    acknowledged.push(...lines().filter(line => line !== "started"));
  }
  expect(acknowledged.length).toBeGreaterThan(200);
  const store = open(paths);
  for (const key of acknowledged)
    expect(await textOf(await store.match("c", key, whole))).toBe(contentOf(key));
  // Opening has removed what the killed ones left.
  await store.clear("c");
  await store.close();
  expect(blobsOf(paths)).toEqual([]);
}, 30_000);

test("two processes put into one cache at once, and agree on what it holds", async () => {
  const paths = newPaths();
  const putters = ["a", "b"].map(name => startPutter(paths, name, 300));
  expect(await Promise.all(putters.map(({ ended }) => ended))).toEqual([0, 0]);
  const store = open(paths);
  expect(await store.clear("c")).toBe(600);
}, 30_000);

test("nothing is on the disk before the first call", async () => {
  const paths = newPaths();
  const store = open(paths);
  expect(existsSync(dirname(paths.database))).toBe(false);
  expect(await store.match("c", "a", whole)).toBe(null);
  expect(existsSync(paths.database)).toBe(true);
  expect(existsSync(paths.blobs)).toBe(false);
});

test("what is kept outlives the store", async () => {
  const paths = newPaths();
  const first = open(paths);
  await first.put("c", "small", Buffer.from("1"), FOREVER);
  await first.put("c", "large", LARGE, FOREVER);
  await first.close();
  const second = open(paths);
  expect(await second.match("c", "small", whole)).toMatchObject({ ...FOREVER, size: 1 });
  expect(await textOf(await second.match("c", "large", whole))).toBe(LARGE.toString());
});

test("files go when the response is replaced, deleted, expired or emptied away", async () => {
  const clock = new ManualClock(0);
  const paths = newPaths();
  const store = open(paths, clock);
  const put = (key: string, body: Buffer, expiresAt = Number.MAX_SAFE_INTEGER) =>
    store.put("c", key, body, head({ expiresAt }));
  await put("replaced", LARGE);
  await put("replaced", LARGE);
  await put("shrunk", LARGE);
  await put("shrunk", Buffer.from("small"));
  await put("deleted", LARGE);
  await store.delete("c", "deleted");
  await put("expired", LARGE, 60_000);
  await store.put("d", "emptied", LARGE, FOREVER);
  await store.clear("d");
  clock.advance(120_000);
  await put("other", Buffer.from("small"));
  await store.close();
  expect(blobsOf(paths)).toHaveLength(1);
});

test("the folder does not grow beyond the limit", async () => {
  const clock = new ManualClock(0);
  const paths = newPaths();
  const limits = { bodyBytes: 1_000_000, totalBytes: 1_000_000 };
  const stores = [open(paths, clock, limits), open(paths, clock, limits)];
  for (let index = 0; index < 60; index++) {
    const store = stores[index % 2] as SqliteCacheStore;
    await store.put("c", `large-${index}`, LARGE, FOREVER);
    await Promise.all(
      Array.from({ length: 20 }, (_, item) =>
        store.put("c", `small-${index}-${item}`, Buffer.alloc(2000), FOREVER),
      ),
    );
    clock.advance(1);
  }
  for (const store of stores) await store.close();
  let bytes = statSync(paths.database).size;
  for (const name of blobsOf(paths)) bytes += statSync(`${paths.blobs}/${name}`).size;
  expect(blobsOf(paths).length).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(3_000_000);
});

test("a body whose file is gone is a response that is gone", async () => {
  const paths = newPaths();
  const store = open(paths);
  await store.put("c", "a", LARGE, FOREVER);
  rmSync(paths.blobs, { recursive: true });
  expect(await store.match("c", "a", whole)).toBe(null);
  await store.put("c", "a", LARGE, FOREVER);
  expect(await textOf(await store.match("c", "a", whole))).toBe(LARGE.toString());
});
