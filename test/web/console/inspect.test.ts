import { inspect as nodeInspect } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import type * as Inspect from "../../../src/web/console/guest/inspect.ts";

let inspect: typeof Inspect.inspect;

beforeAll(async () => {
  Object.assign(globalThis, { __host: { post() {}, callSync: () => "=" } });
  ({ inspect } = await import("../../../src/web/console/guest/inspect.ts"));
});

/** Values of all shapes, the same ones at each run. */
function* values(count: number): Generator<unknown> {
  let seed = 1;
  const below = (limit: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 12) % limit;
  };
  const word = () =>
    "abcdefghij klmnop'\n\"é\\".slice(below(10), 10 + below(13)).repeat(below(30) === 0 ? 6 : 1);
  const many = (limit: number, make: () => unknown) => Array.from({ length: below(limit) }, make);
  class Point {
    x = word();
  }
  const value = (depth: number): unknown => {
    const inner = () => value(depth + 1);
    const makers = [
      () => below(1000),
      word,
      () => null,
      () => -below(100) / 7,
      () => many(below(4) === 0 ? 130 : 9, inner),
      () => many(40, word),
      () => many(40, () => below(10 ** below(7))),
      () =>
        Object.fromEntries(
          many(7, () => [below(3) ? word() : `k${below(9)}`, inner()]) as [string, unknown][],
        ),
      () => new Map(many(5, () => [inner(), inner()]) as [unknown, unknown][]),
      () => new Set(many(9, inner)),
      () => new Uint8Array(below(30)).fill(below(256)),
      () => Object.assign(new Point(), { y: inner() }),
    ];
    return makers[below(depth > 4 ? 4 : makers.length)]?.();
  };
  for (let index = 0; index < count; index++) yield value(0);
}

describe("inspect", () => {
  test("writes data as Node's util.inspect does", () => {
    for (const value of values(1500)) expect(inspect(value)).toBe(nodeInspect(value));
  });

  test("takes Node's options", () => {
    const value = {
      list: Array.from({ length: 9 }, (_, index) => index),
      text: "x".repeat(30),
      deep: { a: { b: { c: {} } } },
    };
    for (const options of [
      { depth: 0 },
      { depth: null },
      { maxArrayLength: 3 },
      { maxStringLength: 5 },
      { breakLength: 20 },
      { compact: false },
      { colors: true },
      { sorted: true },
    ]) {
      expect(inspect(value, options)).toBe(nodeInspect(value, options));
    }
  });

  test.each<[string, unknown, string]>([
    ["nested too deep", { a: { b: { c: { d: 1 } } } }, "{ a: { b: { c: [Object] } } }"],
    [
      "accessors",
      {
        get a() {
          return 1;
        },
        set b(_value: unknown) {},
      },
      "{ a: [Getter], b: [Setter] }",
    ],
    [
      "functions",
      [() => {}, class A {}, async function f() {}],
      "[ [Function (anonymous)], [class A], [AsyncFunction: f] ]",
    ],
    ["boxed", [Object(1), Object("s"), Object(1n)], "[ [Number: 1], [String: 's'], [BigInt: 1n] ]"],
    ["sparse", Object.assign([], { length: 3 }), "[ <3 empty items> ]"],
    ["no prototype", Object.assign(Object.create(null), { a: 1 }), "[Object: null prototype] { a: 1 }"],
    ["dates", [new Date(0), new Date(Number.NaN)], "[ 1970-01-01T00:00:00.000Z, Invalid Date ]"],
    ["weak", new WeakMap(), "WeakMap { <items unknown> }"],
    ["buffer", new Uint8Array([1, 255]).buffer, "ArrayBuffer { [Uint8Contents]: <01 ff>, byteLength: 2 }"],
    ["generator", (function* () {})(), "Object [Generator] {}"],
  ])("%s", (_name, value, text) => {
    expect(inspect(value)).toBe(text);
  });

  test("numbers what refers back to itself", () => {
    const value: Record<string, unknown> = { n: 1 };
    value["self"] = value;
    expect(inspect(value)).toBe("<ref *1> { n: 1, self: [Circular *1] }");
  });

  test("errors show stack, cause and properties", () => {
    class MyError extends Error {}
    const cause = Object.assign(new TypeError("inner"), { stack: "TypeError: inner\n    at i (f.js:1:2)" });
    const error = Object.assign(new MyError("outer", { cause }), {
      stack: "Error: outer\n    at o (f.js:3:4)",
      code: "E",
    });
    expect(inspect(error)).toBe(
      "MyError: outer\n    at o (f.js:3:4) {\n  code: 'E',\n  [cause]: TypeError: inner\n      at i (f.js:1:2)\n}",
    );
    expect(inspect(Object.assign(new Error("bare"), { stack: "" }))).toBe("[Error: bare]");
    expect(inspect(Object.assign(new Error("native"), { stack: "    at f (x.js:1:1)\n" }))).toBe(
      "Error: native\n    at f (x.js:1:1)",
    );
  });

  test("asks an object that describes itself", () => {
    const custom = Symbol.for("nodejs.util.inspect.custom");
    expect(inspect({ [custom]: (depth: number) => `own ${depth}` })).toBe("own 2");
    expect(inspect({ a: { [custom]: () => ({ z: 1 }) } })).toBe("{ a: { z: 1 } }");
    const endless = { [custom]: (): unknown => ({ [custom]: endless[custom] }) };
    expect(inspect(endless)).toContain("Object");
  });

  test("never throws, whatever the value does", () => {
    const throwing = () => {
      throw new Error("hostile");
    };
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const hostile = [
      Object.defineProperty({}, Symbol.toStringTag, { get: throwing }),
      Object.defineProperty({}, "constructor", { get: throwing }),
      Object.defineProperty(new Error("x"), "stack", { get: throwing }),
      Object.defineProperty(new Error("x"), "message", { get: throwing }),
      { [Symbol.for("nodejs.util.inspect.custom")]: throwing },
      Object.create(Map.prototype),
      Object.create(Date.prototype),
      Object.setPrototypeOf(() => {}, null),
      revoked.proxy,
      Object.assign(new Map(), { entries: throwing, [Symbol.iterator]: throwing }),
    ];
    for (const value of hostile) expect(typeof inspect(value)).toBe("string");
  });

  test("a long hole costs nothing", () => {
    const list: unknown[] = [];
    list[4_000_000_000] = 1;
    expect(inspect(list)).toBe("[ <4000000000 empty items>, 1 ]");
  });
});
