/** Workers and projects that are wrong: each has an error of its own. */
import { describe, expect, test } from "vitest";
import { cli, folder } from "../helpers/cli.ts";
import { ENGINES } from "../helpers/each-engine.ts";
import type { Files } from "../helpers/project.ts";

const FETCH = 'export default { fetch() { return new Response("ok\\n"); } };';

describe.each(ENGINES)("a worker (%s)", engine => {
  const request = (source: string) =>
    cli(["run", "--engine", engine, "--request", "/"], { cwd: folder({ "index.js": source }) });

  test.concurrent.each([
    [
      "exports nothing",
      "globalThis.x = 1;",
      "error: The worker index.js exports nothing. (WORKER_EXPORTS_NOTHING)\n",
    ],
    [
      "has no fetch()",
      "export default { scheduled() {} };",
      "error: The worker's default export has no fetch() handler. (HANDLER_NOT_FOUND)\n",
    ],
    [
      "throws at the top level",
      'throw new Error("top"); export default {};',
      "error: Error: top (WORKER_LOAD_FAILED)\n",
    ],
    [
      "does not parse",
      "export default { fetch( { return 1 } }",
      'error: The worker could not be built (BUILD_FAILED)\nindex.js:1:34: Expected "}" but found "1"\n',
    ],
    [
      "imports what there is not",
      `import "./nope.js"; ${FETCH}`,
      'error: The worker could not be built (BUILD_FAILED)\nindex.js:1:8: Could not resolve "./nope.js"\n',
    ],
  ])("that %s", async (_, source, message) => {
    const { stdout, stderr, code } = await request(source);
    expect([stdout, code]).toEqual(["", 1]);
    expect(stderr.startsWith(message), stderr).toBe(true);
  });
});

describe.concurrent("a project", () => {
  const build = (files: Files, ...args: string[]) =>
    cli(["build", "--dry-run", ...args], { cwd: folder(files) });

  test.each<[string, Files, readonly string[], RegExp]>([
    ["without anything", {}, [], /^error: There is no worker in this folder: .*\(ENTRY_NOT_FOUND\)\n/],
    ["whose entry is missing", {}, ["a.ts"], /^error: The entry does not exist: a\.ts \(ENTRY_NOT_FOUND\)\n/],
    [
      "whose main is missing",
      { "wrangler.json": '{"main":"a.ts"}' },
      [],
      /^error: The entry that "main" names does not exist: a\.ts \(ENTRY_NOT_FOUND\)\n/,
    ],
    [
      "whose configuration is missing",
      {},
      ["-c", "w.json"],
      /^error: There is no configuration file w\.json \(CONFIG_NOT_FOUND\)\n/,
    ],
    [
      "whose configuration does not parse",
      { "wrangler.json": '{"main": ' },
      [],
      /^error: wrangler\.json:1:\d+: .* \(CONFIG_SYNTAX\)\n/,
    ],
    [
      "whose configuration is wrong",
      { "wrangler.json": '{"main": 3}' },
      [],
      /^error: wrangler\.json:1:2: "main" should be a string, not the number 3 \(CONFIG_INVALID\)\n/,
    ],
    [
      "without that environment",
      { "wrangler.json": '{"main":"index.js"}', "index.js": FETCH },
      ["-e", "prod"],
      /^error: wrangler\.json has no environment "prod" \(CONFIG_UNKNOWN_ENV\)\n/,
    ],
    [
      "without that file of variables",
      { "index.js": FETCH },
      ["--env-file", "x"],
      /^error: The file that --env-file names does not exist: x \(ENV_FILE_NOT_FOUND\)\n/,
    ],
  ])("%s", async (_, files, args, message) => {
    const { stdout, stderr, code } = await build(files, ...args);
    expect([stdout, code]).toEqual(["", 2]);
    expect(stderr).toMatch(message);
  });

  test("a define or an alias that cannot be", async () => {
    for (const args of [
      ["--define", "a b:1"],
      ["--alias", "./a:./b"],
    ]) {
      const { stderr, code } = await build({ "index.js": FETCH }, ...args);
      expect(code).toBe(1);
      expect(stderr).toContain("(BUILD_FAILED)");
    }
  });

  test("is found from a folder inside it, by a folder, by a file", async () => {
    const root = folder({
      "wrangler.json": '{"main":"src/index.js","vars":{"A":"top"},"env":{"prod":{"vars":{"A":"prod"}}}}',
      "src/index.js": "export default { fetch(request, env) { return new Response(env.A + B); } };",
      "src/deep/empty": "",
    });
    const output = async (cwd: string, ...args: string[]) =>
      (await cli(["run", ...args, "--request", "/", "--define", 'B:" b"'], { cwd: `${root}${cwd}` })).stdout;
    expect(await output("/src/deep")).toBe("top b");
    expect(await output("/src", "../")).toBe("top b");
    expect(await output("", "src/index.js", "--env", "prod")).toBe("prod b");
    expect(await output("", "--var", "A:own")).toBe("own b");
  });
});
