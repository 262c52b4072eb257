import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { GroupCommit } from "../../src/storage/group-commit.ts";
import { type Database, openDatabase } from "../../src/storage/sqlite.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const SCHEMA = ["CREATE TABLE t (x INTEGER PRIMARY KEY)"];

const newFile = () => join(temporaryFolder(), "folder", "test.sqlite");

async function open(file: string, migrations: readonly string[] = SCHEMA): Promise<Database> {
  const database = await openDatabase(file, migrations);
  onTestFinished(() => database.close());
  return database;
}

const valuesOf = (database: Database) =>
  database
    .prepare<[], { x: number }>("SELECT x FROM t ORDER BY x")
    .all()
    .map(row => row.x);

describe("migrations", () => {
  test("run once, in order, from the version that the file has", async () => {
    const file = newFile();
    (await open(file)).close();
    const second = await open(file, [...SCHEMA, "INSERT INTO t VALUES (1)", "UPDATE t SET x = x + 1"]);
    expect(valuesOf(second)).toEqual([2]);
    second.close();
    const third = await open(file, [...SCHEMA, "INSERT INTO t VALUES (1)", "UPDATE t SET x = x + 1"]);
    expect(valuesOf(third)).toEqual([2]);
  });

  test("that fail leave the file as it was", async () => {
    const file = newFile();
    (await open(file)).close();
    await expect(open(file, [...SCHEMA, "INSERT INTO t VALUES (1); nonsense"])).rejects.toThrow(
      "syntax error",
    );
    expect(valuesOf(await open(file))).toEqual([]);
  });
});

describe("group commit", () => {
  const insertInto = (database: Database) => {
    const insert = database.prepare<[number], never>("INSERT INTO t VALUES (?)");
    return (x: number) => insert.run(x).changes;
  };

  test("writes of one turn are one transaction, in order", async () => {
    const database = await open(newFile());
    const insert = insertInto(database);
    const other = await open(database.file);
    const commits = new GroupCommit(database);
    const seen: number[][] = [];
    const writes = [3, 1, 2].map(x => commits.write(() => insert(x)).then(() => seen.push(valuesOf(other))));
    expect(valuesOf(other)).toEqual([]);
    await Promise.all(writes);
    expect(seen).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  test("a write that fails does not take the others with it", async () => {
    const database = await open(newFile());
    const insert = insertInto(database);
    const commits = new GroupCommit(database);
    const results = await Promise.allSettled([1, 2, 2, 3].map(x => commits.write(() => insert(x))));
    expect(results.map(result => result.status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    expect(valuesOf(database)).toEqual([1, 2, 3]);
  });

  test("flush commits at once", async () => {
    const database = await open(newFile());
    const insert = insertInto(database);
    const commits = new GroupCommit(database);
    const write = commits.write(() => insert(1));
    commits.flush();
    expect(valuesOf(database)).toEqual([1]);
    expect(await write).toBe(1);
  });
});

test("a transaction that throws is rolled back", async () => {
  const database = await open(newFile());
  const insert = database.prepare<[number], never>("INSERT INTO t VALUES (?)");
  const work = () => {
    insert.run(1);
    throw new Error("changed my mind");
  };
  expect(() => database.transaction(work)).toThrow("changed my mind");
  expect(valuesOf(database)).toEqual([]);
});

test("a database is in WAL mode, and its file may be opened many times at once", async () => {
  const file = newFile();
  const databases = await Promise.all(Array.from({ length: 10 }, () => open(file)));
  for (const database of databases) expect(valuesOf(database)).toEqual([]);
  const plain = new Sqlite(file);
  onTestFinished(() => void plain.close());
  expect(plain.pragma("journal_mode", { simple: true })).toBe("wal");
});

test("SQLite's failures are errors that name the file, others stay as they are", async () => {
  const database = await open(newFile());
  const failing = (code: string) => () =>
    database.run(() => {
      throw Object.assign(new Error("as SQLite says it"), { code });
    });
  const codes: Record<string, string> = {
    SQLITE_CORRUPT_INDEX: "STATE_DAMAGED",
    SQLITE_NOTADB: "STATE_DAMAGED",
    SQLITE_BUSY: "STATE_UNAVAILABLE",
    SQLITE_FULL: "STATE_UNAVAILABLE",
    SQLITE_READONLY: "STATE_UNAVAILABLE",
  };
  for (const [code, expected] of Object.entries(codes)) {
    expect(failing(code)).toThrow(
      expect.objectContaining({ code: expected, message: expect.stringContaining(database.file) }),
    );
    expect(failing(code)).toThrow(UserError);
  }
  expect(failing("SQLITE_CONSTRAINT")).not.toThrow(UserError);
  expect(failing("SQLITE_CONSTRAINT")).toThrow("as SQLite says it");
});
