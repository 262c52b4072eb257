import { describe, expect, test } from "vitest";
import { failure, load, loadValue } from "./helpers.ts";

describe("syntax", () => {
  test("comments, trailing commas and a byte order mark", async () => {
    const { config } = await load({
      "wrangler.jsonc": '\uFEFF{ // one\n "name": "a", /* two */ "minify": true, }',
    });
    expect(config).toMatchObject({ name: "a", minify: true });
  });

  test("a JSON error has file, line, column and a code frame", async () => {
    const error = await failure({ "wrangler.json": '{\n  "name": "a"\n  "main": "b"\n}' });
    expect(error.code).toBe("CONFIG_SYNTAX");
    expect(error.message).toBe("wrangler.json:3:3: a comma is expected here");
    expect(error.details).toBe('  1 | {\n  2 |   "name": "a"\n> 3 |   "main": "b"\n    |   ^\n  4 | }');
  });

  test("a TOML error has file, line, column and a code frame", async () => {
    const error = await failure({ "wrangler.toml": 'name = "a"\nmain = = 3\n' });
    expect(error.code).toBe("CONFIG_SYNTAX");
    expect(error.message).toMatch(/^wrangler\.toml:2:\d+: /);
    expect(error.details).toContain("> 2 | main = = 3");
  });

  test.each(["", "[]", "3", "null", '"text"'])("JSON that is no object: %j", async text => {
    expect((await failure({ "wrangler.json": text })).code).toBe("CONFIG_SYNTAX");
  });

  test.each(["{", '{"a":', '{"a":1}}', '{"a": 01}', '{"a": "\\q"}', "\u0000", '{"a": "unclosed'])(
    "broken JSON: %j",
    async text => {
      const error = await failure({ "wrangler.json": text });
      expect(error.code).toBe("CONFIG_SYNTAX");
      expect(error.message).toMatch(/^wrangler\.json:1:\d+: /);
    },
  );

  test.each(["a = ", "[a", "a = 1\na = 2", "[[a]]\n[a]", "\u0000", 'a = """x'])(
    "broken TOML: %j",
    async text => {
      expect((await failure({ "wrangler.toml": text })).code).toBe("CONFIG_SYNTAX");
    },
  );

  test("nesting without end is refused, and not with a stack overflow", async () => {
    const json = await failure({ "wrangler.json": `{"vars": {"a": ${"[".repeat(200_000)}` });
    expect(json.code).toBe("CONFIG_SYNTAX");
    const toml = await failure({ "wrangler.toml": `a = ${"[".repeat(200_000)}` });
    expect(toml.code).toBe("CONFIG_SYNTAX");
  });

  test("a configuration of 5 MB is read", async () => {
    const vars = { BIG: "x".repeat(5 << 20) };
    const { config } = await loadValue({ vars });
    expect(config.bindings[0]).toMatchObject({ name: "BIG", value: vars.BIG });
  });

  test("a configuration of 50,000 variables is read", async () => {
    const vars = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`V${index}`, "x"]));
    const { config } = await loadValue({ vars });
    expect(config.bindings).toHaveLength(50_000);
  });

  test("names of Object.prototype reach no prototype", async () => {
    const { config, warnings } = await load({
      "wrangler.json":
        '{"__proto__": {"name": "evil"}, "constructor": 1, "vars": {"__proto__": "a", "toString": "b"}}',
    });
    expect(config.name).toBe("worker");
    expect(config.bindings.map(binding => [binding.name, binding["value"]])).toEqual([["toString", "b"]]);
    expect(warnings).toEqual([
      'wrangler.json:1:2: "__proto__" is not a known key',
      'wrangler.json:1:33: "constructor" is not a known key',
    ]);
    expect(({} as { name?: string }).name).toBeUndefined();
  });
});

describe("places", () => {
  test("in TOML: tables, lists of tables, dotted keys, and strings of many lines", async () => {
    const error = await failure({
      "wrangler.toml": [
        'name = "a"',
        "[vars]",
        'text = """',
        "minify = 1",
        '"""',
        "[[kv_namespaces]]",
        'binding = "A"',
        "[[kv_namespaces]]",
        "binding = 3",
        "[limits]",
        'cpu_ms = "fast"',
        "[triggers]",
        "crons = [ 1 ]",
      ].join("\n"),
    });
    expect(error.message).toBe("wrangler.toml has 3 problems");
    expect(error.details?.split("\n")).toEqual([
      '  wrangler.toml:9:1: "kv_namespaces[1].binding" should be a string, not the number 3',
      '  wrangler.toml:11:1: "limits.cpu_ms" should be a number, not the string "fast"',
      '  wrangler.toml:13:1: "triggers.crons[0]" should be a string, not the number 1',
    ]);
  });

  test("one problem in JSON shows its line", async () => {
    const error = await failure({ "wrangler.json": '{\n  "main": "src/index.ts",\n  "minify": "yes"\n}' });
    expect(error.message).toBe('wrangler.json:3:3: "minify" should be true or false, not the string "yes"');
    expect(error.details).toContain('> 3 |   "minify": "yes"');
  });

  test("an unquoted date in TOML", async () => {
    const error = await failure({ "wrangler.toml": "compatibility_date = 2026-01-01" });
    expect(error.message).toBe(
      'wrangler.toml:1:1: "compatibility_date" should be a string, not a date (put it in quotes)',
    );
  });
});
