/** What every AnalyticsStore must do. A new implementation calls `describeAnalyticsStore` with a way to open an empty one. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AnalyticsStore, DataPoint } from "../../../src/bindings/analytics-engine/store.ts";

export const POINT: DataPoint = {
  dataset: "visits",
  time: Date.parse("2026-01-01T12:34:56.789Z"),
  index: "shop",
  blobs: ["/", "é🧨"],
  doubles: [1, -0.5],
};

const numbered = (name: string, value: unknown) =>
  Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${name}${index + 1}`, value]));

export function describeAnalyticsStore(name: string, open: () => Promise<AnalyticsStore>): void {
  describe(`AnalyticsStore: ${name}`, () => {
    let store: AnalyticsStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    test("is empty at first", async () => {
      expect(await store.datasets()).toEqual([]);
      expect(await store.points("visits")).toEqual([]);
    });

    test("keeps points with the columns of the SQL API", async () => {
      await store.write([POINT]);
      const [row] = await store.points("visits");
      expect(row).toEqual({
        dataset: "visits",
        timestamp: "2026-01-01 12:34:56",
        _sample_interval: 1,
        index1: "shop",
        ...numbered("blob", ""),
        blob1: "/",
        blob2: "é🧨",
        ...numbered("double", 0),
        double1: 1,
        double2: -0.5,
      });
      expect(Object.keys(row ?? {}).slice(0, 5)).toEqual([
        "dataset",
        "timestamp",
        "_sample_interval",
        "index1",
        "blob1",
      ]);
    });

    test("keeps all of them, bytes, infinite numbers, and null for what is no number", async () => {
      const bytes = Buffer.from([0xff, 0x00, 0xfe]);
      const blobs = Array.from({ length: 20 }, (_, index) => (index === 19 ? bytes : `b${index}`));
      const doubles = [...Array(17).keys(), Number.NaN, Number.POSITIVE_INFINITY, -1e308];
      await store.write([{ ...POINT, blobs, doubles }]);
      const [row] = await store.points("visits");
      expect(Buffer.from(row?.["blob20"] as Uint8Array)).toEqual(bytes);
      expect([row?.["blob19"], row?.["double18"], row?.["double19"], row?.["double20"]]).toEqual([
        "b18",
        null,
        Number.POSITIVE_INFINITY,
        -1e308,
      ]);
    });

    test("keeps datasets apart, whatever they are called", async () => {
      const names = ["visits", 'with "quotes"', "'; DROP TABLE visits; --", "select", "é", "a.b", " "];
      await store.write(
        names.flatMap(dataset => [
          { ...POINT, dataset },
          { ...POINT, dataset, time: 0 },
        ]),
      );
      await store.write([{ ...POINT, time: POINT.time + 60_000 }]);
      const datasets = await store.datasets();
      expect(datasets.map(({ name }) => name).sort()).toEqual([...names].sort());
      expect(datasets.find(({ name }) => name === "visits")).toEqual({
        name: "visits",
        points: 3,
        first: "1970-01-01 00:00:00",
        last: "2026-01-01 12:35:56",
      });
      for (const name of names) expect((await store.points(name))[0]?.["dataset"]).toBe(name);
    });
  });
}
