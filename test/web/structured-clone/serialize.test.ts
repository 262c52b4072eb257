import { beforeAll, describe, expect, test } from "vitest";
import type * as StructuredClone from "../../../src/web/structured-clone/guest.ts";

let serialize: typeof StructuredClone.serialize;
let deserialize: typeof StructuredClone.deserialize;

// Guest code takes the engine's primitives when it is evaluated; this format needs none of them.
beforeAll(async () => {
  Object.assign(globalThis, { __host: { post() {}, callSync: () => "=" } });
  ({ serialize, deserialize } = await import("../../../src/web/structured-clone/guest.ts"));
});

const through = <T>(value: T): T => deserialize(serialize(value)) as T;

describe("serialize and deserialize", () => {
  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["booleans", [true, false]],
    ["integers", [0, 1, -1, 127, 128, -129, 2 ** 31 - 1, -(2 ** 31)]],
    ["other numbers", [-0, 0.1, 2 ** 31, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, -1e-320]],
    ["bigints", [0n, -1n, 2n ** 200n, -(2n ** 64n)]],
    ["strings", ["", "é漢字😀", "\ud800 alone", "x".repeat(1000)]],
    ["objects", { a: { b: [] }, "": 1, "\udc00": 2 }],
    ["maps and sets", [new Map<unknown, unknown>([[{ k: 1 }, new Set([1])]]), new Set(["a", null])]],
    ["dates", [new Date(0), new Date(1e12)]],
    ["regular expressions", /a\/b/giu],
    ["buffers and views", [new Uint8Array([1, 2, 3]), new Float32Array([1.5]), new BigInt64Array([-1n])]],
  ])("%s", (_name, value) => {
    expect(through(value)).toEqual(value);
  });

  test("an own __proto__ stays a property", () => {
    const source = JSON.parse('{"__proto__": {"polluted": true}}') as object;
    const copy = through(source);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(Object.keys(copy)).toEqual(["__proto__"]);
  });

  test("holes and further properties of arrays", () => {
    const source: unknown[] = Object.assign([1, 2, 3], { extra: "x" });
    delete source[1];
    const copy = through(source) as unknown[] & { extra: string };
    expect([copy.length, 1 in copy, copy.extra]).toEqual([3, false, "x"]);
  });

  test("identity, cycles, and buffers that views share", () => {
    const buffer = new ArrayBuffer(8);
    const source = { one: new Uint8Array(buffer, 4), two: new DataView(buffer), self: undefined as unknown };
    source.self = source;
    const copy = through(source);
    expect(copy.self).toBe(copy);
    expect(copy.one.buffer).toBe(copy.two.buffer);
    expect([copy.one.byteOffset, copy.one.length]).toEqual([4, 4]);
  });

  test("errors and platform objects", async () => {
    const { DOMException } = await import("../../../src/web/dom-exception/guest.ts");
    const copy = through(Object.assign(new RangeError("far", { cause: [1] }), { code: "E" }));
    expect(copy).toBeInstanceOf(RangeError);
    expect([copy.message, copy.cause, copy.code]).toEqual(["far", [1], "E"]);
    const exception = through(new DOMException("m", "DataError"));
    expect(exception).toBeInstanceOf(DOMException);
    expect([exception.name, exception.message]).toEqual(["DataError", "m"]);
  });

  test("refuses what cannot be cloned", () => {
    for (const value of [() => {}, Symbol("x"), new WeakSet(), new SharedArrayBuffer(1), [{ deep() {} }]]) {
      expect(() => serialize(value)).toThrow(expect.objectContaining({ name: "DataCloneError" }));
    }
  });

  test("small values take few bytes", () => {
    expect(serialize(1).length).toBe(3);
    expect(serialize({ a: 1 }).length).toBe(8);
  });

  test("damaged bytes are refused, whatever the damage", () => {
    const bytes = serialize({ list: [1, "two", new Map([[3, new Uint8Array(4)]])], error: new Error("e") });
    const refusals = new Set<string>();
    for (let index = 0; index < bytes.length; index++) {
      for (const damaged of [bytes.subarray(0, index), bytes.with(index, bytes[index]! ^ 0xff)]) {
        try {
          deserialize(damaged);
        } catch (error) {
          refusals.add((error as Error).name);
        }
      }
    }
    expect(
      [...refusals].every(
        name => name === "DataCloneError" || name === "RangeError" || name === "SyntaxError",
      ),
    ).toBe(true);
    expect(refusals).toContain("DataCloneError");
  });
});
