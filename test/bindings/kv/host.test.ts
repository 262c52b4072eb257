import { Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "vitest";
import { KVHost } from "../../../src/bindings/kv/host.ts";
import { kvLimits } from "../../../src/bindings/kv/limits.ts";
import { MemoryKVStore } from "../../../src/bindings/kv/memory-store.ts";
import { UserError } from "../../../src/errors.ts";
import { ManualClock } from "../../storage/manual-clock.ts";
import { textOf } from "./store-suite.ts";

const NOW = Date.parse("2026-01-01T00:00:00.900Z");
const SECONDS = Math.floor(NOW / 1000);
const PLAIN = { expiration: null, ttl: null, metadata: null };

let kv: KVHost;
let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock(NOW);
  kv = new KVHost(new MemoryKVStore(clock), clock);
});

const put = (key: string, value = "", settings: object = {}) =>
  kv.put(key, Buffer.from(value), { ...PLAIN, ...settings });

/** The refusal of a call: the class's name and the message. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => undefined,
    error => error,
  );
  return String(error);
}

describe("keys", () => {
  const calls: Record<string, (key: string) => Promise<unknown>> = {
    GET: key => kv.get(key, null),
    PUT: key => put(key),
    DELETE: key => kv.delete(key),
  };

  test.each(Object.keys(calls))("%s refuses what cannot be a key", async method => {
    const call = calls[method] as (key: string) => Promise<unknown>;
    expect(await refusal(call(""))).toBe("TypeError: Key name cannot be empty.");
    expect(await refusal(call("."))).toBe('TypeError: "." is not allowed as a key name.');
    expect(await refusal(call(".."))).toBe('TypeError: ".." is not allowed as a key name.');
    const tooLong = `Error: KV ${method} failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.`;
    expect(await refusal(call("x".repeat(513)))).toBe(tooLong);
    expect(await refusal(call(`${"é".repeat(256)}x`))).toBe(tooLong);
    for (const key of ["x".repeat(512), "é".repeat(256), "...", "./", " "]) {
      expect(await refusal(call(key))).toBe("undefined");
    }
  });
});

test("of many keys, each is looked at, and refused in the service's words", async () => {
  const many = (key: string) => kv.getBulk(["a", key], "text", null);
  const failed = "Error: KV GET_BULK failed:";
  expect(await refusal(many(""))).toBe(`${failed} 400 Key names must not be empty`);
  expect(await refusal(many(".."))).toBe(`${failed} 400 Illegal key name "..". Please use a different name.`);
  expect(await refusal(many("x".repeat(513)))).toBe(
    `${failed} 414 UTF-8 encoded length of 513 exceeds key length limit of 512.`,
  );
});

describe("values", () => {
  test("may have 25 MiB", async () => {
    const limits = { ...kvLimits, valueBytes: 10 };
    const small = new KVHost(new MemoryKVStore(clock), clock, limits);
    await small.put("a", Buffer.alloc(10), PLAIN);
    const message = "Error: KV PUT failed: 413 Value length of 11 exceeds limit of 10.";
    expect(await refusal(small.put("a", Buffer.alloc(11), PLAIN))).toBe(message);
    expect(kvLimits.valueBytes).toBe(26_214_400);
  });

  test("a stream is read as far as the limit, and destroyed there", async () => {
    const small = new KVHost(new MemoryKVStore(clock), clock, { ...kvLimits, valueBytes: 10 });
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(4));
      },
      highWaterMark: 4,
    });
    const message = "Error: KV PUT failed: 413 Value length of 12 exceeds limit of 10.";
    expect(await refusal(small.put("a", endless, PLAIN))).toBe(message);
    expect(endless.destroyed).toBe(true);
    expect(await small.get("a", null)).toBe(null);
  });

  test("a stream is let go when its put is refused", async () => {
    const stream = new Readable({ read() {} });
    expect(await refusal(kv.put("", stream, PLAIN))).toContain("TypeError");
    expect(stream.destroyed).toBe(true);
  });
});

describe("expiration", () => {
  test.each([
    [{ ttl: 59 }, "Invalid expiration_ttl of 59. Expiration TTL must be at least 60."],
    [{ ttl: 30 }, "Invalid expiration_ttl of 30. Expiration TTL must be at least 60."],
    [{ ttl: 0 }, "Invalid expiration_ttl of 0. Please specify integer greater than 0."],
    [{ ttl: -1 }, "Invalid expiration_ttl of -1. Please specify integer greater than 0."],
    [
      { expiration: SECONDS },
      `Invalid expiration of ${SECONDS}. Please specify integer greater than the current number of seconds since the UNIX epoch.`,
    ],
    [
      { expiration: SECONDS + 59 },
      `Invalid expiration of ${SECONDS + 59}. Expiration times must be at least 60 seconds in the future.`,
    ],
  ])("%j is refused", async (settings, message) => {
    expect(await refusal(put("a", "", settings))).toBe(`Error: KV PUT failed: 400 ${message}`);
  });

  test("the shortest ones are taken, and a TTL wins", async () => {
    await put("ttl", "", { ttl: 60, expiration: SECONDS + 1000 });
    await put("time", "", { expiration: SECONDS + 60 });
    expect((await kv.get("ttl", null))?.expiration).toBe(SECONDS + 60);
    expect((await kv.get("time", null))?.expiration).toBe(SECONDS + 60);
    clock.set((SECONDS + 60) * 1000);
    expect(await kv.get("ttl", null)).toBe(null);
    expect(await kv.get("time", null)).toBe(null);
  });
});

test("metadata may have 1024 bytes", async () => {
  await put("a", "", { metadata: `"${"é".repeat(511)}"` });
  expect(await refusal(put("a", "", { metadata: `"${"é".repeat(512)}"` }))).toBe(
    "Error: KV PUT failed: 413 Metadata length of 1026 exceeds limit of 1024.",
  );
});

test("cacheTtl is at least 30", async () => {
  expect(await kv.get("a", 30)).toBe(null);
  const message = "400 Invalid cache_ttl of 29. Cache TTL must be at least 30.";
  expect(await refusal(kv.get("a", 29))).toBe(`Error: KV GET failed: ${message}`);
  expect(await refusal(kv.getBulk(["a"], "text", 29))).toBe(`Error: KV GET_BULK failed: ${message}`);
});

describe("list", () => {
  test("has pages of 1 to 1000 keys", async () => {
    for (const key of ["a", "b", "c"]) await put(key);
    const counts: Record<string, number> = { "1": 1, "2": 2, "1000": 3, "0": 3, "-5": 3 };
    for (const [limit, count] of Object.entries(counts)) {
      expect((await kv.list(null, Number(limit), null)).keys, limit).toHaveLength(count);
    }
    expect((await kv.list(null, null, "")).keys).toHaveLength(3);
    expect(await refusal(kv.list(null, 1001, null))).toBe(
      "Error: KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000.",
    );
  });

  test("refuses long prefixes and foreign cursors", async () => {
    expect(await refusal(kv.list("x".repeat(513), null, null))).toBe(
      "Error: KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.",
    );
    expect(await refusal(kv.list(null, null, "nonsense"))).toBe("Error: KV GET failed: 400 Invalid cursor");
  });
});

describe("many keys", () => {
  test("come in the order asked for, as text", async () => {
    await put("1", "one", { metadata: "[1]" });
    await put("b", "two");
    expect(await kv.getBulk(["b", "none", "1", "b"], "text", null)).toEqual([
      ["two", null],
      null,
      ["one", "[1]"],
      ["two", null],
    ]);
  });

  test("up to 100 of them, as text or JSON, within 25 MiB", async () => {
    const keys = Array.from({ length: 101 }, (_, index) => `k${index}`);
    expect(await kv.getBulk(keys.slice(1), "json", null)).toHaveLength(100);
    const small = new KVHost(new MemoryKVStore(clock), clock, { ...kvLimits, bulkBytes: 1024 * 1024 });
    await small.put("a", Buffer.alloc(600_000), PLAIN);
    expect([
      await refusal(kv.getBulk(keys, "text", null)),
      await refusal(kv.getBulk([], "text", null)),
      await refusal(kv.getBulk(["a"], "arrayBuffer", null)),
      await refusal(small.getBulk(["a", "a"], "text", null)),
    ]).toEqual([
      "Error: KV GET_BULK failed: 400 You can request a maximum of 100 keys",
      "Error: KV GET_BULK failed: 400 You must request a minimum of 1 key",
      'Error: KV GET_BULK failed: 400 "arrayBuffer" is not a valid type. Use "json" or "text"',
      "Error: KV GET_BULK failed: 413 Total size of request exceeds the limit of 1MB",
    ]);
  });
});

test("a value comes back as it was put", async () => {
  await put("a", "välue\0🧨");
  expect(await textOf(await kv.get("a", null))).toBe("välue\0🧨");
});

test("a store's trouble is told as a failure of the service", async () => {
  const store = new MemoryKVStore(clock);
  store.get = async () => {
    throw new UserError("STATE_DAMAGED", "The database x.sqlite is damaged.", "Delete it.");
  };
  store.put = async () => {
    throw new RangeError("a store's own error");
  };
  const troubled = new KVHost(store, clock);
  expect(await refusal(troubled.get("a", null))).toBe(
    "Error: KV GET failed: 500 The database x.sqlite is damaged. Delete it.",
  );
  expect(await refusal(troubled.put("a", Buffer.alloc(0), PLAIN))).toBe("RangeError: a store's own error");
});
