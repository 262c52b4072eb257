import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AnalyticsHost } from "../../../src/bindings/analytics-engine/host.ts";
import { MemoryAnalyticsStore } from "../../../src/bindings/analytics-engine/memory-store.ts";
import { SqliteAnalyticsStore } from "../../../src/bindings/analytics-engine/sqlite-store.ts";
import { failure, loadValue } from "../../config/helpers.ts";
import { eachEngine } from "../../helpers/each-engine.ts";
import { ILLEGAL_INVOCATION } from "../../helpers/illegal-invocation.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";
import { POINT } from "./store-suite.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever a worker may call it with
type Guest = { env: { VISITS: any } };

const bindings = [{ type: "analytics_engine", name: "VISITS", dataset: "visits" }];

eachEngine(
  "AnalyticsEngine",
  (run, { load }) => {
    test("writes points, which are there when the worker is gone", async () => {
      const stateDir = temporaryFolder();
      const worker = await load({
        bindings: [...bindings, { type: "analytics_engine", name: "OTHER" }],
        stateDir,
        script: `export default { run({ VISITS, OTHER }) {
          const bytes = new TextEncoder().encode("bytes é");
          const returned = VISITS.writeDataPoint({
            indexes: ["shop"],
            blobs: ["/", bytes, bytes.buffer, new Uint8Array([255, 65]), null, undefined, 5, true, "\\ud800"],
            doubles: [1, "2.5", -0, NaN, Infinity, -Infinity, null, true, undefined],
          });
          OTHER.writeDataPoint();
          OTHER.writeDataPoint(null);
          OTHER.writeDataPoint({});
          OTHER.writeDataPoint({ indexes: [], blobs: undefined, doubles: [] });
          OTHER.writeDataPoint({ indexes: [null] });
          OTHER.writeDataPoint(() => {});
          return returned === undefined;
        } }`,
      });
      const before = Date.now();
      expect(await worker.invoke("run")).toBe(true);
      await worker.dispose();
      const store = new SqliteAnalyticsStore(join(stateDir, "analytics", "datasets.sqlite"));
      const [row] = await store.points("visits");
      const columns = (name: string, count: number) =>
        Array.from({ length: count }, (_, index) => row?.[`${name}${index + 1}`]);
      expect(row?.["index1"]).toBe("shop");
      const [, , , invalid, ...blobs] = columns("blob", 10);
      expect(columns("blob", 3)).toEqual(["/", "bytes é", "bytes é"]);
      expect([...(invalid as Uint8Array)]).toEqual([255, 65]);
      expect(blobs).toEqual(["", "", "5", "true", "\ufffd", ""]);
      expect(columns("double", 10)).toEqual([1, 2.5, 0, null, Infinity, -Infinity, 0, 1, null, 0]);
      expect(Date.parse(`${row?.["timestamp"]}Z`)).toBeGreaterThan(before - 1000);
      expect(await store.datasets()).toMatchObject([
        { name: "OTHER", points: 6 },
        { name: "visits", points: 1 },
      ]);
      await store.close();
    });

    test("refuses what workerd refuses, in its words", async () => {
      expect(
        await run(function (this: Guest) {
          const { VISITS } = this.env;
          const refusals: unknown[] = [];
          const attempt = (call: () => unknown) => {
            try {
              refusals.push(call() === undefined);
            } catch (error) {
              refusals.push(String(error));
            }
          };
          for (const point of [
            { blobs: Array(21).fill("x") },
            { doubles: Array(21).fill(1) },
            { indexes: ["a", "b"] },
            { indexes: ["x".repeat(97)] },
            { indexes: ["é".repeat(49)] },
            { indexes: [new Uint8Array(97)] },
            { blobs: ["x".repeat(16_001)] },
            { blobs: ["x".repeat(8000), "é".repeat(4001)] },
            { blobs: "text" },
            { doubles: { 0: 1, length: 1 } },
            { blobs: [Symbol("s")] },
            { doubles: [Symbol("s")] },
            { doubles: [1n] },
            5,
            { blobs: [...Array(19).fill("é".repeat(400)), "x".repeat(800)], indexes: ["é".repeat(48)] },
          ]) {
            attempt(() => VISITS.writeDataPoint(point));
          }
          const { writeDataPoint } = VISITS;
          attempt(() => writeDataPoint({}));
          attempt(() => new VISITS.constructor(Symbol("construction"), "x"));
          return [...refusals, String(VISITS)];
        }),
      ).toEqual([
        "TypeError: writeDataPoint(): Maximum of 20 blobs supported.",
        "TypeError: writeDataPoint(): Maximum of 20 doubles supported.",
        "TypeError: writeDataPoint(): Maximum of 1 indexes supported.",
        ...Array(3).fill("TypeError: writeDataPoint(): Size of indexes[0] exceeds 96 bytes)."),
        ...Array(2).fill("TypeError: writeDataPoint(): Cumulative size of blobs exceeds 16000 bytes)."),
        "TypeError: Incorrect type for the 'blobs' field on 'AnalyticsEngineEvent': the provided value is not of type 'Array'.",
        "TypeError: Incorrect type for the 'doubles' field on 'AnalyticsEngineEvent': the provided value is not of type 'Array'.",
        "TypeError: Cannot convert a Symbol value to a string",
        "TypeError: Cannot convert a Symbol value to a number",
        "TypeError: Cannot convert a BigInt value to a number",
        "TypeError: Failed to execute 'writeDataPoint' on 'AnalyticsEngine': parameter 1 is not of type 'AnalyticsEngineEvent'.",
        true,
        ILLEGAL_INVOCATION,
        "TypeError: Illegal constructor",
        "[object AnalyticsEngine]",
      ]);
    });

    test("takes 250 points of an event, each event anew", async () => {
      const count = () =>
        run(function (this: Guest) {
          for (let written = 0; ; written++) {
            try {
              this.env.VISITS.writeDataPoint({ doubles: [written] });
            } catch (error) {
              return [written, String(error)];
            }
          }
        });
      const limited = [250, "Error: writeDataPoint(): Maximum of 250 data points per invocation supported."];
      expect([await count(), await count()]).toEqual([limited, limited]);
    });

    test("writes nothing while the worker is loaded", async () => {
      const worker = await load({
        bindings,
        script: `
          import { env } from "cloudflare:workers";
          let refusal;
          try { env.VISITS.writeDataPoint({}); } catch (error) { refusal = error.message; }
          export default { refusal: () => refusal };`,
      });
      expect(await worker.invoke("refusal")).toMatch(/^Disallowed operation called within global scope/);
      await worker.dispose();
    });
  },
  { bindings },
);

test("points are gathered, and all are written before the end", async () => {
  const store = new MemoryAnalyticsStore();
  const batches: number[] = [];
  const write = store.write.bind(store);
  store.write = points => {
    batches.push(points.length);
    return write(points);
  };
  const host = new AnalyticsHost(store);
  for (let index = 0; index < 4100; index++) host.write({ ...POINT, doubles: [index] }, () => {});
  await host.close();
  expect(batches).toEqual([2000, 2000, 100]);
  const rows = await store.points("visits");
  expect(rows.map(row => row["double1"])).toEqual([...Array(4100).keys()]);
});

test("a failure is told, and later points are written", async () => {
  const store = new MemoryAnalyticsStore();
  const write = store.write.bind(store);
  const failures = [new Error("the disk is full")];
  store.write = points => {
    const failure = failures.pop();
    return failure === undefined ? write(points) : Promise.reject(failure);
  };
  const host = new AnalyticsHost(store);
  const told = new Promise<Error>(resolve => host.write(POINT, resolve));
  expect((await told).message).toBe("the disk is full");
  host.write(POINT, () => {});
  await host.close();
  expect(await store.points("visits")).toHaveLength(1);
});

test("the configuration names datasets", async () => {
  const { config, warnings } = await loadValue({
    analytics_engine_datasets: [
      { binding: "A", dataset: "visits" },
      { binding: "B", remote: true },
    ],
  });
  expect(config.bindings).toEqual([
    { type: "analytics_engine", name: "A", dataset: "visits" },
    { type: "analytics_engine", name: "B", dataset: "B" },
  ]);
  expect(warnings).toEqual([expect.stringContaining('"analytics_engine_datasets[1].remote" is ignored')]);
  const error = await failure({
    "wrangler.json": JSON.stringify({ analytics_engine_datasets: [{ binding: "A", dataset: "SQLITE_x" }] }),
  });
  expect(error.message).toContain('must not begin with "sqlite_"');
});

test("a worker that writes no point makes no file", async () => {
  const stateDir = temporaryFolder();
  const { Engine } = await import("../../helpers/each-engine.ts");
  const engine = await Engine.open();
  const worker = await engine.load({ bindings, stateDir, script: "export default { run: () => 1 }" });
  await worker.invoke("run");
  await engine.close();
  expect(existsSync(join(stateDir, "analytics"))).toBe(false);
});
