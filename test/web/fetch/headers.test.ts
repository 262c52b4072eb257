import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("Headers", run => {
  test("get is case-insensitive and joins; names keep their first spelling only on the wire", async () => {
    const result = await run(() => {
      const headers = new Headers({ "X-One": "1" });
      headers.append("x-one", " 2\t");
      return [headers.get("X-ONE"), headers.get("absent"), headers.has("x-One"), [...headers.keys()]];
    });
    expect(result).toEqual(["1, 2", null, true, ["x-one"]]);
  });

  test("iterates sorted and combined, set-cookie apart", async () => {
    const result = await run(() => {
      const headers = new Headers([
        ["Zebra", "z"],
        ["set-cookie", "a=1"],
        ["B", "1"],
        ["Set-Cookie", "b=2"],
        ["b", "2"],
      ]);
      return [
        [...headers],
        headers.getSetCookie(),
        (headers as unknown as { getAll(name: string): string[] }).getAll("Set-Cookie"),
        headers.get("set-cookie"),
      ];
    });
    expect(result).toEqual([
      [
        ["b", "1, 2"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["zebra", "z"],
      ],
      ["a=1", "b=2"],
      ["a=1", "b=2"],
      "a=1, b=2",
    ]);
  });

  test("constructs from records, sequences, Headers, Maps; refuses the rest", async () => {
    const result = await run(() => {
      const attempt = (init: unknown) => {
        try {
          return [...new Headers(init as never)];
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      };
      return [
        attempt(undefined),
        attempt({ a: 1, b: undefined }),
        attempt(new Map([["m", "v"]])),
        attempt(new Headers({ h: "1" })),
        attempt([["a", "b", "c"]]),
        attempt([["a"]]),
        attempt(["ab"]),
        attempt(null),
        attempt(1),
        attempt({ "bad name": "x" }),
        attempt({ ok: "a\r\nb: c" }),
        attempt({ "": "x" }),
        attempt({ ok: Symbol("x") }),
      ];
    });
    expect(result.slice(0, 4)).toEqual([
      [],
      [
        ["a", "1"],
        ["b", "undefined"],
      ],
      [["m", "v"]],
      [["h", "1"]],
    ]);
    expect(result[4]).toMatch(/^TypeError: To initialize a Headers object from a sequence/);
    expect(result[5]).toMatch(/^TypeError: To initialize/);
    expect(result[6]).toMatch(/^TypeError/);
    expect(result[7]).toMatch(/^TypeError/);
    expect(result[8]).toMatch(/^TypeError/);
    expect(result.slice(9, 12)).toEqual([
      "TypeError: Invalid header name.",
      "TypeError: Invalid header value.",
      "TypeError: Invalid header name.",
    ]);
    expect(result[12]).toMatch(/^TypeError/);
  });

  test("set replaces the first and removes the others; delete removes all", async () => {
    const result = await run(() => {
      const headers = new Headers([
        ["a", "1"],
        ["x", "keep"],
        ["A", "2"],
        ["a", "3"],
      ]);
      headers.set("A", "new");
      const afterSet = [...headers];
      headers.delete("a");
      headers.delete("never-there");
      return [afterSet, [...headers]];
    });
    expect(result).toEqual([
      [
        ["a", "new"],
        ["x", "keep"],
      ],
      [["x", "keep"]],
    ]);
  });

  test("values: trimmed, other characters kept, line breaks refused", async () => {
    const result = await run(() => {
      const headers = new Headers();
      headers.set("a", "\t\r\n x y \n");
      headers.set("b", "naïve €");
      headers.set("c", "");
      const refused = ["a\0b", "a\nb", "a\rb"].map(value => {
        try {
          headers.append("d", value);
          return "no error";
        } catch (error) {
          return (error as Error).message;
        }
      });
      return [headers.get("a"), headers.get("b"), headers.get("c"), refused];
    });
    expect(result).toEqual([
      "x y",
      "naïve €",
      "",
      ["Invalid header value.", "Invalid header value.", "Invalid header value."],
    ]);
  });

  test("is a Web IDL interface", async () => {
    const result = await run(() => {
      const iterator = new Headers({ a: "1" }).entries();
      const prototype = Object.getPrototypeOf(iterator);
      const message = (action: () => unknown) => {
        try {
          action();
          return "no error";
        } catch (error) {
          return (error as Error).constructor === TypeError;
        }
      };
      return {
        tag: Object.prototype.toString.call(new Headers()),
        iteratorTag: Object.prototype.toString.call(iterator),
        inherits:
          Object.getPrototypeOf(prototype) ===
          Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())),
        sameFunction: Headers.prototype[Symbol.iterator] === Headers.prototype.entries,
        enumerable: Object.keys(Headers.prototype),
        lengths: [Headers.length, Headers.prototype.append.length, Headers.prototype.forEach.length],
        selfIterating: iterator[Symbol.iterator]() === iterator,
        wrongReceiver: message(() => Headers.prototype.get.call({} as Headers, "a")),
        wrongIterator: message(() => prototype.next.call({})),
        tooFew: message(() => (new Headers().append as (name: string) => void)("a")),
        getAll: message(() => (new Headers() as unknown as { getAll(name: string): string[] }).getAll("x")),
        callback: message(() => new Headers().forEach(null as unknown as () => void)),
      };
    });
    expect(result).toEqual({
      tag: "[object Headers]",
      iteratorTag: "[object Headers Iterator]",
      inherits: true,
      sameFunction: true,
      enumerable: [
        "append",
        "delete",
        "get",
        "getAll",
        "getSetCookie",
        "has",
        "set",
        "forEach",
        "entries",
        "keys",
        "values",
      ],
      lengths: [0, 2, 1],
      selfIterating: true,
      wrongReceiver: true,
      wrongIterator: true,
      tooFew: true,
      getAll: true,
      callback: true,
    });
  });

  test("as on workerd, an iterator walks over what was there when it was made", async () => {
    const result = await run(() => {
      const headers = new Headers({ a: "1", b: "2", c: "3" });
      const seen: string[] = [];
      for (const [name] of headers) {
        headers.delete(name);
        headers.set("z", "new");
        seen.push(name);
      }
      const forEach: unknown[] = [];
      headers.forEach(function (this: unknown, value, name, parent) {
        forEach.push([value, name, parent === headers, this]);
      }, "this");
      return [
        seen,
        forEach.map(call => [...(call as unknown[]).slice(0, 3), String((call as unknown[])[3])]),
      ];
    });
    expect(result).toEqual([["a", "b", "c"], [["new", "z", true, "this"]]]);
  });

  test("takes very many headers", async () => {
    const result = await run(() => {
      const headers = new Headers();
      for (let index = 0; index < 5000; index++) headers.append(`x-${index % 50}`, String(index));
      return [[...headers.keys()].length, headers.get("x-7")?.split(", ").length];
    });
    expect(result).toEqual([50, 100]);
  });
});
