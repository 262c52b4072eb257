import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("performance", run => {
  test("counts whole milliseconds from the epoch, as on workerd", async () => {
    const facts = await run(() => {
      const before = Date.now();
      const now = performance.now();
      return [
        performance.timeOrigin,
        Number.isInteger(now),
        now >= before,
        performance.toJSON(),
        String(performance),
      ];
    });
    expect(facts).toEqual([0, true, true, { timeOrigin: 0 }, "[object Performance]"]);
  });

  test("marks and measures", async () => {
    const facts = await run(() => {
      performance.clearMarks();
      performance.clearMeasures();
      performance.mark("a", { startTime: 5, detail: { x: 1 } });
      performance.mark("b", { startTime: 50 });
      const between = performance.measure("between", "a", "b");
      const lasting = performance.measure("lasting", { end: 100, duration: 10, detail: 1 } as never);
      const names = performance.getEntries().map(entry => `${entry.entryType} ${entry.name}`);
      const marks = performance.getEntriesByType("mark").map(entry => entry.toJSON());
      performance.clearMarks("a");
      performance.clearMeasures();
      return [
        [between.startTime, between.duration],
        lasting.toJSON(),
        names,
        marks,
        performance.getEntries().length,
        performance.getEntriesByName("b", "measure").length,
      ];
    });
    expect(facts).toEqual([
      [5, 45],
      { name: "lasting", entryType: "measure", startTime: 90, duration: 10, detail: 1 },
      ["mark a", "mark b", "measure between", "measure lasting"],
      [
        { name: "a", entryType: "mark", startTime: 5, duration: 0, detail: { x: 1 } },
        { name: "b", entryType: "mark", startTime: 50, duration: 0 },
      ],
      1,
      0,
    ]);
  });

  test("observers hear of entries in batches", async () => {
    const facts = await run(async () => {
      const Observer = Reflect.get(globalThis, "PerformanceObserver") as
        | typeof PerformanceObserver
        | undefined;
      if (Observer === undefined) return "not exposed";
      const batches: string[][] = [];
      const observer = new Observer(list => batches.push(list.getEntries().map(entry => entry.name)));
      observer.observe({ entryTypes: ["mark", "unknown" as never] });
      performance.mark("one");
      performance.mark("two");
      await Promise.resolve();
      performance.measure("unheard");
      performance.mark("taken");
      const taken = observer.takeRecords().map(entry => entry.name);
      observer.disconnect();
      performance.mark("late");
      await Promise.resolve();
      performance.clearMarks();
      performance.clearMeasures();
      return [batches, taken];
    });
    expect(facts).toEqual([[["one", "two"]], ["taken"]]);
  });

  test("has what workerd has beside", async () => {
    const facts = await run(() => {
      const own = performance as typeof performance & { eventCounts: Map<string, number> };
      performance.clearResourceTimings();
      performance.setResourceTimingBufferSize(10);
      const fn = () => 5;
      return [
        own.eventCounts.size,
        performance.eventLoopUtilization().utilization,
        performance.timerify(fn) === fn,
      ];
    });
    expect(facts).toEqual([0, 0, true]);
  });

  test("cannot be constructed, and checks its arguments", async () => {
    const names = await run(() =>
      [
        () => new (performance.constructor as new () => unknown)(),
        () => performance.mark(...([] as unknown as [string])),
        () => performance.mark("x", { startTime: Number.NaN }),
        () => performance.mark("x", { detail: () => {} }),
        () => performance.now.call({} as never),
      ].map(attempt => {
        try {
          attempt();
          return "no error";
        } catch (error) {
          return (error as Error).name;
        }
      }),
    );
    expect(names).toEqual(["TypeError", "TypeError", "TypeError", "DataCloneError", "TypeError"]);
  });
});
