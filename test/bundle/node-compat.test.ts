import { describe, expect, test } from "vitest";
import { broken, built, evaluate } from "./helpers.ts";

const FULL = { config: { compatibility_flags: ["nodejs_compat"] } };
const POPULATED = { config: { compatibility_date: "2026-01-01", compatibility_flags: ["nodejs_compat"] } };

describe("with nodejs_compat", () => {
  test("every module that workerd has resolves, by both names", async () => {
    const { nonPrefixedNodeModules } = await import("@cloudflare/unenv-preset");
    const names = nonPrefixedNodeModules.filter(name => !name.startsWith("_") && name !== "punycode");
    const imports = names.flatMap((name, index) => [
      `import * as a${index} from "node:${name}";`,
      `import b${index} from "${name}";`,
    ]);
    const uses = names.map((_, index) => `typeof a${index} + typeof b${index}`);
    const { program } = await built(
      { "src/index.ts": `${imports.join("\n")}\nexport default [${uses.join()}];` },
      FULL,
    );
    // What the guest library has itself stays an import, which the engine links.
    expect(program.main).not.toMatch(/from "(?:node:(?!timers)|(?:fs|util|events)")/);
  });

  test("modules work: events, buffer, util, path, async_hooks", async () => {
    const { program } = await built(
      {
        "src/index.ts": `import { EventEmitter } from "node:events"; import { Buffer } from "buffer";
          import { inherits } from "node:util"; import path from "path"; import { AsyncLocalStorage } from "async_hooks";
          const seen = []; new EventEmitter().on("x", v => seen.push(v)).emit("x", 1);
          const als = new AsyncLocalStorage();
          export default [seen, Buffer.from("hi").toString("hex"), typeof inherits, path.join("a", "../b"), als.run(5, () => als.getStore())];`,
      },
      FULL,
    );
    expect((await evaluate(program)).default).toEqual([[1], "6869", "function", "b", 5]);
  });

  test("node:timers is left to the engine, however it is asked for", async () => {
    const { program } = await built(
      {
        "src/index.ts": `import * as timers from "timers"; import { setTimeout as sleep } from "node:timers/promises";
          const required = require("timers/promises");
          const imported = await import("node:timers/promises");
          export default [timers.setTimeout === setTimeout, required.setTimeout === sleep, imported.setTimeout === sleep];`,
      },
      FULL,
    );
    expect(program.main).toMatch(/from "node:timers"/);
    expect((await evaluate(program)).default).toEqual([true, true, true]);
  });

  test("require gives the default export", async () => {
    const { program } = await built(
      {
        "src/index.js":
          "class Mine extends require('events') {} export default new Mine().on('x', () => {}).emit('x');",
      },
      FULL,
    );
    expect((await evaluate(program)).default).toBe(true);
  });

  test("the globals process, Buffer and global, by name and through globalThis", async () => {
    const { program } = await built(
      {
        "src/index.ts":
          "export default [Buffer.from('a').length, process.env.TEXT, globalThis.process.env.LIST, process.env.KV, Object.keys(process.env), global === globalThis];",
      },
      POPULATED,
    );
    expect((await evaluate(program)).default).toEqual([1, "text", "[1]", undefined, ["TEXT", "LIST"], true]);
  });

  test("process.env is empty where the date is before it was filled", async () => {
    const config = { compatibility_date: "2025-01-01", compatibility_flags: ["nodejs_compat"] };
    const { program } = await built(
      { "src/index.ts": "export default Object.keys(process.env);" },
      { config },
    );
    expect((await evaluate(program)).default).toEqual([]);
    expect(program.imports).toEqual([]);
  });

  test("a worker that uses none of it carries none of it", async () => {
    const { program } = await built({ "src/index.ts": "export default { fetch: () => 1 };" }, FULL);
    expect(program.main.length).toBeLessThan(400);
  });

  test("an alias wins", async () => {
    const { program } = await built(
      { "src/index.ts": "import fs from 'fs'; export default fs;", "src/fs.ts": "export default 'mine'" },
      { config: { ...FULL.config, alias: { fs: "./src/fs.ts" } } },
    );
    expect((await evaluate(program)).default).toBe("mine");
  });

  test("a module that Node.js does not have", async () => {
    const failure = await broken({ "src/index.ts": "import 'node:nope';" }, FULL);
    expect(failure.errors[0]?.text).toBe('Node.js has no module "node:nope"');
  });
});

describe("without", () => {
  test.each(["node:fs", "fs", "node:fs/promises"])(
    "an import of %s is an error that names the flag and the importer",
    async name => {
      const failure = await broken({
        "src/index.ts": "import './lib';",
        "src/lib.ts": `\nimport fs from "${name}"; fs;`,
      });
      expect(failure.errors).toMatchObject([
        {
          text: `"${name}" is a Node.js module, and this worker has no Node.js compatibility`,
          file: `${failure.cwd}/src/lib.ts`,
          line: 2,
          notes: ['Add "nodejs_compat" to "compatibility_flags" in the wrangler configuration.'],
        },
      ]);
    },
  );

  test("a library that tries require and does without is left to it", async () => {
    const { result } = {
      result: await built({
        "src/index.ts":
          "let fs; try { fs = require('fs'); } catch (error) { fs = error.message; } export default fs;",
      }),
    };
    expect((await evaluate(result.program)).default).toBe(
      'No such module "fs": the worker has no Node.js compatibility',
    );
    expect(result.warnings[0]?.text).toContain('"fs" is a Node.js module');
  });

  test("an npm package of a Node.js module's name is itself", async () => {
    const { program } = await built({
      "src/index.ts": "import a from 'events'; import b from 'buffer/'; export default [a, b];",
      "node_modules/events/package.json": '{"name": "events", "main": "e.js"}',
      "node_modules/events/e.js": "module.exports = 'npm';",
      "node_modules/buffer/package.json": '{"name": "buffer", "main": "b.js"}',
      "node_modules/buffer/b.js": "module.exports = 'npm too';",
    });
    expect((await evaluate(program)).default).toEqual(["npm", "npm too"]);
  });

  test("a package's browser field may leave a module out, or put another in its place", async () => {
    const files = {
      "src/index.ts": "import value from 'pkg'; export default value;",
      "node_modules/pkg/package.json":
        '{"name": "pkg", "main": "m.js", "browser": {"fs": false, "path": "./own.js"}}',
      "node_modules/pkg/own.js": "module.exports = 'own';",
    };
    const required = { "node_modules/pkg/m.js": "module.exports = [require('fs'), require('path')];" };
    expect((await evaluate((await built({ ...files, ...required })).program)).default).toEqual([{}, "own"]);
    const imported = {
      "node_modules/pkg/m.js": "import fs from 'fs'; import path from 'path'; export default [fs, path];",
    };
    expect((await evaluate((await built({ ...files, ...imported })).program)).default).toEqual([{}, "own"]);
  });

  test("nodejs_als opens node:async_hooks alone", async () => {
    const config = { compatibility_flags: ["nodejs_als"] };
    const { program } = await built(
      {
        "src/index.ts":
          "import { AsyncLocalStorage } from 'node:async_hooks'; export default typeof AsyncLocalStorage;",
      },
      { config },
    );
    expect((await evaluate(program)).default).toBe("function");
    expect((await broken({ "src/index.ts": "import 'node:fs';" }, { config })).errors).toHaveLength(1);
  });

  test("before 2024-09-23 the names need their prefix, and there are no globals", async () => {
    const config = { compatibility_date: "2024-09-22", compatibility_flags: ["nodejs_compat"] };
    const { program } = await built(
      { "src/index.ts": "import { sep } from 'node:path'; export default sep;" },
      { config },
    );
    expect((await evaluate(program)).default).toBe("/");
    const failure = await broken({ "src/index.ts": "import 'path';" }, { config });
    expect(failure.errors[0]?.text).toContain('knows as "node:path" only');
  });
});
