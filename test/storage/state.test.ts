import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { SqliteEmailStore } from "../../src/bindings/email/sqlite-store.ts";
import { SqliteKVStore } from "../../src/bindings/kv/sqlite-store.ts";
import { UserError } from "../../src/errors.ts";
import { storePaths } from "../../src/storage/paths.ts";
import { clearState } from "../../src/storage/state/clear.ts";
import { restoreState } from "../../src/storage/state/restore.ts";
import { saveState } from "../../src/storage/state/save.ts";
import { listSaved, removeSaved, savedFolder, savedPath } from "../../src/storage/state/saved.ts";
import { textOf } from "../bindings/kv/store-suite.ts";
import { ManualClock } from "./manual-clock.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const FOREVER = { expiration: null, metadata: null };
const NOW = Date.parse("2026-01-01T00:00:00Z");
const LARGE = "large".repeat(50_000);

const stateProcess = fileURLToPath(new URL("state-process.ts", import.meta.url));

const newState = () => join(temporaryFolder(), ".worker", "state");

function openKV(stateDir: string, id: string) {
  const store = new SqliteKVStore(storePaths(stateDir, "kv", id), new ManualClock(NOW));
  onTestFinished(() => store.close());
  return {
    close: () => store.close(),
    put: (key: string, value: string) => store.put(key, Buffer.from(value), FOREVER),
    delete: (key: string) => store.delete(key),
    get: async (key: string) => textOf(await store.get(key)),
    keys: async () => {
      const { keys } = await store.list({ prefix: "", limit: 1000, cursor: null });
      return keys.map(({ name }) => name);
    },
  };
}

/** A database as D1 has it: the worker's own tables. */
function openPlain(stateDir: string, name: string) {
  const file = join(stateDir, "d1", `${name}.sqlite`);
  mkdirSync(dirname(file), { recursive: true });
  const database = new Sqlite(file);
  onTestFinished(() => void database.close());
  database.pragma("journal_mode = WAL");
  return database;
}

async function runProcess(stateDir: string, steps: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [stateProcess, stateDir, ...steps], { stdio: "inherit" });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [code] = (await once(child, "close")) as unknown[];
  return code;
}

const blobsOf = (stateDir: string, id: string) => {
  const { blobs } = storePaths(stateDir, "kv", id);
  return existsSync(blobs) ? readdirSync(blobs) : [];
};

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    error => error,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).code;
}

describe("save and restore", () => {
  test("connections that are open see what was restored", async () => {
    const stateDir = newState();
    const kv = openKV(stateDir, "a");
    await kv.put("small", "one");
    await kv.put("large", LARGE);
    await kv.put("doomed", LARGE.slice(1));
    await saveState(stateDir, "seed", NOW);
    await kv.put("small", "two");
    await kv.put("large", LARGE.toUpperCase());
    await kv.delete("doomed");
    await kv.put("extra", LARGE);
    await restoreState(stateDir, "seed");
    expect(await kv.keys()).toEqual(["doomed", "large", "small"]);
    expect(await kv.get("small")).toBe("one");
    expect(await kv.get("large")).toBe(LARGE);
    expect(await kv.get("doomed")).toBe(LARGE.slice(1));
    expect(blobsOf(stateDir, "a")).toHaveLength(2);
    // And they go on writing.
    await kv.put("after", LARGE);
    await kv.close();
    const again = openKV(stateDir, "a");
    expect(await again.keys()).toEqual(["after", "doomed", "large", "small"]);
    expect(await again.get("after")).toBe(LARGE);
  });

  test("what was not there when it was saved is empty afterwards, and still works", async () => {
    const stateDir = newState();
    const old = openKV(stateDir, "old");
    await old.put("k", "v");
    await saveState(stateDir, "seed", NOW);
    const later = openKV(stateDir, "later");
    await later.put("k", LARGE);
    const plain = openPlain(stateDir, "later");
    plain.exec("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    writeFileSync(join(stateDir, "later.txt"), "");
    await restoreState(stateDir, "seed");
    expect(await later.keys()).toEqual([]);
    expect(blobsOf(stateDir, "later")).toEqual([]);
    await later.put("k", LARGE);
    expect(await later.get("k")).toBe(LARGE);
    expect(plain.prepare("SELECT count(*) FROM sqlite_schema").pluck().get()).toBe(0);
    plain.exec("CREATE TABLE t (y); INSERT INTO t VALUES (2)");
    expect(existsSync(join(stateDir, "later.txt"))).toBe(false);
    expect(await old.get("k")).toBe("v");
  });

  test("into an empty folder, from a copy of the saved one", async () => {
    const stateDir = newState();
    const kv = openKV(stateDir, "a");
    await kv.put("large", LARGE);
    mkdirSync(join(stateDir, "email"), { recursive: true });
    writeFileSync(join(stateDir, "email", "1.eml"), "Subject: hello");
    await kv.close();
    await saveState(stateDir, "seed", NOW);
    rmSync(stateDir, { recursive: true });
    await restoreState(stateDir, "seed");
    expect(await openKV(stateDir, "a").get("large")).toBe(LARGE);
    expect(readFileSync(join(stateDir, "email", "1.eml"), "utf8")).toBe("Subject: hello");
  });

  test("a database of the worker's own keeps its rows, row ids and schema", async () => {
    const stateDir = newState();
    const plain = openPlain(stateDir, "db");
    plain.exec(`CREATE TABLE t (x, blob); CREATE INDEX i ON t (x); INSERT INTO t VALUES ('a', 'no id of a file');
      INSERT INTO t (rowid, x) VALUES (77, 'b'); CREATE VIRTUAL TABLE f USING fts5 (body); INSERT INTO f VALUES ('some words');`);
    const rows = plain.prepare("SELECT rowid, x, blob FROM t ORDER BY rowid");
    const before = rows.all();
    await saveState(stateDir, "seed", NOW);
    plain.exec("DROP TABLE f; DELETE FROM t; ALTER TABLE t RENAME TO other; CREATE TABLE t (x, blob)");
    await restoreState(stateDir, "seed");
    expect(rows.all()).toEqual(before);
    expect(plain.prepare("SELECT count(*) FROM f WHERE f MATCH 'words'").pluck().get()).toBe(1);
    expect(plain.pragma("integrity_check", { simple: true })).toBe("ok");
    expect(plain.pragma("journal_mode", { simple: true })).toBe("wal");
  });

  test("a database with pages of another size", async () => {
    const stateDir = newState();
    const kv = openKV(stateDir, "a");
    await kv.put("k", "v");
    await kv.close();
    await saveState(stateDir, "seed", NOW);
    const { database } = storePaths(stateDir, "kv", "a");
    const other = new Sqlite(database);
    onTestFinished(() => void other.close());
    other.pragma("journal_mode = DELETE");
    other.exec("PRAGMA page_size = 512; VACUUM; PRAGMA journal_mode = WAL");
    other.exec("DELETE FROM entries");
    expect(await codeOf(restoreState(stateDir, "seed"))).toBe("STATE_UNAVAILABLE");
    other.close();
    await restoreState(stateDir, "seed");
    expect(await openKV(stateDir, "a").get("k")).toBe("v");
  });

  test("a saved state holds one file for a database, and only the blobs that count", async () => {
    const stateDir = newState();
    const kv = openKV(stateDir, "a");
    await kv.put("large", LARGE);
    await kv.put("gone", LARGE);
    writeFileSync(join(storePaths(stateDir, "kv", "a").blobs, "0".repeat(32)), "orphan");
    await kv.delete("gone");
    const saved = await saveState(stateDir, "seed", NOW);
    const content = join(savedPath(stateDir, "seed"), "state", "kv");
    expect(readdirSync(content).sort()).toEqual(["a.blobs", "a.sqlite"]);
    expect(readdirSync(join(content, "a.blobs"))).toHaveLength(1);
    expect(saved).toEqual({ name: "seed", savedAt: NOW, databases: 1, bytes: expect.any(Number) });
    expect(saved.bytes).toBeGreaterThan(LARGE.length);
  });

  test("a restored state does not share its files with the saved one", async () => {
    const stateDir = newState();
    const kv = openKV(stateDir, "a");
    await kv.put("large", LARGE);
    await saveState(stateDir, "seed", NOW);
    for (let round = 0; round < 2; round++) {
      await kv.delete("large");
      await kv.put("small", "x");
      await restoreState(stateDir, "seed");
      expect(await kv.get("large")).toBe(LARGE);
      expect(await kv.get("small")).toBeUndefined();
    }
  });

  test("blobs whose files have an extension", async () => {
    const stateDir = newState();
    const mailbox = new SqliteEmailStore(storePaths(stateDir, "email", "messages"));
    onTestFinished(() => mailbox.close());
    const raw = Buffer.from("Subject: hello\r\n\r\nworld");
    const message = {
      kind: "sent" as const,
      from: "a@x.y",
      to: ["b@x.y"],
      subject: "hello",
      messageId: "1",
      sentAt: NOW,
    };
    await mailbox.add(message, raw);
    await saveState(stateDir, "seed", NOW);
    await clearState(stateDir);
    expect(await mailbox.list()).toEqual([]);
    await restoreState(stateDir, "seed");
    const [restored] = await mailbox.list();
    expect(restored).toMatchObject({ subject: "hello" });
    expect(readFileSync(restored?.file ?? "")).toEqual(raw);
  });

  test("beside a process that writes without pause", async () => {
    const stateDir = newState();
    const kv = openKV(stateDir, "a");
    await kv.put("seed", LARGE);
    let stopped = false;
    const write = async (name: string) => {
      for (let count = 0; !stopped; count++) {
        await kv.put(`${name}${count % 5}`, `${name}${count} ${LARGE}`);
        if (count % 3 === 0) await kv.delete(`${name}${(count + 2) % 5}`);
      }
      return name;
    };
    const writing = Promise.all(["x", "y"].map(write));
    const steps = ["save:busy", "restore:busy", "save:busy", "restore:busy", "save:busy"];
    expect(await runProcess(stateDir, steps)).toBe(0);
    stopped = true;
    expect(await writing).toEqual(["x", "y"]);
    await kv.close();
    for (const name of [undefined, "busy"]) {
      if (name !== undefined) await restoreState(stateDir, name);
      const after = openKV(stateDir, "a");
      const keys = await after.keys();
      expect(keys).toContain("seed");
      for (const key of keys) expect(await after.get(key)).toContain(LARGE);
      await after.close();
      expect(blobsOf(stateDir, "a")).toHaveLength(keys.length);
    }
  });

  test("saving again replaces", async () => {
    const stateDir = newState();
    const kv = openKV(stateDir, "a");
    await saveState(stateDir, "seed", NOW);
    await kv.put("k", "v");
    await saveState(stateDir, "seed", NOW + 1000);
    expect(await listSaved(stateDir)).toMatchObject([{ name: "seed", savedAt: NOW + 1000, databases: 1 }]);
    expect(readdirSync(savedFolder(stateDir))).toEqual(["seed"]);
  });
});

describe("clear", () => {
  test("empties what others have open, and what is damaged", async () => {
    const stateDir = newState();
    const kv = openKV(stateDir, "a");
    await kv.put("large", LARGE);
    const plain = openPlain(stateDir, "db");
    plain.exec("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    const damaged = storePaths(stateDir, "kv", "damaged");
    writeFileSync(damaged.database, "no database".repeat(1000));
    mkdirSync(damaged.blobs);
    writeFileSync(join(stateDir, "note.txt"), "");
    await saveState(stateDir, "before", NOW).catch(() => {});
    await clearState(stateDir);
    expect(await kv.keys()).toEqual([]);
    expect(blobsOf(stateDir, "a")).toEqual([]);
    expect(existsSync(damaged.database) || existsSync(damaged.blobs)).toBe(false);
    expect(existsSync(join(stateDir, "note.txt"))).toBe(false);
    expect(plain.prepare("SELECT count(*) FROM sqlite_schema").pluck().get()).toBe(0);
    await kv.put("after", LARGE);
    expect(await kv.get("after")).toBe(LARGE);
  });

  test("of nothing", async () => {
    const stateDir = newState();
    expect(await clearState(stateDir)).toEqual({ databases: 0 });
    expect((await saveState(stateDir, "nothing", NOW)).databases).toBe(0);
    const kv = openKV(stateDir, "a");
    await kv.put("k", "v");
    await restoreState(stateDir, "nothing");
    expect(await kv.keys()).toEqual([]);
  });
});

describe("what is damaged", () => {
  test("a live database is replaced by the saved one", async () => {
    const stateDir = newState();
    const kv = openKV(stateDir, "a");
    await kv.put("large", LARGE);
    await kv.close();
    await saveState(stateDir, "seed", NOW);
    const { database } = storePaths(stateDir, "kv", "a");
    writeFileSync(database, "no database".repeat(1000));
    expect(await codeOf(saveState(stateDir, "other", NOW))).toBe("STATE_DAMAGED");
    expect((await listSaved(stateDir)).map(({ name }) => name)).toEqual(["seed"]);
    expect(readdirSync(savedFolder(stateDir))).toEqual(["seed"]);
    expect((await restoreState(stateDir, "seed")).replaced).toEqual([database]);
    expect(await openKV(stateDir, "a").get("large")).toBe(LARGE);
  });

  test.each([
    ["a database", (content: string) => writeFileSync(join(content, "kv", "a.sqlite"), "x".repeat(9000))],
    [
      "a blob",
      (content: string) => {
        const folder = join(content, "kv", "a.blobs");
        for (const name of readdirSync(folder).slice(1)) rmSync(join(folder, name));
      },
    ],
    ["the manifest", (content: string) => writeFileSync(join(dirname(content), "saved.json"), "{")],
    [
      "a newer format",
      (content: string) => writeFileSync(join(dirname(content), "saved.json"), '{"format":2}'),
    ],
  ])("of a saved state, %s: nothing is touched", async (_, damage) => {
    const stateDir = newState();
    const kv = openKV(stateDir, "a");
    await kv.put("large", LARGE);
    await kv.put("large too", LARGE);
    await saveState(stateDir, "seed", NOW);
    damage(join(savedPath(stateDir, "seed"), "state"));
    await kv.put("new", "v");
    expect(await codeOf(restoreState(stateDir, "seed"))).toBe("STATE_DAMAGED");
    expect(await kv.keys()).toEqual(["large", "large too", "new"]);
  });

  test("a blob that is lost is told when the state is saved", async () => {
    const stateDir = newState();
    const kv = openKV(stateDir, "a");
    await kv.put("large", LARGE);
    const { blobs } = storePaths(stateDir, "kv", "a");
    for (const name of readdirSync(blobs)) rmSync(join(blobs, name));
    expect(await codeOf(saveState(stateDir, "seed", NOW))).toBe("STATE_DAMAGED");
    expect(await listSaved(stateDir)).toEqual([]);
  });
});

test("names are safe, and lists show what was saved", async () => {
  const stateDir = newState();
  for (const name of ["", ".", "..", "../x", "a/b", "A", "con", "x".repeat(65), ".hidden", "a."]) {
    expect(await codeOf(saveState(stateDir, name, NOW)), name).toBe("USAGE");
    expect(await codeOf(restoreState(stateDir, name)), name).toBe("USAGE");
    expect(await codeOf(removeSaved(stateDir, name)), name).toBe("USAGE");
  }
  for (const name of ["seed", "v1.2", "a-b_c", "x".repeat(64)]) await saveState(stateDir, name, NOW);
  mkdirSync(join(savedFolder(stateDir), "no-state"));
  expect((await listSaved(stateDir)).map(({ name }) => name)).toEqual([
    "a-b_c",
    "seed",
    "v1.2",
    "x".repeat(64),
  ]);
  await removeSaved(stateDir, "seed");
  expect(await codeOf(restoreState(stateDir, "seed"))).toBe("STATE_NOT_FOUND");
  expect(savedFolder("/x/.worker/state")).toBe("/x/.worker/saved");
  expect(savedFolder("/x/data")).toBe("/x/data.saved");
});
