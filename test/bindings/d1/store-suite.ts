/** What every D1Store must do. A new implementation calls `describeD1Store` with a way to open an empty one. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { D1Limits } from "../../../src/bindings/d1/limits.ts";
import { d1Limits } from "../../../src/bindings/d1/limits.ts";
import { type D1Answer, D1QueryError, type D1Store } from "../../../src/bindings/d1/store.ts";

const ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";

export function describeD1Store(name: string, open: (limits: D1Limits) => Promise<D1Store>): void {
  describe(`D1Store: ${name}`, () => {
    let store: D1Store;
    // One for all tests: to start a process for each would be most of their time.
    beforeAll(async () => {
      store = await open(d1Limits);
    });
    afterEach(() => clear(store));
    afterAll(() => store.close());

    const query = (sql: string, ...parameters: unknown[]) =>
      store.query([{ sql, parameters: JSON.stringify(parameters) }]);
    const rows = (answer: D1Answer, index = 0) =>
      JSON.parse(answer.results[index]?.rows ?? "") as unknown[][];
    const refusal = async (work: Promise<unknown>) => {
      const error: unknown = await work.then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(error).toBeInstanceOf(D1QueryError);
      return (error as D1QueryError).message;
    };

    test("keeps rows, and gives them by column", async () => {
      await query("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)");
      const inserted = await query("INSERT INTO t (name) VALUES (?), (?)", "a", "b");
      expect(inserted.results[0]).toMatchObject({
        columns: [],
        rows: "[]",
        changes: 2,
        lastRowId: 2,
        changed: true,
      });
      const answer = await query("SELECT id, name, id FROM t ORDER BY id");
      expect(answer.results[0]?.columns).toEqual(["id", "name", "id"]);
      expect(rows(answer)).toEqual([
        [1, "a", 1],
        [2, "b", 2],
      ]);
      expect(answer.results[0]).toMatchObject({ changes: 0, changed: false, rowsRead: 2, rowsWritten: 0 });
    });

    test.each([
      [null, null, "null"],
      ["", "", "text"],
      ["é\0🧨", "é\0🧨", "text"],
      [1.5, 1.5, "real"],
      [5, 5, "real"],
      [-0, 0, "real"],
      [2 ** 53, 2 ** 53, "real"],
      [[], [], "blob"],
      [[0, 255], [0, 255], "blob"],
    ])("binds %j", async (value, read, type) => {
      const answer = await query("SELECT ?1, typeof(?1)", value);
      expect(rows(answer)).toEqual([[read, type]]);
    });

    test("gives integers as JavaScript's numbers, and what JSON lacks as null", async () => {
      const answer = await query(
        "SELECT 9007199254740993, -9223372036854775808, 9e999, -9e999, x'00ff', 1 = 1",
      );
      expect(rows(answer)).toEqual([[2 ** 53, -(2 ** 63), null, null, [0, 255], 1]]);
      await query("CREATE TABLE big (n INTEGER)");
      expect(rows(await query("INSERT INTO big VALUES (9223372036854775807) RETURNING n"))).toEqual([
        [2 ** 63],
      ]);
      expect(rows(await query("SELECT count(*) FROM big"))).toEqual([[1]]);
    });

    test("takes parameters by place, by number and by name", async () => {
      expect(rows(await query("SELECT ?, ?", 1, 2))).toEqual([[1, 2]]);
      expect(rows(await query("SELECT ?2, ?1, ?2", 1, 2))).toEqual([[2, 1, 2]]);
      expect(rows(await query("SELECT ?3", 1, 2, 3))).toEqual([[3]]);
      expect(rows(await query("SELECT :a, @b, $c, :a, ?", 1, 2, 3, 4))).toEqual([[1, 2, 3, 1, 4]]);
      expect(rows(await query('SELECT \'?\', "a?", ? -- ?\n/* ? */ FROM (SELECT 1 AS "a?")', 7))).toEqual([
        ["?", 1, 7],
      ]);
      for (const given of [[], [1], [1, 2, 3]]) {
        expect(await refusal(query("SELECT ?, ?", ...given))).toBe(
          "Wrong number of parameter bindings for SQL query.",
        );
      }
    });

    test("performs all statements of a call, or none", async () => {
      await query("CREATE TABLE t (id INTEGER PRIMARY KEY)");
      const insert = (id: number) => ({ sql: "INSERT INTO t VALUES (?)", parameters: JSON.stringify([id]) });
      const answer = await store.query([
        insert(1),
        { sql: "SELECT count(*) FROM t", parameters: "[]" },
        insert(2),
      ]);
      expect(rows(answer, 1)).toEqual([[1]]);
      expect(await refusal(store.query([insert(3), insert(1)]))).toContain("UNIQUE constraint failed: t.id");
      expect(await refusal(query("INSERT INTO t VALUES (4); INSERT INTO t VALUES (1)"))).toContain("UNIQUE");
      expect(await refusal(store.script("INSERT INTO t VALUES (5);\nINSERT INTO t VALUES (1);"))).toContain(
        "UNIQUE",
      );
      expect(rows(await query("SELECT id FROM t"))).toEqual([[1], [2]]);
    });

    test("foreign keys hold, and may be deferred for one call", async () => {
      await query("CREATE TABLE p (id INTEGER PRIMARY KEY)");
      await query("CREATE TABLE c (p REFERENCES p (id))");
      await query("PRAGMA foreign_keys = OFF");
      const defer = { sql: "PRAGMA defer_foreign_keys = ON", parameters: "[]" };
      const insert = (table: string, id: number) => ({
        sql: `INSERT INTO ${table} VALUES (?)`,
        parameters: `[${id}]`,
      });
      for (const id of [1, 2]) {
        expect(await refusal(store.query([insert("c", id), insert("p", id)]))).toContain("FOREIGN KEY");
        await store.query([defer, insert("c", id), insert("p", id)]);
        expect(await refusal(store.query([defer, insert("c", 99)]))).toContain("FOREIGN KEY");
      }
      expect(rows(await query("SELECT count(*) FROM c"))).toEqual([[2]]);
    });

    test("calls take effect in the order in which they are made", async () => {
      await query("CREATE TABLE t (id INTEGER PRIMARY KEY)");
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => [
          query("INSERT INTO t VALUES (?)", index),
          query("SELECT count(*) FROM t"),
        ]).flat(),
      );
      const counts = answers.filter((_, index) => index % 2 === 1).map(answer => rows(answer)[0]?.[0]);
      expect(counts).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    });

    test("bookmarks grow with writes", async () => {
      const first = await query("CREATE TABLE t (id INTEGER PRIMARY KEY)");
      const second = await query("SELECT 1");
      const third = await query("INSERT INTO t VALUES (1)");
      expect(second.bookmark).toBe(first.bookmark);
      expect(third.bookmark > second.bookmark).toBe(true);
    });

    test("a change of the schema is seen by statements that were compiled before", async () => {
      await query("CREATE TABLE t (a)");
      await query("INSERT INTO t VALUES (1)");
      await query("SELECT * FROM t");
      await query("ALTER TABLE t RENAME COLUMN a TO b");
      await query("ALTER TABLE t ADD COLUMN c DEFAULT 2");
      const answer = await query("SELECT * FROM t");
      expect(answer.results[0]?.columns).toEqual(["b", "c"]);
      expect(rows(answer)).toEqual([[1, 2]]);
    });

    test("runs scripts of any length, and tells which statement failed", async () => {
      const long = "x".repeat(300_000);
      const statements = Array.from(
        { length: 2000 },
        (_, index) => `INSERT INTO t VALUES (${index}, 'it''s; -- ${index}');`,
      );
      const { results } = await store.script(
        `-- a comment\nCREATE TABLE t (id, v);;\n${statements.join("\n")}\n` +
          "CREATE TRIGGER tr AFTER DELETE ON t BEGIN INSERT INTO t VALUES (0, 'a;b'); SELECT 1; END;\nSELECT count(*) FROM t\n-- the end",
      );
      expect(results).toHaveLength(2003);
      expect(JSON.parse(results.at(-1)?.rows ?? "")).toEqual([[2000]]);
      const error = await store
        .script("SELECT 1;\nSELECT 2;\nSELECT nope; SELECT 3")
        .catch((error: unknown) => error);
      expect(error).toMatchObject({
        statement: 2,
        message: "no such column: nope at offset 7: SQLITE_ERROR",
      });
      expect(long).toHaveLength(300_000);
    });

    test("exports what makes it again", async () => {
      await store.script(
        `
        CREATE TABLE "odd ""name" (id INTEGER PRIMARY KEY AUTOINCREMENT, v, n TEXT GENERATED ALWAYS AS (typeof(v)));
        INSERT INTO "odd ""name" (v) VALUES (1), (1.0), ('a''b' || char(10, 13, 0) || '\\n\\r🧨'), (x'00ff'), (NULL), (9e999), (9223372036854775807);
        CREATE TABLE child (id REFERENCES "odd ""name" (id)) STRICT_IS_NOT_HERE;
      `.replace(" STRICT_IS_NOT_HERE", ""),
      );
      await store.script(
        `INSERT INTO child VALUES (1); CREATE INDEX i ON child (id); CREATE VIEW w AS SELECT * FROM child;`,
      );
      const exported = async (from: D1Store) => {
        const parts: Uint8Array[] = [];
        await from.export({ tables: [], schema: true, data: true }, part => {
          parts.push(part);
        });
        return Buffer.concat(parts).toString();
      };
      const sql = await exported(store);
      expect(sql).not.toMatch(/^(?:BEGIN|COMMIT)/m);
      const copy = await open(d1Limits);
      await copy.script(sql);
      expect(await exported(copy)).toBe(sql);
      const all = { sql: `SELECT *, typeof(v) FROM "odd ""name"`, parameters: "[]" };
      expect((await copy.query([all])).results[0]?.rows).toBe((await store.query([all])).results[0]?.rows);
      await copy.close();
    });

    test("exports one part after the other, and fails with whoever writes them", async () => {
      await store.script(
        "CREATE TABLE t (v); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t SELECT printf('%090d', i) FROM n;",
      );
      const all = { tables: [], schema: true, data: true };
      let writing = 0;
      let most = 0;
      let text = "";
      await store.export(all, async part => {
        most = Math.max(most, ++writing);
        await new Promise(setImmediate);
        text += Buffer.from(part).toString();
        writing--;
      });
      expect(most).toBe(1);
      expect(text.match(/^INSERT/gm)).toHaveLength(20_000);
      expect(text.endsWith(`VALUES('${"20000".padStart(90, "0")}');\n`)).toBe(true);
      const full = () => Promise.reject(new Error("the disk is full"));
      await expect(store.export(all, full)).rejects.toThrow("the disk is full");
      expect((await query("SELECT count(*) FROM t")).results[0]?.rows).toBe("[[20000]]");
    });

    test("dumps a file of SQLite's", async () => {
      await query("CREATE TABLE t (id)");
      expect(Buffer.from((await store.dump()).subarray(0, 15)).toString()).toBe("SQLite format 3");
    });

    test("a query that does not end is ended, and nothing else is", async () => {
      const brief = await open({ ...d1Limits, queryMilliseconds: 500 });
      const one = { sql: "SELECT 1", parameters: "[]" };
      const [ended, after] = await Promise.allSettled([
        brief.query([{ sql: ENDLESS, parameters: "[]" }]),
        brief.query([one]),
      ]);
      expect(ended).toMatchObject({
        status: "rejected",
        reason: { message: "D1 DB storage operation exceeded timeout which caused object to be reset." },
      });
      expect(after.status).toBe("fulfilled");
      await brief.close();
    });

    test("close waits for calls under way", async () => {
      const other = await open(d1Limits);
      const work = other.query([{ sql: "SELECT 1", parameters: "[]" }]);
      await other.close();
      expect(rows(await work)).toEqual([[1]]);
    });
  });
}

async function clear(store: D1Store): Promise<void> {
  const sql =
    "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'";
  const { results } = await store.query([{ sql, parameters: "[]" }]);
  const objects = JSON.parse(results[0]?.rows ?? "[]") as [string, string][];
  const drops = objects.map(([type, name]) => `DROP ${type} "${name.replaceAll('"', '""')}";`);
  if (drops.length > 0) await store.script(`PRAGMA defer_foreign_keys = ON; ${drops.join("")}`);
}
