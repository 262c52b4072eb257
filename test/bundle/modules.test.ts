import { describe, expect, test } from "vitest";
import { effectiveRules, globToRegExp } from "../../src/bundle/rules.ts";
import { broken, built, evaluate } from "./helpers.ts";

// (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
const WASM = Uint8Array.from(
  Buffer.from("0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b", "hex"),
);

// TypeScript's own library has it only beside the DOM.
const { Instance } = WebAssembly as unknown as {
  Instance: new (module: object) => { exports: { add(a: number, b: number): number } };
};

describe("imports by rule", () => {
  test("text and data by default", async () => {
    const bytes = Uint8Array.from([0, 255, 1, 128]);
    const { program, inputs } = await built({
      "src/index.ts": `import txt from "./a.txt"; import html from "./b.html"; import sql from "./c.sql"; import bin from "./d.bin";
        export default [txt, html, sql, bin];`,
      "src/a.txt": "ä\u2028'\"`$",
      "src/b.html": "<p>",
      "src/c.sql": "SELECT 1",
      "src/d.bin": bytes,
    });
    const [txt, html, sql, bin] = (await evaluate(program)).default;
    expect([txt, html, sql]).toEqual(["ä\u2028'\"`$", "<p>", "SELECT 1"]);
    expect(bin).toBeInstanceOf(ArrayBuffer);
    expect(new Uint8Array(bin)).toEqual(bytes);
    expect(inputs.filter(input => /\.(txt|html|sql|bin)$/.test(input))).toHaveLength(4);
  });

  test.each(["./add.wasm", "./add.wasm?module"])("%s is a WebAssembly.Module on v8", async path => {
    const files = { "src/index.ts": `import add from "${path}"; export default add;`, "src/add.wasm": WASM };
    const { program } = await built(files, { engine: "v8" });
    const module = (await evaluate(program)).default;
    expect(module).toBeInstanceOf(WebAssembly.Module);
    const { exports } = new Instance(module);
    expect(exports.add(2, 3)).toBe(5);
  });

  test("WebAssembly on quickjs is an error that names the file, the importer and the engine", async () => {
    const failure = await broken({
      "src/index.ts": 'import a from "./add.wasm";\nexport default a;',
      "src/add.wasm": WASM,
    });
    expect(failure.errors).toMatchObject([
      {
        text: 'The quickjs engine has no WebAssembly, which "./add.wasm" needs',
        file: `${failure.cwd}/src/index.ts`,
        line: 1,
        notes: ["Use --engine v8."],
      },
    ]);
  });

  test("from a package, by require, and by import()", async () => {
    const { program } = await built({
      "src/index.ts": `import a from "pkg/a.txt"; const b = require("./b.txt");
        export default async () => [a, b, (await import("./c.txt")).default];`,
      "node_modules/pkg/package.json": '{"name": "pkg"}',
      "node_modules/pkg/a.txt": "a",
      "src/b.txt": "b",
      "src/c.txt": "c",
    });
    expect(await (await evaluate(program)).default()).toEqual(["a", "b", "c"]);
  });

  test("rules of the configuration, with and without fallthrough", async () => {
    const files = {
      "src/index.ts": 'import md from "./a.md"; import txt from "./b.txt"; export default [md, txt];',
      "src/a.md": "# a",
      "src/b.txt": "b",
    };
    const rule = { type: "Text", globs: ["**/*.md"] };
    const both = await built(files, { config: { rules: [{ ...rule, fallthrough: true }] } });
    expect((await evaluate(both.program)).default).toEqual(["# a", "b"]);
    const { rules } = { rules: effectiveRules([{ type: "Text", globs: ["**/*.md"], fallthrough: false }]) };
    expect(rules.filter(rule => rule.type === "Text").flatMap(rule => rule.globs)).toEqual(["**/*.md"]);
  });

  test("a file that does not exist", async () => {
    const failure = await broken({ "src/index.ts": 'import a from "./no.txt"; export default a;' });
    expect(failure.errors[0]).toMatchObject({ text: 'Could not resolve "./no.txt"', line: 1 });
  });
});

describe("globs", () => {
  test.each([
    ["**/*.txt", ["a.txt", "./a.txt", "../x/y/a.txt", "/abs/a.txt"], ["a.txtx", "a.txt/b", "atxt"]],
    ["*.md", ["./a.md", "x/a.md"], ["a.mdx"]],
    ["./lang/*.json", ["lang/a.json", "./lang/a.json"], ["lang/x/a.json"]],
    ["lang/**", ["./lang/a/b.js"], ["language/a"]],
    ["**/*.wasm?module", ["./a.wasm?module"], ["./a.wasm", "a.wasmXmodule"]],
    ["a+(b).[c]", ["a+(b).[c]"], ["aab.c"]],
  ])("%s", (glob, matching, others) => {
    const pattern = new RegExp(globToRegExp(glob));
    expect(matching.filter(path => !pattern.test(path))).toEqual([]);
    expect(others.filter(path => pattern.test(path))).toEqual([]);
  });
});
