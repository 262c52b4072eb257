import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createBundler } from "../../src/bundle/bundle.ts";
import { bundleError, formatBundleMessage } from "../../src/bundle/messages.ts";
import { project, write } from "../helpers/project.ts";
import { broken, built, evaluate, optionsFor } from "./helpers.ts";

describe("what goes in", () => {
  test("TypeScript, several files, JSON", async () => {
    const { program } = await built({
      "src/index.ts": `import { add } from "./add"; import data from "./data.json";
        enum Kind { A = 1 }
        export default { value: add(data.two, Kind.A) as number };`,
      "src/add.ts": "export const add = (a: number, b: number): number => a + b;",
      "src/data.json": '{"two": 2}',
    });
    expect((await evaluate(program)).default.value).toBe(3);
    expect(program).toMatchObject({ format: "module", exports: ["default"], imports: [] });
  });

  test("JSX by the tsconfig, by options, and in .js", async () => {
    const files = {
      "src/index.tsx":
        "const h = (tag: string) => tag; const own = (tag: string) => tag + '!'; export default <b />;",
    };
    const react = await built({
      ...files,
      "tsconfig.json": '{"compilerOptions": {"jsx": "react", "jsxFactory": "h"}}',
    });
    expect((await evaluate(react.program)).default).toBe("b");
    const named = await built(files, { config: { jsx_factory: "own" } });
    expect((await evaluate(named.program)).default).toBe("b!");
    const js = await built(
      { "src/index.js": "const h = tag => tag; export default <i />;" },
      { config: { jsx_factory: "h" } },
    );
    expect((await evaluate(js.program)).default).toBe("i");
  });

  test("tsconfig paths, and a tsconfig of another name", async () => {
    const files = {
      "src/index.ts": 'import { a } from "@lib/a"; export default a;',
      "lib/a.ts": "export const a = 1;",
    };
    const tsconfig = '{"compilerOptions": {"paths": {"@lib/*": ["./lib/*"]}}}';
    expect((await evaluate((await built({ ...files, "tsconfig.json": tsconfig })).program)).default).toBe(1);
    const named = await built({ ...files, "other.json": tsconfig }, { config: { tsconfig: "other.json" } });
    expect((await evaluate(named.program)).default).toBe(1);
  });

  test("packages under the conditions workerd, worker, browser, in the package's order", async () => {
    const conditions = (exports: object) => ({
      "src/index.ts": 'import where from "pkg"; export default where;',
      "node_modules/pkg/package.json": JSON.stringify({ name: "pkg", exports }),
      "node_modules/pkg/workerd.js": "export default 'workerd'",
      "node_modules/pkg/worker.js": "export default 'worker'",
      "node_modules/pkg/browser.js": "export default 'browser'",
      "node_modules/pkg/node.js": "export default 'node'",
    });
    const files = {
      node: "./node.js",
      workerd: "./workerd.js",
      worker: "./worker.js",
      browser: "./browser.js",
    };
    expect((await evaluate((await built(conditions(files))).program)).default).toBe("workerd");
    const { workerd: _, ...fewer } = files;
    expect((await evaluate((await built(conditions(fewer))).program)).default).toBe("worker");
    const last = { node: "./node.js", browser: "./browser.js", default: "./node.js" };
    expect((await evaluate((await built(conditions(last))).program)).default).toBe("browser");
  });

  test("define, NODE_ENV and alias", async () => {
    const { program } = await built(
      {
        "src/index.ts": 'import x from "thing"; export default [VERSION, process.env.NODE_ENV, x];',
        "src/thing.ts": "export default 'aliased';",
      },
      { config: { define: { VERSION: '"1"' }, alias: { thing: "./src/thing.ts" } }, nodeEnv: "production" },
    );
    expect((await evaluate(program)).default).toEqual(["1", "production", "aliased"]);
  });

  test("CommonJS, as a dependency and as the entry", async () => {
    const { program } = await built({
      "src/index.js": "const { a } = require('./a.cjs'); module.exports = { fetch() { return a; } };",
      "src/a.cjs": "exports.a = 5;",
    });
    expect((await evaluate(program)).default.fetch()).toBe(5);
    expect(program.format).toBe("module");
  });

  test("imports in a circle", async () => {
    const { program } = await built({
      "src/index.ts": "import { b } from './b'; export const a = 1; export default () => b();",
      "src/b.ts": "import { a } from './index'; export const b = () => a;",
    });
    expect((await evaluate(program)).default()).toBe(1);
  });

  test("cloudflare modules stay imports; those at run time become so", async () => {
    const { program } = await built({
      "src/index.ts": `import { env } from "cloudflare:workers";
        export default async () => [env.TEXT, (await import("cloudflare:sockets")).connect()];`,
    });
    expect(program.imports).toEqual(["cloudflare:sockets", "cloudflare:workers"]);
    expect(program.main).not.toContain("import(");
    expect(await (await evaluate(program)).default()).toEqual(["text", "connected"]);
  });

  test("import() of a literal path is inside, and so is one of a pattern", async () => {
    const { program, inputs } = await built({
      "src/index.ts":
        "export default async n => [(await import('./a')).default, (await import('./lang/' + n + '.ts')).default];",
      "src/a.ts": "export default 'a'",
      "src/lang/en.ts": "export default 'hello'",
    });
    expect(program.main).not.toContain("await import(");
    expect(await (await evaluate(program)).default("en")).toEqual(["a", "hello"]);
    expect(inputs.some(input => input.endsWith(join("src", "lang", "**")))).toBe(true);
  });

  test("`using` is lowered, and names are kept", async () => {
    const { program } = await built({
      "src/index.ts": `const log: string[] = [];
        { using x = { [Symbol.dispose]() { log.push("disposed"); } }; }
        { class Named {} log.push(Named.name); } { class Named {} log.push(Named.name); }
        export default log;`,
    });
    expect(program.main).not.toMatch(/\busing x/);
    expect((await evaluate(program)).default).toEqual(["disposed", "Named", "Named"]);
  });

  test("service-worker syntax is told from modules", async () => {
    const { program } = await built({ "src/index.ts": "addEventListener('fetch', event => event);" });
    expect(program).toMatchObject({ format: "service-worker", exports: [] });
  });

  test("minify", async () => {
    const files = {
      "src/index.ts": "export default function aLongName() { const another = 1; return another + another; }",
    };
    const [small, large] = [await built(files, { config: { minify: true } }), await built(files)];
    expect(small.program.main.length).toBeLessThan(large.program.main.length / 2);
  });

  test("no_bundle links files and leaves their code alone", async () => {
    const { program } = await built(
      {
        "src/index.js": "import { a } from './a.js'; export default [a, typeof VERSION];",
        "src/a.js": "export const a = 1;",
      },
      { config: { no_bundle: true, define: { VERSION: "1" }, minify: true, main: "src/index.js" } },
    );
    expect((await evaluate(program)).default).toEqual([1, "undefined"]);
  });

  test("find_additional_modules: an import whose name is only known at run time", async () => {
    const { program } = await built(
      {
        "src/index.ts": "export default async (name: string) => await import(name);",
        "src/plugins/a.mjs": "export const name = 'a';",
        "src/plugins/deep/b.mjs": "export { name } from '../a.mjs';",
        "src/note.txt": "text",
      },
      { config: { find_additional_modules: true, rules: [{ type: "ESModule", globs: ["**/*.mjs"] }] } },
    );
    const load = (await evaluate(program)).default;
    expect((await load("./plugins/a.mjs")).name).toBe("a");
    expect((await load("./plugins/deep/../deep/b.mjs")).name).toBe("a");
    expect((await load("./note.txt")).default).toBe("text");
    await expect(load("./plugins/c.mjs")).rejects.toThrow('No such module "./plugins/c.mjs"');
  });
});

describe("source maps", () => {
  test("name the sources relative to the root, with their text", async () => {
    const source = "export default () => {\n  throw new Error('x');\n};\n";
    const { program } = await built({ "src/index.ts": source });
    const map = JSON.parse(program.sourceMap);
    expect(map).toMatchObject({ version: 3, sources: ["src/index.ts"], sourcesContent: [source] });
    expect(program.main).not.toContain("sourceMappingURL");
  });
});

describe("building again", () => {
  test("equal code has an equal hash; a comment changes the map alone", async () => {
    const cwd = project({ "index.ts": "export default 1;" });
    const bundler = createBundler(await optionsFor(cwd));
    const first = await bundler.build();
    write(cwd, { "index.ts": "// a comment\nexport default 1;" });
    const second = await bundler.build();
    write(cwd, { "index.ts": "export default 2;" });
    const third = await bundler.build();
    await bundler.dispose();
    if (!first.ok || !second.ok || !third.ok) throw new Error("a build failed");
    expect(second.hash).toBe(first.hash);
    expect(second.program.sourceMap).not.toBe(first.program.sourceMap);
    expect(third.hash).not.toBe(first.hash);
  });

  test("calls during a build share the next one", async () => {
    const cwd = project({ "index.ts": "export default 1;" });
    const bundler = createBundler(await optionsFor(cwd));
    const first = bundler.build();
    write(cwd, { "index.ts": "export default 2;" });
    const [second, third] = [bundler.build(), bundler.build()];
    expect(second).toBe(third);
    expect(await first).toMatchObject({ ok: true });
    expect(await second).toMatchObject({ ok: true, program: { main: expect.stringContaining("2") } });
    await bundler.dispose();
    await expect(bundler.build()).rejects.toThrow("disposed");
  });

  test("recovers from an error", async () => {
    const cwd = project({ "index.ts": "export default {" });
    const bundler = createBundler(await optionsFor(cwd));
    expect(await bundler.build()).toMatchObject({ ok: false });
    write(cwd, { "index.ts": "export default {}" });
    expect(await bundler.build()).toMatchObject({ ok: true });
    await bundler.dispose();
  });
});

describe("errors", () => {
  test("a syntax error has file, line, column and a code frame", async () => {
    const failure = await broken({ "src/index.ts": "const ok = 1;\nconst ü = 'é' + ;\n" });
    expect(failure.errors).toEqual([
      {
        text: 'Unexpected ";"',
        file: join(failure.cwd, "src/index.ts"),
        line: 2,
        column: 17,
        codeFrame: "  1 | const ok = 1;\n> 2 | const ü = 'é' + ;\n    |                 ^",
        notes: [],
      },
    ]);
    expect(failure.inputs).toContain(join(failure.cwd, "src/index.ts"));
    expect(formatBundleMessage(failure.errors[0]!, failure.cwd)).toMatch(
      /^src\/index\.ts:2:17: Unexpected ";"\n/,
    );
    expect(bundleError(failure, failure.cwd)).toMatchObject({ code: "BUILD_FAILED" });
  });

  test("all of them", async () => {
    const failure = await broken({
      "src/index.ts": "import './a'; import { no } from './b'; import 'missing'; export default no;",
      "src/a.ts": "let x = ;",
      "src/b.ts": "export const yes = 1;",
    });
    expect(failure.errors.map(error => error.text).sort()).toEqual([
      'Could not resolve "missing"',
      'Unexpected ";"',
    ]);
    // The file to correct may be any that was read.
    expect(failure.inputs).toContain(join(failure.cwd, "src/b.ts"));
  });

  test("an export that does not exist", async () => {
    const failure = await broken({
      "src/index.js": "import { no } from './b'; export default no;",
      "src/b.js": "export const yes = 1;",
    });
    expect(failure.errors[0]?.text).toBe('No matching export in "src/b.js" for import "no"');
  });

  test("a missing file is watched for where it would appear", async () => {
    const failure = await broken({ "src/index.ts": "import './lib/a'; import 'pkg'; import '../x/y/z';" });
    expect(failure.inputs).toEqual(expect.arrayContaining([join(failure.cwd, "src/"), `${failure.cwd}/`]));
  });

  test("the entry is gone", async () => {
    const cwd = project({ "index.ts": "export default 1" });
    const options = await optionsFor(cwd);
    const bundler = createBundler({ ...options, config: { ...options.config, main: join(cwd, "gone.ts") } });
    const result = await bundler.build();
    await bundler.dispose();
    expect(result).toMatchObject({ ok: false });
    expect(result.inputs).toContain(join(cwd, "gone.ts"));
  });

  test("a cloudflare module that does not exist", async () => {
    const failure = await broken({ "src/index.ts": "import 'cloudflare:nope';" });
    expect(failure.errors[0]).toMatchObject({
      text: 'There is no module "cloudflare:nope"',
      line: 1,
      column: 8,
    });
  });

  test("a megabyte on one line has a short frame", async () => {
    const failure = await broken({ "src/index.ts": `const a = "${"x".repeat(1 << 20)}" + ;` });
    expect(failure.errors[0]!.codeFrame.length).toBeLessThan(400);
  });
});
