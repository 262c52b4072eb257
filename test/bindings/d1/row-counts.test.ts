/** Rows read and written, beside what Cloudflare's own SQLite counts. */
import { beforeAll, describe, expect, test } from "vitest";
import { d1Limits } from "../../../src/bindings/d1/limits.ts";
import { MemoryD1Store } from "../../../src/bindings/d1/memory-store.ts";

const counts = typeof (await import("node:sqlite")).StatementSync.prototype["stat" as never] === "function";

/** The tables of the queries below: 100 rows of which 10 share each `b`, and 50 rows that refer to them. */
const SETUP = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, b INT, c TEXT);
  CREATE INDEX i ON t (b);
  CREATE TABLE u (id INTEGER PRIMARY KEY, tid INT, x TEXT);
  CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, x);
  CREATE TABLE k (k TEXT PRIMARY KEY, v);
  CREATE TABLE empty (x);
  WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100) INSERT INTO t (b, c) SELECT x % 10, 'c' || x FROM n;
  WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 50) INSERT INTO u (tid, x) SELECT x, 'u' || x FROM n;
`;

const READS: readonly (readonly [sql: string, read: number])[] = [
  ["SELECT 1", 0],
  ["SELECT * FROM t", 100],
  ["SELECT * FROM t LIMIT 10", 10],
  ["SELECT * FROM t LIMIT 10 OFFSET 20", 30],
  ["SELECT * FROM t WHERE id = 5", 1],
  ["SELECT * FROM t WHERE id = 500", 1],
  ["SELECT * FROM t WHERE id > 90", 10],
  ["SELECT * FROM t WHERE id BETWEEN 10 AND 20", 12],
  ["SELECT * FROM t WHERE b = 3", 11],
  ["SELECT * FROM t WHERE b > 7", 20],
  ["SELECT * FROM t WHERE b = 3 AND c LIKE '%3'", 11],
  ["SELECT * FROM t WHERE c = 'c5'", 100],
  ["SELECT * FROM t WHERE id IN (1, 2, 3)", 6],
  ["SELECT * FROM t WHERE 0", 0],
  ["SELECT * FROM t WHERE b IS NULL", 0],
  ["SELECT * FROM empty", 1],
  ["SELECT count(*) FROM t", 100],
  ["SELECT count(*) FROM t WHERE b = 3", 11],
  ["SELECT count(*) FROM t WHERE c = 'c3'", 100],
  ["SELECT max(id) FROM t", 1],
  ["SELECT sum(b) FROM t", 100],
  ["SELECT * FROM t ORDER BY c", 200],
  ["SELECT * FROM t ORDER BY b LIMIT 5", 5],
  ["SELECT * FROM t ORDER BY id DESC LIMIT 5", 5],
  ["SELECT b, count(*) FROM t GROUP BY b", 100],
  ["SELECT DISTINCT c FROM t", 100],
  ["SELECT * FROM t JOIN u ON u.tid = t.id", 100],
  ["SELECT * FROM u, t", 5050],
  ["SELECT * FROM t UNION ALL SELECT * FROM t", 200],
  ["SELECT * FROM json_each('[1, 2]')", 2],
  ["WITH x AS (SELECT * FROM t WHERE b = 2) SELECT count(*) FROM x", 11],
];

const WRITES: readonly (readonly [sql: string, written: number])[] = [
  ["INSERT INTO t (b) VALUES (1)", 2],
  ["INSERT INTO t (b) VALUES (1), (2), (3)", 6],
  ["INSERT INTO u (x) VALUES ('a')", 1],
  ["INSERT INTO a (x) VALUES (1)", 2],
  ["INSERT INTO k VALUES ('a', 1)", 2],
  ["INSERT INTO k VALUES ('a', 1) ON CONFLICT DO NOTHING", 0],
  ["INSERT INTO k VALUES ('a', 1) ON CONFLICT (k) DO UPDATE SET v = 2", 1],
  ["INSERT OR REPLACE INTO k VALUES ('a', 2)", 2],
  ["UPDATE t SET c = 'z' WHERE id = 1", 1],
  ["UPDATE t SET b = 5 WHERE id = 1", 2],
  ["UPDATE t SET c = 'z' WHERE b = 3", 11],
  ["UPDATE t SET b = b + 1 WHERE id <= 10", 20],
  ["DELETE FROM u WHERE id = 1", 1],
  ["DELETE FROM u WHERE x = 'u9'", 1],
  ["DELETE FROM u", 49],
  ["CREATE TABLE made (x)", 2],
];

describe.skipIf(!counts)("rows read (the counters are Node.js's from 26 on)", () => {
  const store = new MemoryD1Store(d1Limits);
  beforeAll(async () => {
    await store.script(SETUP);
    return () => store.close();
  });
  test.each(READS)("%s: %i", async (sql, read) => {
    const { results } = await store.query([{ sql, parameters: "[]" }]);
    expect(results[0]?.rowsRead).toBe(read);
    expect(results[0]?.rowsWritten).toBe(0);
    // The account of a statement is of one run, not of all.
    expect((await store.query([{ sql, parameters: "[]" }])).results[0]?.rowsRead).toBe(read);
  });
});

test("rows written", async () => {
  const store = new MemoryD1Store(d1Limits);
  await store.script(SETUP);
  const written: (readonly [string, number | undefined])[] = [];
  for (const [sql] of WRITES) {
    const { results } = await store.query([{ sql, parameters: "[]" }]);
    written.push([sql, results[0]?.rowsWritten]);
  }
  expect(written).toEqual(WRITES);
  await store.close();
});
