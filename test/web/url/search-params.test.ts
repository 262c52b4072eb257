import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("URLSearchParams", run => {
  test("is an interface in the sense of Web IDL", async () => {
    expect(
      await run(() => {
        const iterator = new URLSearchParams("a=1").entries();
        const prototype = Object.getPrototypeOf(iterator);
        const attributes = Object.getOwnPropertyDescriptor(URLSearchParams.prototype, Symbol.iterator);
        return {
          keys: Object.keys(URLSearchParams.prototype),
          lengths: [
            URLSearchParams.length,
            URLSearchParams.prototype.has.length,
            URLSearchParams.prototype.set.length,
          ],
          tags: [
            Object.prototype.toString.call(new URLSearchParams()),
            Object.prototype.toString.call(iterator),
          ],
          same: URLSearchParams.prototype[Symbol.iterator] === URLSearchParams.prototype.entries,
          enumerable: attributes?.enumerable,
          isIterator:
            Object.getPrototypeOf(prototype) ===
            Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())),
        };
      }),
    ).toEqual({
      keys: "size append delete get getAll has set sort toString forEach entries keys values".split(" "),
      lengths: [0, 1, 2],
      tags: ["[object URLSearchParams]", "[object URLSearchParams Iterator]"],
      same: true,
      enumerable: false,
      isIterator: true,
    });
  });

  test("is made from strings, pairs, records and its like", async () => {
    expect(
      await run(() => {
        const make = (init?: unknown) =>
          [...new URLSearchParams(init as string)].map(pair => pair.join("=")).join("&");
        return [
          make(),
          make(undefined),
          make(null),
          make(""),
          make("?a=1&&b&=c&d=e=f&%61=%"),
          make("??a"),
          make([["a", "1"], new Set(["b", "2"])]),
          make({ b: 1, a: undefined }),
          make(new URLSearchParams("x=y")),
          make({ "\ud800": "\udc00" }),
          make(12),
          make(() => 1),
          make("a=%EF%BB%BFb&c=%ff"),
        ];
      }),
    ).toEqual([
      "",
      "",
      "null=",
      "",
      "a=1&b=&=c&d=e=f&a=%",
      "?a=",
      "a=1&b=2",
      "b=1&a=undefined",
      "x=y",
      "\ufffd=\ufffd",
      "12=",
      "",
      "a=\ufeffb&c=\ufffd",
    ]);
  });

  test("refuses wrong uses by TypeErrors", async () => {
    expect(
      await run(() => {
        const params = new URLSearchParams();
        const attempts: (() => unknown)[] = [
          () => new URLSearchParams([["a"]] as never),
          () => new URLSearchParams([["a", "b", "c"]] as never),
          () => new URLSearchParams([1] as never),
          () => new URLSearchParams({ [Symbol.iterator]: 1 } as never),
          () => new URLSearchParams(Symbol("s") as never),
          () => (params.append as (name: string) => void)("a"),
          () => (params.get as unknown as () => void)(),
          () => params.forEach("x" as never),
          () => URLSearchParams.prototype.get.call({} as URLSearchParams, "a"),
          () => Reflect.get(URLSearchParams.prototype, "size", {}),
          () => Object.getPrototypeOf(params.keys()).next.call({}),
        ];
        return attempts.map(attempt => {
          try {
            return `no exception: ${attempt()}`;
          } catch (error) {
            return error instanceof TypeError;
          }
        });
      }),
    ).toEqual(Array.from({ length: 11 }, () => true));
  });

  test("reads, changes and sorts", async () => {
    expect(
      await run(() => {
        const params = new URLSearchParams("z=1&a=2&z=3&\u{1f600}=4&\uffff=5&a=1");
        const steps: unknown[] = [
          params.get("z"),
          params.getAll("z"),
          params.get("nothing"),
          params.has("a", "1"),
        ];
        params.sort();
        steps.push([...params.keys()].map(key => key.codePointAt(0)));
        params.set("z", "new");
        params.delete("a", "2");
        params.set("added", "!");
        steps.push(params.toString(), params.size);
        steps.push(params.has("a", undefined), params.has("a", "2"));
        const seen: unknown[] = [];
        params.forEach(function (this: unknown, value, name, object) {
          seen.push([value, name, object === params, this]);
          if (seen.length === 1) params.append("late", "x");
        }, 7);
        steps.push(seen.length, seen[0]);
        return steps;
      }),
    ).toEqual([
      "1",
      ["1", "3"],
      null,
      true,
      [0x61, 0x61, 0x7a, 0x7a, 0x1f600, 0xffff],
      "a=1&z=new&%F0%9F%98%80=4&%EF%BF%BF=5&added=%21",
      5,
      true,
      false,
      6,
      ["1", "a", true, expect.anything()],
    ]);
  });

  test("serializes as a form", async () => {
    expect(await run(() => new URLSearchParams({ "a b": "*-._~!'()+&=%\n\ud800ü" }).toString())).toBe(
      "a+b=*-._%7E%21%27%28%29%2B%26%3D%25%0A%EF%BF%BD%C3%BC",
    );
  });

  test("iterates over what is there at each step", async () => {
    expect(
      await run(() => {
        const params = new URLSearchParams("a=1&b=2&c=3");
        const seen: string[] = [];
        for (const [name] of params) {
          seen.push(name);
          if (name === "a") params.delete("a");
        }
        return seen;
      }),
    ).toEqual(["a", "c"]);
  });
});
