import { expect, test } from "vitest";
import { eachEngine } from "../helpers/each-engine.ts";

eachEngine("ECMAScript that an engine may lack", run => {
  test("error stacks start with the error's text", async () => {
    const facts = await run(() => {
      class Mine extends RangeError {
        code = 1;
      }
      const mine = new Mine("m", { cause: 5 });
      const called = (TypeError as unknown as (message: string) => TypeError)("called");
      const many = new AggregateError([1], "many", { cause: 2 });
      return [
        mine.stack?.split("\n")[0],
        [mine instanceof Mine, mine instanceof RangeError, mine instanceof Error, mine.cause, mine.name],
        [called.stack?.split("\n")[0], called instanceof TypeError, Object.keys(called)],
        [many.stack?.split("\n")[0], many.errors, many.cause],
        [Error.prototype.constructor === Error, TypeError.name, TypeError.length, AggregateError.length],
        [
          Object.getPrototypeOf(TypeError) === Error,
          Object.getPrototypeOf(Mine) === RangeError,
          new Error().message,
        ],
        "message" in Object.getOwnPropertyDescriptors(new Error()),
      ];
    });
    expect(facts).toEqual([
      "RangeError: m",
      [true, true, true, 5, "RangeError"],
      ["TypeError: called", true, []],
      ["AggregateError: many", [1], 2],
      [true, "TypeError", 1, 2],
      [true, true, ""],
      false,
    ]);
  });

  test("the first frame is where the error was made", async () => {
    const frames = await run(() => {
      function maker() {
        return new Error("x").stack?.split("\n")[1];
      }
      function capturer() {
        const holder: { stack?: string } = {};
        Error.captureStackTrace(holder);
        return holder.stack?.split("\n");
      }
      function outer() {
        const holder: { stack?: string } = {};
        function hidden() {
          Error.captureStackTrace(holder, hidden);
        }
        hidden();
        return holder.stack?.split("\n")[1];
      }
      const captured = capturer();
      return [maker(), captured?.[0], captured?.[1], outer(), Error.stackTraceLimit];
    });
    expect(frames[0]).toContain("maker");
    expect(frames[1]).toMatch(/^(Error|\[object Object\])$/);
    expect(frames[2]).toContain("capturer");
    expect(frames[3]).toContain("outer");
    expect(frames[4]).toBe(10);
  });

  test("the engine's own errors reach the host with a first line too", async () => {
    const error = await run(() => (null as unknown as { x: number }).x).catch((thrown: Error) => thrown);
    expect((error as unknown as Error).stack).toMatch(/^TypeError: .*\n {4}at /);
  });

  test("too deep a recursion is a RangeError", async () => {
    const facts = await run(() => {
      const recurse = (): number => recurse() + 1;
      try {
        return recurse();
      } catch (error) {
        return [
          error instanceof RangeError,
          (error as Error).name,
          (error as Error).constructor === RangeError,
        ];
      }
    });
    expect(facts).toEqual([true, "RangeError", true]);
  });

  test("Array.fromAsync", async () => {
    const facts = await run(async () => {
      type FromAsync = (items: unknown, map?: (value: never, index: number) => unknown) => Promise<unknown[]>;
      const fromAsync = Reflect.get(Array, "fromAsync") as FromAsync;
      async function* numbers() {
        yield 1;
        yield 2;
      }
      class List extends Array {}
      const double = (value: number, index: number) => value * 10 + index;
      const list = await fromAsync.call(List, [1, Promise.resolve(2)], double);
      return [
        await fromAsync.call(Array, numbers()),
        list,
        list instanceof List,
        await fromAsync.call(Array, { length: 2, 0: Promise.resolve("a"), 1: "b" }),
        await fromAsync.call(Array, null).catch((error: Error) => error.name),
        fromAsync.length,
      ];
    });
    expect(facts).toEqual([[1, 2], [10, 21], true, ["a", "b"], "TypeError", 1]);
  });

  test("Base64 and hexadecimal of Uint8Array", async () => {
    const facts = await run(() => {
      type Bytes = Uint8Array & {
        toBase64(options?: object): string;
        toHex(): string;
        setFromBase64(text: string, options?: object): { read: number; written: number };
        setFromHex(text: string): { read: number; written: number };
      };
      const Bytes = Uint8Array as unknown as {
        new (length: number[] | number): Bytes;
        fromBase64(text: string, options?: object): Bytes;
        fromHex(text: string): Bytes;
      };
      const name = (attempt: () => unknown) => {
        try {
          return String(attempt());
        } catch (error) {
          return (error as Error).name;
        }
      };
      const target = new Bytes(4);
      return [
        new Bytes([251, 255, 190]).toBase64(),
        new Bytes([251, 255]).toBase64({ alphabet: "base64url", omitPadding: true }),
        [...Bytes.fromBase64(" +/ ++ ")],
        [...Bytes.fromBase64("-_8", { alphabet: "base64url" })],
        name(() => Bytes.fromBase64("AA")),
        name(() => Bytes.fromBase64("AA", { lastChunkHandling: "strict" })),
        name(() => Bytes.fromBase64("AB==", { lastChunkHandling: "strict" })),
        [...Bytes.fromBase64("AAAAAA", { lastChunkHandling: "stop-before-partial" })],
        name(() => Bytes.fromBase64("A")),
        name(() => Bytes.fromBase64("AA=A")),
        name(() => Bytes.fromBase64("AA*A")),
        name(() => Bytes.fromBase64("AAAA", { alphabet: "other" })),
        target.setFromBase64("AQIDBAUG"),
        [...target],
        new Bytes([0, 171]).toHex(),
        [...Bytes.fromHex("00Ff")],
        name(() => Bytes.fromHex("0")),
        name(() => Bytes.fromHex("0g")),
        target.setFromHex("0a0b0c0d0e"),
      ];
    });
    expect(facts).toEqual([
      "+/++",
      "-_8",
      [251, 255, 190],
      [251, 255],
      "0",
      "SyntaxError",
      "SyntaxError",
      [0, 0, 0],
      "SyntaxError",
      "SyntaxError",
      "SyntaxError",
      "TypeError",
      { read: 4, written: 3 },
      [1, 2, 3, 0],
      "00ab",
      [0, 255],
      "SyntaxError",
      "SyntaxError",
      { read: 8, written: 4 },
    ]);
  });

  test("explicit resource management without its syntax", async () => {
    const facts = await run(async () => {
      const order: string[] = [];
      const stack = new DisposableStack();
      stack.use({ [Symbol.dispose]: () => order.push("used") });
      stack.adopt("x", value => order.push(`adopted ${value}`));
      stack.defer(() => order.push("deferred"));
      const moved = stack.move();
      const states = [stack.disposed, moved.disposed];
      moved.dispose();
      moved.dispose();
      const failing = new DisposableStack();
      failing.defer(() => {
        throw new Error("first registered");
      });
      failing.defer(() => {
        throw new Error("last registered");
      });
      let suppressed: unknown;
      try {
        failing[Symbol.dispose]();
      } catch (error) {
        const both = error as { name: string; error: Error; suppressed: Error };
        suppressed = [error instanceof Error, both.name, both.error.message, both.suppressed.message];
      }
      const later = new AsyncDisposableStack();
      later.use({ [Symbol.asyncDispose]: async () => void order.push("async") });
      later.use({ [Symbol.dispose]: () => void order.push("sync") });
      later.use(null);
      await later.disposeAsync();
      const refusals = [
        () => stack.use(null),
        () => moved.adopt(1, 2 as never),
        () => new DisposableStack().use({} as never),
      ].map(attempt => {
        try {
          attempt();
          return "no error";
        } catch (error) {
          return (error as Error).name;
        }
      });
      return [order, states, suppressed, refusals, String(later), typeof Symbol.dispose];
    });
    expect(facts).toEqual([
      ["deferred", "adopted x", "used", "sync", "async"],
      [true, false],
      [true, "SuppressedError", "first registered", "last registered"],
      ["ReferenceError", "ReferenceError", "TypeError"],
      "[object AsyncDisposableStack]",
      "symbol",
    ]);
  });

  test("iterators can be disposed of", async () => {
    const closed = await run(async () => {
      let closed = 0;
      function* numbers() {
        try {
          yield 1;
        } finally {
          closed++;
        }
      }
      const iterator = numbers();
      iterator.next();
      iterator[Symbol.dispose]();
      async function* later() {
        try {
          yield 1;
        } finally {
          closed++;
        }
      }
      const asynchronous = later();
      await asynchronous.next();
      await asynchronous[Symbol.asyncDispose]();
      return closed;
    });
    expect(closed).toBe(2);
  });

  test("Math.sumPrecise", async () => {
    const sums = await run(() => {
      const sum = (Math as unknown as { sumPrecise(items: number[]): number }).sumPrecise;
      return [
        sum([1e20, 0.1, -1e20]),
        sum([0.1, 0.2, 0.3]),
        sum([5e-324, 5e-324]) === 1e-323,
        Object.is(sum([]), -0),
        Object.is(sum([-0, 0]), 0),
        Number.isNaN(sum([1 / 0, -1 / 0])),
        sum([1.7976931348623157e308, 1e292, -1.7976931348623157e308]) === 1e292,
      ];
    });
    expect(sums).toEqual([0.1, 0.6, true, true, true, true, true]);
  });

  test("raw JSON", async () => {
    const facts = await run(() => {
      const json = JSON as typeof JSON & {
        rawJSON(text: string): object;
        isRawJSON(value: unknown): boolean;
      };
      const raw = json.rawJSON("12345678901234567890");
      const name = (attempt: () => unknown) => {
        try {
          attempt();
          return "no error";
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        JSON.stringify({ raw, text: "\u0000raw:0", list: [raw] }),
        JSON.stringify([1, raw], null, 1),
        JSON.stringify({ a: 1, b: raw }, ["b"]),
        [json.isRawJSON(raw), json.isRawJSON({}), Object.isFrozen(raw)],
        name(() => json.rawJSON("{}")),
        name(() => json.rawJSON(" 1")),
      ];
    });
    expect(facts).toEqual([
      '{"raw":12345678901234567890,"text":"\\u0000raw:0","list":[12345678901234567890]}',
      "[\n 1,\n 12345678901234567890\n]",
      '{"b":12345678901234567890}',
      [true, false, true],
      "SyntaxError",
      "SyntaxError",
    ]);
  });

  test("Atomics", async () => {
    const facts = await run(() => {
      const cells = new Int8Array([5]);
      const name = (attempt: () => unknown) => {
        try {
          return attempt();
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        Atomics.add(cells, 0, 2),
        Atomics.load(cells, 0),
        Atomics.compareExchange(cells, 0, 7 + 256, 9),
        Atomics.exchange(cells, 0, 300),
        Atomics.or(cells, 0, 1),
        Atomics.store(cells, 0, 3.7),
        Atomics.load(cells, 0),
        name(() => Atomics.load(new Float64Array(1) as never, 0)),
        name(() => Atomics.load(cells, 1)),
        Atomics.load(new BigInt64Array([3n]), 0) === 3n,
        String(Atomics),
      ];
    });
    expect(facts).toEqual([5, 7, 7, 9, 44, 3, 3, "TypeError", "RangeError", true, "[object Atomics]"]);
  });

  test("proxies are what they were", async () => {
    const facts = await run(() => {
      const seen: string[] = [];
      const proxy = new Proxy(
        { a: 1 },
        {
          get(target, key, receiver) {
            seen.push(String(key));
            return Reflect.get(target, key, receiver);
          },
        },
      );
      const { proxy: revocable, revoke } = Proxy.revocable({ b: 2 }, {});
      const before = revocable.b;
      revoke();
      let revoked = "";
      try {
        void revocable.b;
      } catch (error) {
        revoked = (error as Error).name;
      }
      let called = "";
      try {
        (Proxy as unknown as (target: object, handler: object) => void)({}, {});
      } catch (error) {
        called = (error as Error).name;
      }
      return [proxy.a, seen, before, revoked, called, Proxy.length, Proxy.name, "prototype" in Proxy];
    });
    expect(facts).toEqual([1, ["a"], 2, "TypeError", "TypeError", 2, "Proxy", false]);
  });
});
