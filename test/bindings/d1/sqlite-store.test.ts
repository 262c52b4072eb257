import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { D1Limits } from "../../../src/bindings/d1/limits.ts";
import { d1Limits } from "../../../src/bindings/d1/limits.ts";
import { SqliteD1Store } from "../../../src/bindings/d1/sqlite-store.ts";
import { UserError } from "../../../src/errors.ts";
import { storePaths } from "../../../src/storage/paths.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";

const writer = fileURLToPath(new URL("./writer.ts", import.meta.url));
const newFile = () => storePaths(temporaryFolder(), "d1", "shared").database;

function open(file: string, limits: D1Limits = d1Limits): SqliteD1Store {
  const store = new SqliteD1Store(file, limits);
  onTestFinished(() => store.close());
  return store;
}

async function rowsOf(store: SqliteD1Store, sql: string): Promise<unknown[][]> {
  const { results } = await store.query([{ sql, parameters: "[]" }]);
  return JSON.parse(results[0]?.rows ?? "") as unknown[][];
}

/** Starts a process that writes; `lines` are what it has said. */
function startWriter(...args: string[]) {
  const child = spawn(process.execPath, [writer, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  // The last line may have been cut off.
  const lines = () => output.split("\n").slice(0, -1);
  const says = (count: number) =>
    vi.waitFor(() => expect(lines().length).toBeGreaterThan(count), { timeout: 15_000 });
  return { lines, says, kill: () => child.kill("SIGKILL"), ended: once(child, "close") };
}

test("what was acknowledged survives the death of the process", async () => {
  const file = newFile();
  const process = startWriter(file, "a");
  await process.says(40);
  process.kill();
  await process.ended;
  const acknowledged = process.lines().filter(line => line.startsWith("a-"));
  const kept = (await rowsOf(open(file), "SELECT name FROM t")).flat();
  expect(kept).toEqual(expect.arrayContaining(acknowledged));
  const database = new Sqlite(file);
  onTestFinished(() => void database.close());
  expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
});

test("two processes write to one database", async () => {
  const file = newFile();
  const writers = ["a", "b"].map(name => startWriter(file, name));
  await Promise.all(writers.map(({ ended }) => ended));
  for (const { lines } of writers) expect(lines()).toContain("finished");
  expect(await rowsOf(open(file), "SELECT count(*), count(DISTINCT name) FROM t")).toEqual([[800, 800]]);
});

test("a query that does not end goes with the process that asked for it, and leaves the database free", async () => {
  const file = newFile();
  const process = startWriter(file, "a", "endless");
  await process.says(0);
  process.kill();
  await process.ended;
  const store = open(file);
  await vi.waitFor(() => rowsOf(store, "INSERT INTO t VALUES ('free') RETURNING name"), { timeout: 15_000 });
});

test("a query that takes its time holds up nobody but its own database", async () => {
  const slow = open(newFile(), { ...d1Limits, queryMilliseconds: 3000 });
  const other = open(newFile());
  await Promise.all([rowsOf(slow, "SELECT 1"), rowsOf(other, "SELECT 1")]);
  let over = false;
  const slowly = rowsOf(
    slow,
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
  ).catch(() => {
    over = true;
  });
  let turns = 0;
  for (; turns < 20; turns++) {
    await rowsOf(other, "SELECT 1");
    await new Promise(resolve => setImmediate(resolve));
  }
  expect([turns, over]).toEqual([20, false]);
  await slowly;
});

describe("a damaged database", () => {
  test.each([
    ["is no database", () => Buffer.from("this was never a database, whatever its name says".repeat(100))],
    [
      "has a page overwritten",
      (whole: Buffer) => Buffer.concat([whole.subarray(0, 100), Buffer.alloc(whole.length - 100, 0xa5)]),
    ],
  ])("that %s is named, with what to do", async (_, damage) => {
    const file = newFile();
    const first = new SqliteD1Store(file, d1Limits);
    await rowsOf(first, "CREATE TABLE t (a)");
    await first.close();
    writeFileSync(file, damage(readFileSync(file)));
    const error: unknown = await rowsOf(open(file), "SELECT * FROM t").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).code).toBe("STATE_DAMAGED");
    expect((error as UserError).message).toContain(file);
    expect((error as UserError).hint).toContain("delete it");
  });

  test("can be put in order while the program runs", async () => {
    const file = newFile();
    const store = open(file);
    await rowsOf(store, "SELECT 1");
    await store.close();
    writeFileSync(file, "x".repeat(5000));
    await expect(rowsOf(store, "SELECT 1")).rejects.toThrow(file);
    writeFileSync(file, "");
    expect(await rowsOf(store, "SELECT 1")).toEqual([[1]]);
    await store.close();
  });
});

test("a folder that cannot be made is an error that names it", async () => {
  const folder = `${temporaryFolder()}/file`;
  writeFileSync(folder, "");
  const error: unknown = await rowsOf(open(storePaths(folder, "d1", "a").database), "SELECT 1").catch(
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).code).toBe("STATE_UNAVAILABLE");
  expect((error as UserError).message).toContain(folder);
});

test("is a plain SQLite file, in which other programs find the rows", async () => {
  const file = newFile();
  const store = open(file);
  await rowsOf(store, "CREATE TABLE t AS SELECT 'kept' AS name");
  const database = new Sqlite(file, { readonly: true });
  onTestFinished(() => void database.close());
  expect(database.prepare("SELECT name FROM t").pluck().get()).toBe("kept");
});
