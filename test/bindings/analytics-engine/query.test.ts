import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { queryDatasets } from "../../../src/bindings/analytics-engine/query/query.ts";
import { translate } from "../../../src/bindings/analytics-engine/query/translate.ts";
import { SqliteAnalyticsStore } from "../../../src/bindings/analytics-engine/sqlite-store.ts";
import { UserError } from "../../../src/errors.ts";
import { cli, folder, startServer } from "../../helpers/cli.ts";
import { rejection } from "../../helpers/project.ts";
import { POINT } from "./store-suite.ts";

const NOW = Date.parse("2026-01-01T12:40:00Z");

describe("a query", () => {
  const file = join(folder({}), "datasets.sqlite");
  const ask = async (sql: string) => (await queryDatasets(file, sql, () => NOW)).rows;
  const value = async (expression: string) => (await ask(`SELECT ${expression}`))[0]?.[0];

  beforeAll(async () => {
    const store = new SqliteAnalyticsStore(file);
    const points = Array.from({ length: 100 }, (_, index) => ({
      ...POINT,
      time: NOW - 60_000 * index,
      index: index % 3 === 0 ? "a" : "b",
      blobs: [`/${index % 4}`],
      doubles: [index + 1],
    }));
    await store.write([...points, { ...POINT, dataset: "with space" }]);
    await store.close();
  });

  test("has columns and rows", async () => {
    const sql = 'SELECT index1 AS "the index", count() FROM visits GROUP BY index1 ORDER BY index1';
    expect(await queryDatasets(file, sql, () => NOW)).toEqual({
      columns: ["the index", "count()"],
      rows: [
        ["a", 34],
        ["b", 66],
      ],
    });
    expect(await ask('SELECT count(*) FROM "with space"')).toEqual([[1]]);
  });

  test("of Cloudflare's documentation", async () => {
    expect(
      await ask(`
        SELECT
          intDiv(toUInt32(max(timestamp)), 300) * 300 AS t,
          blob1 AS path, -- a comment: INTERVAL '1' DAY
          SUM(_sample_interval * double1) / SUM(_sample_interval) AS average,
          quantileExactWeighted(0.5)(double1, _sample_interval) AS median
        FROM visits
        WHERE timestamp >= NOW() - INTERVAL '1' DAY AND double1 > 0
        GROUP BY blob1 ORDER BY path LIMIT 1 FORMAT JSON;`),
    ).toEqual([[NOW / 1000, "/0", 49, 49]]);
    expect(
      await ask(`SELECT toStartOfInterval(timestamp, INTERVAL '1' HOUR) AS hour, count() AS n
        FROM visits GROUP BY hour ORDER BY hour`),
    ).toEqual([
      ["2026-01-01 11:00:00", 59],
      ["2026-01-01 12:00:00", 41],
    ]);
  });

  test.each([
    ["NOW()", "2026-01-01 12:40:00"],
    ["now() - INTERVAL '1' DAY", "2025-12-31 12:40:00"],
    ["NOW()-INTERVAL 2 hours + interval '30' minute", "2026-01-01 11:10:00"],
    ["NOW() + INTERVAL '1' MONTH", "2026-02-01 12:40:00"],
    ["(toDateTime('2026-03-01 00:00:00')) - INTERVAL '1' WEEK", "2026-02-22 00:00:00"],
    ["toStartOfInterval('2026-05-17 10:11:12', INTERVAL '1' QUARTER)", "2026-04-01 00:00:00"],
    ["toStartOfInterval('2026-05-17 10:11:12', INTERVAL '15' MINUTE)", "2026-05-17 10:00:00"],
    ["toStartOfInterval('2026-05-17 10:11:12', INTERVAL '1' YEAR)", "2026-01-01 00:00:00"],
    ["toStartOfFiveMinutes('2026-05-17 10:11:12')", "2026-05-17 10:10:00"],
    ["toStartOfWeek('2026-05-17 10:11:12')", "2026-05-11"],
    ["toStartOfMonth('2026-05-17')", "2026-05-01"],
    ["toStartOfYear('2026-05-17')", "2026-01-01"],
    ["toUnixTimestamp('1970-01-02 00:00:01')", 86_401],
    ["toDateTime(86401)", "1970-01-02 00:00:01"],
    ["toYYYYMM('2026-05-17')", 202_605],
    ["toDayOfWeek('2026-05-17')", 7],
    ["toHour('2026-05-17 10:11:12')", 10],
    ["today()", "2026-01-01"],
    ["intDiv(7, 2)", 3],
    ["if(1 > 2, 'a', 'b')", "b"],
    ["startsWith('abc', 'ab') + endsWith('abc', 'x')", 1],
    ["'INTERVAL ''1'' DAY)('", "INTERVAL '1' DAY)("],
  ])("%s", async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });

  test("has Cloudflare's aggregates", async () => {
    expect(
      await ask(`SELECT countIf(double1 > 90), sumIf(double1, double1 > 99), avgIf(double1, double1 <= 3),
        argMax(blob1, double1), argMin(blob1, double1), topK(2)(index1), quantileWeighted(0.9, double1, 1),
        countIf(0), avgIf(double1, 0), count(DISTINCT blob1) FROM visits`),
    ).toEqual([[10, 100, 2, "/3", "/0", '["b","a"]', 90, 0, null, 4]]);
  });

  test.each([
    ["DELETE FROM visits", "Only queries are answered: the data is the workers' to write."],
    [
      "INSERT INTO visits (index1) VALUES ('x') RETURNING 1",
      "Only queries are answered: the data is the workers' to write.",
    ],
    ["ATTACH 'other.sqlite' AS other", "Only queries are answered: the data is the workers' to write."],
    [
      "SELECT 1; DELETE FROM visits",
      "The query cannot be answered: The supplied SQL string contains more than one statement.",
    ],
    ["PRAGMA user_version = 5", "Only queries are answered: the data is the workers' to write."],
    ["SELECT * FROM absent", "The query cannot be answered: no such table: absent."],
    ["SELECT FROM", 'The query cannot be answered: near "FROM": syntax error.'],
    ["", "The query cannot be answered: The supplied SQL string contains no statements."],
    ["SELECT toDateTime('soon')", 'The query cannot be answered: "soon" is not a time: YYYY-MM-DD hh:mm:ss.'],
    ["SELECT topK(1", "The query cannot be answered: incomplete input."],
  ])("%j is refused", async (sql, message) => {
    const error = await rejection(ask(sql), UserError);
    expect([error.code, error.message]).toEqual(["USAGE", message]);
    expect(await ask("SELECT count(*) FROM visits")).toEqual([[100]]);
  });

  test.each([
    "(".repeat(20_000),
    "INTERVAL ".repeat(20_000),
    "NOW() - INTERVAL '1' DAY ".repeat(500),
    "'".repeat(30_001),
  ])("a hostile text is translated in time", sql => {
    const start = performance.now();
    translate(sql);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe("worker analytics", () => {
  const cwd = folder({
    "wrangler.json": JSON.stringify({
      main: "index.js",
      analytics_engine_datasets: [{ binding: "VISITS", dataset: "visits" }],
    }),
    "index.js": `export default { fetch(request, env) {
      env.VISITS.writeDataPoint({ blobs: [new URL(request.url).pathname], doubles: [1] });
      return new Response("ok");
    } }`,
  });

  test("says that there is nothing yet", async () => {
    const [list, query] = await Promise.all([
      cli(["analytics", "list"], { cwd }),
      cli(["analytics", "query", "SELECT 1"], { cwd }),
    ]);
    expect([list.stdout, list.stderr, list.code]).toEqual(["", "No data point has been written.\n", 0]);
    expect([query.code, query.stderr]).toEqual([
      2,
      "error: There is no data: no data point has been written yet. (USAGE)\nWrite one with env.DATASET.writeDataPoint(…), or name another folder with --persist-to.\n",
    ]);
  });

  test("answers beside a running server", { timeout: 60_000 }, async () => {
    const server = await startServer(["dev"], { cwd });
    for (const path of ["/a", "/b", "/a"]) await fetch(`${server.url}${path}`);
    const sql = "SELECT blob1 AS path, count() AS visits FROM visits GROUP BY path ORDER BY path";
    let rows: unknown[] = [];
    while (JSON.stringify(rows) !== '[{"path":"/a","visits":2},{"path":"/b","visits":1}]') {
      const { stdout } = await cli(["analytics", "query", sql, "--json"], { cwd });
      rows = stdout === "" ? [] : (JSON.parse(stdout) as unknown[]);
    }
    const [table, fromStdin, list] = await Promise.all([
      cli(["analytics", "query", sql], { cwd }),
      cli(["analytics", "query", "-"], { cwd, input: `${sql};\n` }),
      cli(["analytics", "list"], { cwd }),
    ]);
    expect(table.stdout).toBe("path  visits\n/a    2\n/b    1\n");
    expect(fromStdin.stdout).toBe(table.stdout);
    expect(list.stdout).toMatch(/^DATASET {2}POINTS {2}FIRST \(UTC\) +LAST \(UTC\)\nvisits {3}3 {7}\d{4}-/);
    server.signal("SIGTERM");
    await server.ended;
  });
});
