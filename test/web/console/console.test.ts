// biome-ignore-all lint/suspicious/noConsole: the guest's console is what is tested
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("console", (run, context) => {
  /** The lines that a function writes. */
  const written = async (guest: () => unknown) => {
    const before = context.consoleLines.length;
    await run(guest);
    return context.consoleLines.slice(before);
  };

  test("levels", async () => {
    const lines = await written(() => {
      console.log("l");
      console.info("i");
      console.debug("d");
      console.warn("w");
      console.error("e");
    });
    expect(lines).toEqual([
      ["log", "l"],
      ["info", "i"],
      ["debug", "d"],
      ["warn", "w"],
      ["error", "e"],
    ]);
  });

  test("fills placeholders as util.format does", async () => {
    const lines = await written(() => {
      console.log("%s is %d years and %i months", "Bob", 42, "3.7");
      console.log("%j %o", { a: 1 }, [1]);
      console.log("100% %c%s", "color: red", "plain", { b: [1, { c: 2 }] });
      console.log("%s %s %s", { a: { b: 1 } }, Symbol("x"), 1n, "more");
      console.log("%d%%", 5);
      console.log({ a: 1 }, "%s", -0);
      console.log();
      console.log("%s", class A {}.name, null, undefined);
    });
    expect(lines.map(([, text]) => text)).toEqual([
      "Bob is 42 years and 3 months",
      '{"a":1} [ 1, [length]: 1 ]',
      "100% plain { b: [ 1, { c: 2 } ] }",
      "{ a: [Object] } Symbol(x) 1n more",
      "5%",
      "{ a: 1 } %s -0",
      "",
      "A null undefined",
    ]);
  });

  test("groups indent", async () => {
    const lines = await written(() => {
      console.group("outer");
      console.log("one\ntwo");
      console.groupCollapsed();
      console.log("deep");
      console.groupEnd();
      console.groupEnd();
      console.groupEnd();
      console.log("out");
    });
    expect(lines.map(([, text]) => text)).toEqual(["outer", "  one\n  two", "    deep", "out"]);
  });

  test("counts, assertions and times", async () => {
    const lines = await written(() => {
      console.count();
      console.count("x");
      console.count();
      console.countReset();
      console.count();
      console.countReset("nope");
      console.assert(true, "silent");
      console.assert(false, "said %s", "so");
      console.assert(false);
      console.timeEnd("t");
      console.time("t");
      console.time("t");
      console.timeLog("t", 1);
      console.timeEnd("t");
      console.timeStamp("nothing");
      console.clear();
    });
    expect(lines.map(([level, text]) => `${level} ${text.replace(/\d+ms/, "0ms")}`)).toEqual([
      "log default: 1",
      "log x: 1",
      "log default: 2",
      "log default: 1",
      "warn Count for 'nope' does not exist",
      "error Assertion failed: said so",
      "error Assertion failed",
      "warn No such label 't' for console.timeEnd()",
      "warn Label 't' already exists for console.time()",
      "log t: 0ms 1",
      "log t: 0ms",
    ]);
  });

  test("dir, table and trace", async () => {
    const lines = await written(() => {
      console.dir({ a: { b: {} } }, { depth: 0 });
      console.table([{ a: 1, b: "x" }, { a: 2 }], ["a"]);
      console.table(5);
      console.trace("here %s", "now");
    });
    const texts = lines.map(([, text]) => text);
    expect(texts[0]).toBe("{ a: [Object] }");
    expect(texts[1]).toBe(
      [
        "┌─────────┬───┐",
        "│ (index) │ a │",
        "├─────────┼───┤",
        "│ 0       │ 1 │",
        "│ 1       │ 2 │",
        "└─────────┴───┘",
      ].join("\n"),
    );
    expect(texts[2]).toBe("5");
    expect(texts[3]).toMatch(/^Trace: here now\n {4}at /);
  });

  test("shows the runtime's objects by their properties", async () => {
    const lines = await written(() => {
      console.log(new AbortController());
      console.log(new Headers({ a: "b" }), new URLSearchParams("x=1"));
      console.log(new DOMException("m", "AbortError").name, [new CustomEvent("x", { detail: 1 }).detail]);
    });
    expect(lines.map(([, text]) => text)).toEqual([
      "AbortController {\n  signal: AbortSignal { aborted: false, reason: undefined, onabort: null }\n}",
      "Headers(1) { 'a' => 'b' } URLSearchParams(1) { 'x' => '1' }",
      "AbortError [ 1 ]",
    ]);
  });

  test("errors have their header, whoever made them", async () => {
    const lines = await written(() => {
      class MyTypeError extends TypeError {}
      console.log(new MyTypeError("made"));
      try {
        (null as unknown as { x: number }).x;
      } catch (error) {
        console.log(error);
      }
    });
    expect(lines[0]?.[1]).toMatch(/^MyTypeError: made\n {4}at /);
    expect(lines[1]?.[1]).toMatch(/^TypeError: .*\n {4}at /);
  });

  test("runs no trap of a proxy and survives hostile values", async () => {
    const lines = await written(() => {
      const throwing = () => {
        throw new Error("trap");
      };
      const traps = {
        get: throwing,
        ownKeys: throwing,
        getPrototypeOf: throwing,
        getOwnPropertyDescriptor: throwing,
        has: throwing,
      };
      console.log(new Proxy({ a: 1 }, traps), new Proxy([1], {}), Proxy.revocable({ b: 2 }, traps).proxy);
      console.log("%s %d %j", { toString: throwing }, { valueOf: throwing }, { toJSON: throwing });
      console.log(Object.defineProperty({}, "x", { enumerable: true, get: throwing }));
      console.table([Object.defineProperty({}, "x", { enumerable: true, get: throwing })]);
      console.count({ toString: throwing } as never);
    });
    expect(lines[0]?.[1]).toBe("Proxy({ a: 1 }) Proxy([ 1 ]) Proxy({ b: 2 })");
    expect(lines[2]?.[1]).toBe("{ x: [Getter] }");
    expect(lines).toHaveLength(5);
  });

  test("goes on after very deep and very large values", async () => {
    const lines = await written(() => {
      let deep: unknown = {};
      for (let level = 0; level < 5000; level++) deep = { deep };
      console.log(deep);
      console.dir(deep, { depth: Number.POSITIVE_INFINITY });
      console.log("x".repeat(1_000_000));
      console.log(Array.from({ length: 100_000 }, (_, index) => index).length);
    });
    expect(lines).toHaveLength(4);
    expect(lines[2]?.[1]).toHaveLength(1_000_000);
  });
});
