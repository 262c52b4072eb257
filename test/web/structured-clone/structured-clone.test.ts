import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("structuredClone", run => {
  test("copies plain data, with its holes and extra properties", async () => {
    const facts = await run(() => {
      const list: unknown[] = [1, 2, { deep: [true] }];
      delete list[1];
      Object.assign(list, { extra: "x" });
      const copy = structuredClone({ list, ["__proto__x"]: 1, date: new Date(5), none: undefined });
      const copied = copy.list as unknown[] & { extra: string };
      return [
        copied.length,
        1 in copied,
        copied.extra,
        copied[2],
        copy.list !== list,
        copy.date.getTime(),
        "none" in copy,
      ];
    });
    expect(facts).toEqual([3, false, "x", { deep: [true] }, true, 5, true]);
  });

  test("keeps identity and cycles", async () => {
    const facts = await run(() => {
      const shared = { n: 1 };
      const source: Record<string, unknown> = { a: shared, b: shared, map: new Map(), set: new Set() };
      source["self"] = source;
      (source["map"] as Map<unknown, unknown>).set(shared, source);
      (source["set"] as Set<unknown>).add(source);
      const copy = structuredClone(source);
      const map = copy["map"] as Map<unknown, unknown>;
      return [
        copy["a"] === copy["b"],
        copy["self"] === copy,
        map.get(copy["a"]) === copy,
        (copy["set"] as Set<unknown>).has(copy),
      ];
    });
    expect(facts).toEqual([true, true, true, true]);
  });

  test("copies builtins by what they are", async () => {
    const facts = await run(() => {
      const expression = /a/gi;
      expression.lastIndex = 1;
      const cloned = structuredClone(expression);
      const boxed = structuredClone([Object(1), Object("s"), Object(true), Object(1n)]);
      const invalid = structuredClone(new Date(Number.NaN));
      class Sub extends Map<number, number> {}
      return [
        [String(cloned), cloned.lastIndex],
        boxed.map(box => `${typeof box} ${box}`),
        Number.isNaN(invalid.getTime()),
        structuredClone(new Sub([[1, 2]])).constructor.name,
        Object.getPrototypeOf(structuredClone(Object.create(null))) === Object.prototype,
        structuredClone(-0) === 0 && 1 / structuredClone(-0),
      ];
    });
    expect(facts).toEqual([
      ["/a/gi", 0],
      ["object 1", "object s", "object true", "object 1"],
      true,
      "Map",
      true,
      null,
    ]);
  });

  test("views share their buffer's copy", async () => {
    const facts = await run(() => {
      const buffer = new ArrayBuffer(16);
      const source = {
        bytes: new Uint8Array(buffer, 2, 4),
        view: new DataView(buffer, 8),
        floats: new Float64Array(buffer),
      };
      source.bytes[0] = 7;
      const copy = structuredClone(source);
      return [
        copy.bytes.buffer === copy.view.buffer && copy.bytes.buffer !== buffer,
        [copy.bytes[0], copy.bytes.byteOffset, copy.bytes.length, copy.view.byteOffset, copy.floats.length],
        copy.bytes.constructor.name,
        structuredClone(new ArrayBuffer(4, { maxByteLength: 8 } as never)).maxByteLength,
      ];
    });
    expect(facts).toEqual([true, [7, 2, 4, 8, 2], "Uint8Array", 8]);
  });

  test("errors keep class, message, stack, cause and their own properties", async () => {
    const facts = await run(() => {
      class Mine extends TypeError {
        code = 7;
        override name = "Mine";
      }
      const error = new TypeError("m", { cause: { a: 1 } });
      const copy = structuredClone(error);
      const mine = structuredClone(new Mine("x"));
      const aggregate = structuredClone(new AggregateError([new RangeError("r")], "many"));
      const exception = structuredClone(new DOMException("d", "DataError"));
      return [
        [copy instanceof TypeError, copy.message, copy.stack === error.stack, copy.cause, Object.keys(copy)],
        [mine.constructor.name, mine.name, mine.code, mine.message],
        [aggregate instanceof AggregateError, aggregate.errors[0] instanceof RangeError, aggregate.message],
        [exception instanceof DOMException, exception.name, exception.message],
      ];
    });
    expect(facts).toEqual([
      [true, "m", true, { a: 1 }, []],
      ["Error", "Mine", 7, "x"],
      [true, true, "many"],
      [true, "DataError", "d"],
    ]);
  });

  test("refuses what cannot be cloned, and says what", async () => {
    const messages = await run(() => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      const values: unknown[] = [
        function named() {},
        { inner: Symbol("s") },
        new WeakMap(),
        Promise.resolve(),
        new Proxy({}, {}),
        proxy,
        (function* () {})(),
        [][Symbol.iterator](),
        new Event("x"),
        new AbortController(),
        globalThis,
        new WeakRef({}),
        (function () {
          return arguments;
        })(),
      ];
      return values.map(value => {
        try {
          structuredClone(value);
          return "cloned";
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      });
    });
    expect(messages[0]).toMatch(/^DataCloneError: function named\(\) ?\{\s*\} could not be cloned\.$/);
    expect(messages.slice(1, 4)).toEqual([
      "DataCloneError: Symbol(s) could not be cloned.",
      "DataCloneError: #<WeakMap> could not be cloned.",
      "DataCloneError: #<Promise> could not be cloned.",
    ]);
    expect(messages[8]).toBe(
      'DataCloneError: Could not serialize object of type "Event". This type does not support serialization.',
    );
    for (const message of messages) expect(message).toMatch(/^DataCloneError: /);
  });

  test("exceptions of getters come through", async () => {
    const name = await run(() => {
      try {
        structuredClone({
          get a() {
            throw new RangeError("mine");
          },
        });
        return "cloned";
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(name).toBe("mine");
  });

  test("transfers buffers and ports; a copy that fails transfers nothing", async () => {
    const facts = await run(async () => {
      const buffer = new ArrayBuffer(8);
      const moved = structuredClone({ buffer, view: new Uint8Array(buffer) }, { transfer: [buffer] });
      const kept = new ArrayBuffer(4);
      let failed = "";
      try {
        structuredClone({ kept, no() {} }, { transfer: [kept] });
      } catch (error) {
        failed = (error as Error).name;
      }
      const channel = new MessageChannel();
      const port = structuredClone(channel.port1, { transfer: [channel.port1 as never] });
      const received = new Promise(resolve => {
        port.onmessage = (event: MessageEvent) => resolve(event.data);
      });
      channel.port2.postMessage("through");
      return [
        [buffer.byteLength, buffer.detached, moved.buffer.byteLength, moved.view.buffer === moved.buffer],
        [failed, kept.byteLength],
        [port !== channel.port1, await received],
      ];
    });
    expect(facts).toEqual([
      [0, true, 8, true],
      ["DataCloneError", 4],
      [true, "through"],
    ]);
  });

  test("checks its arguments", async () => {
    const messages = await run(() =>
      [
        () => structuredClone(...([] as unknown as [unknown])),
        () => structuredClone(1, 5 as never),
        () => structuredClone(1, { transfer: 5 } as never),
        () => structuredClone(1, { transfer: [{}] } as never),
        () => structuredClone(1, { transfer: [1] } as never),
      ].map(attempt => {
        try {
          attempt();
          return "no error";
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      }),
    );
    expect(messages.map(message => message.split(":")[0])).toEqual(Array(5).fill("TypeError"));
    expect(messages[3]).toBe("TypeError: Object is not transferable");
  });

  test("a detached buffer cannot be cloned", async () => {
    const message = await run(() => {
      const buffer = new ArrayBuffer(8);
      buffer.transfer();
      try {
        structuredClone(buffer);
        return "cloned";
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(message).toBe("An ArrayBuffer is detached and could not be cloned.");
  });
});
