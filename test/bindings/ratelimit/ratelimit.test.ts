import { beforeEach, describe, expect, test } from "vitest";
import { RateLimiter } from "../../../src/bindings/ratelimit/host.ts";
import { failure, loadValue } from "../../config/helpers.ts";
import { eachEngine } from "../../helpers/each-engine.ts";
import { ILLEGAL_INVOCATION } from "../../helpers/illegal-invocation.ts";
import { ManualClock } from "../../storage/manual-clock.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever a worker may call it with
type Guest = { env: { TWO: any; SAME: any; OTHER: any; MANY: any } };

const limit = (name: string, id: string, limit: number) => ({
  type: "ratelimit",
  name,
  id,
  limit,
  period: 60,
});
const bindings = [
  limit("TWO", "1001", 2),
  limit("SAME", "1001", 3),
  limit("OTHER", "1002", 1),
  limit("MANY", "1003", 1000),
];

const PERIOD_MS = 60_000;

/** The library runs by the machine's clock: a test that counts must not see a window end. */
async function beginWellInsideAWindow(): Promise<void> {
  const left = PERIOD_MS - (Date.now() % PERIOD_MS);
  if (left < 5000) await new Promise(resolve => setTimeout(resolve, left));
}

eachEngine(
  "rate limits",
  (run, { load }) => {
    beforeEach(beginWellInsideAWindow, 10_000);

    test("count each key by itself, and bindings of one namespace together", async () => {
      expect(
        await run(async function (this: Guest) {
          const { TWO, SAME, OTHER } = this.env;
          const outcomes: unknown[] = [];
          for (const binding of [TWO, TWO, TWO, SAME, SAME, OTHER, OTHER]) {
            outcomes.push((await binding.limit({ key: "a" })).success);
          }
          return [outcomes, await TWO.limit({ key: "b" }), await TWO.limit({}), await TWO.limit([])];
        }),
      ).toEqual([
        [true, true, false, true, false, true, false],
        { success: true },
        { success: true },
        { success: true },
      ]);
    });

    test("take a delta, a limit and a period of the call", async () => {
      expect(
        await run(async function (this: Guest) {
          const { MANY } = this.env;
          const calls = [
            { key: "d", delta: 999 },
            { key: "d", delta: 5000.9 },
            { key: "d" },
            { key: "d", period: 10, limit: 1 },
            { key: "l", limit: 1 },
            { key: "l", limit: 1 },
            { key: "l" },
            { key: "n", limit: Number.NaN },
            { key: "z", limit: 0 },
            { key: "i", limit: Number.POSITIVE_INFINITY },
          ];
          const outcomes: unknown[] = [];
          for (const call of calls) outcomes.push((await MANY.limit(call)).success);
          return outcomes;
        }),
      ).toEqual([true, true, false, true, true, false, true, true, false, true]);
    });

    test("refuse what Miniflare refuses, in its words", async () => {
      expect(
        await run(async function (this: Guest) {
          const { MANY } = this.env;
          const refused: unknown[] = [];
          const options = [
            undefined,
            null,
            "key",
            () => {},
            { key: "a", foo: 1, bar: 2 },
            { key: 5 },
            { key: Symbol("s") },
            { key: "a", limit: "5" },
            { key: "a", period: "60" },
            { key: "a", period: 5 },
            { key: "a", delta: "x" },
            { key: "a", delta: -1 },
            { key: "a", delta: 2 ** 32 },
            { key: "a", delta: 0.5 },
          ];
          for (const given of options) {
            await MANY.limit(given).catch((error: unknown) => refused.push(String(error)));
          }
          const { limit: loose } = MANY;
          await loose({ key: "a" }).catch((error: unknown) => refused.push(String(error)));
          try {
            new MANY.constructor(Symbol("construction"), {});
          } catch (error) {
            refused.push(String(error));
          }
          return refused;
        }),
      ).toEqual([
        ...Array(4).fill("Error: invalid rate limit options"),
        "Error: bad rate limit options: [foo,bar]",
        "Error: invalid key: 5",
        "Error: invalid key: Symbol(s)",
        "Error: limit must be a number: 5",
        "Error: period must be a number: 60",
        "Error: unsupported period: 5",
        "TypeError: The value cannot be converted because it is not an integer.",
        "TypeError: The value cannot be converted because it is negative and this API expects a positive number.",
        "TypeError: Value out of range. Must be less than or equal to 4294967295.",
        "RangeError: delta must be non-zero",
        ILLEGAL_INVOCATION,
        "TypeError: Illegal constructor",
      ]);
    });

    test("are shared by all isolates of a worker", async () => {
      const worker = await load({
        instances: 2,
        bindings: [limit("LIMIT", "shared", 5)],
        script: "export default { take: async env => (await env.LIMIT.limit({ key: 'k' })).success }",
      });
      const taken = await Promise.all(Array.from({ length: 8 }, () => worker.invoke("take")));
      expect(taken.filter(success => success)).toHaveLength(5);
      await worker.dispose();
    });
  },
  { bindings },
);

test("windows begin at whole multiples of the period", () => {
  const clock = new ManualClock(Date.parse("2026-01-01T00:00:05Z"));
  const limiter = new RateLimiter(clock);
  const take = (period: number) => limiter.limit("k", 1, period, 1);
  expect([take(10), take(10), take(60), take(60)]).toEqual([true, false, true, false]);
  clock.advance(4999);
  expect([take(10), take(60)]).toEqual([false, false]);
  clock.advance(1);
  expect([take(10), take(10), take(60)]).toEqual([true, false, false]);
  clock.advance(50_000);
  expect([take(10), take(60), take(60)]).toEqual([true, true, false]);
});

describe("the configuration", () => {
  const simple = { limit: 100, period: 60 };

  test("names namespace, limit and period, also in the older form", async () => {
    const { config, warnings } = await loadValue({
      ratelimits: [{ name: "A", namespace_id: "1", simple }],
      unsafe: {
        bindings: [
          { name: "B", type: "ratelimit", namespace_id: "1", simple: { limit: 5, period: 10 } },
          { name: "C", type: "inherit", of: "anything" },
        ],
        metadata: { any: 1 },
      },
    });
    expect(config.bindings).toEqual([
      { type: "ratelimit", name: "A", id: "1", limit: 100, period: 60 },
      { type: "ratelimit", name: "B", id: "1", limit: 5, period: 10 },
      { type: "unavailable", name: "C", key: "unsafe", kind: 'unsafe binding "inherit"' },
    ]);
    expect(warnings).toEqual([
      "wrangler.json: no local form: C (unsafe); what the worker calls on them throws",
    ]);
  });

  test.each([
    [
      { namespace_id: "1", simple: { limit: 1, period: 30 } },
      '"ratelimits[0].simple.period" should be one of 10, 60, not the number 30',
    ],
    [{ namespace_id: 1, simple }, '"ratelimits[0].namespace_id" should be a string, not the number 1'],
    [{ namespace_id: "1" }, '"ratelimits[0].simple" should be an object, not absent'],
    [
      { namespace_id: "1", simple: { period: 10 } },
      '"ratelimits[0].simple.limit" should be a number, not absent',
    ],
  ])("with %j is an error", async (value, message) => {
    const error = await failure({
      "wrangler.json": JSON.stringify({ ratelimits: [{ name: "A", ...value }] }),
    });
    expect(error.message).toContain(message);
  });

  test("an incomplete rate limit in the older form is an error", async () => {
    const unsafe = { bindings: [{ name: "A", type: "ratelimit", namespace_id: "1" }] };
    const error = await failure({ "wrangler.json": JSON.stringify({ unsafe }) });
    expect(error.message).toContain(
      '"unsafe.bindings[0]" is a rate limit, which needs a namespace_id, and limit and period in simple',
    );
  });
});
