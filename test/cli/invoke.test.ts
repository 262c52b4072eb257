import { describe, expect, test } from "vitest";
import { cli, folder } from "../helpers/cli.ts";
import { ENGINES } from "../helpers/each-engine.ts";

const FILES = {
  "index.js": `
import { WorkerEntrypoint } from "cloudflare:workers";
class Base { inherited(env) { return Object.keys(env); } }
export default Object.assign(new Base(), {
  add(env, a, b) { console.log("adding", a, b); return { sum: a + b }; },
  async args(env, ...args) { return args; },
  nothing() {}, nil() { return null; }, big() { return 10n; }, symbol() { return Symbol("x"); },
  inner() { return () => 1; }, loop() { const loop = {}; loop.loop = loop; return loop; },
  boom() { throw new TypeError("no good", { cause: new Error("root") }); },
  text() { throw "plain"; },
  never() { return new Promise(() => {}); },
  forever() { for (;;); },
});
export function named(env, value) { return { named: value, env: typeof env }; }
export class Admin extends WorkerEntrypoint {
  purge(count) { return { purged: count, key: this.env.KEY }; }
}
export const constant = 3;
`,
};

describe.each(ENGINES)("invoke (%s)", engine => {
  const invoke = (args: readonly string[], input?: string) =>
    cli(["invoke", "--engine", engine, ...args], {
      cwd: folder(FILES),
      ...(input === undefined ? {} : { input }),
    });

  test.concurrent("prints the result and only that on stdout", async () => {
    expect(await invoke(["add", "3", "4"])).toEqual({
      stdout: '{"sum":7}\n',
      stderr: "adding 3 4\n",
      code: 0,
    });
  });

  test.concurrent.each<[readonly string[], string]>([
    [["add", "-3", "4"], '{"sum":1}\n'],
    [["add", "-3", "-0.5e1"], '{"sum":-8}\n'],
    [
      ["args", '{"a":[1]}', "text", '"3"', "null", "true", "", " "],
      '[{"a":[1]},"text","3",null,true,""," "]\n',
    ],
    [["args", "--", "--flag", "-x", "1"], '["--flag","-x",1]\n'],
    [["args", "-", "2"], '["-",2]\n'],
    [["args"], "[]\n"],
    [["nothing"], ""],
    [["nil"], "null\n"],
    [["inherited", "--var", "KEY:v"], '["KEY"]\n'],
    [["named", "x"], '{"named":"x","env":"object"}\n'],
    [["purge", "2", "--entrypoint", "Admin", "--var", "KEY:v"], '{"purged":2,"key":"v"}\n'],
  ])("%j", async (args, stdout) => {
    expect(await invoke([...args, ...(args.includes("--") ? [] : ["--log-level", "error"])])).toEqual({
      stdout,
      stderr: "",
      code: 0,
    });
  });

  test.concurrent("takes arguments from stdin", async () => {
    expect(await invoke(["args", "-"], '[1, "ü"]')).toEqual({ stdout: '[1,"ü"]\n', stderr: "", code: 0 });
  });

  test.concurrent.each<[readonly string[], string, string, string]>([
    [["nope"], 'The worker has no function "nope".', "FUNCTION_NOT_FOUND", "There is: add, args, "],
    [["constructor"], 'The worker has no function "constructor".', "FUNCTION_NOT_FOUND", "There is: add, "],
    [["constant"], 'The worker has no function "constant".', "FUNCTION_NOT_FOUND", "There is: add, "],
    [
      ["x", "--entrypoint", "Admin"],
      'The worker has no function "x".',
      "FUNCTION_NOT_FOUND",
      "There is: purge.",
    ],
    [
      ["x", "--entrypoint", "Nope"],
      'The worker has no entrypoint "Nope".',
      "ENTRYPOINT_NOT_FOUND",
      "There is: Admin",
    ],
    [
      ["symbol"],
      "The function's result cannot be expressed as JSON: it is a symbol.",
      "RESULT_NOT_JSON",
      "Return values",
    ],
    [
      ["inner"],
      "The function's result cannot be expressed as JSON: it is a function.",
      "RESULT_NOT_JSON",
      "Return values",
    ],
    [["text"], "Uncaught plain", "WORKER_EXCEPTION", ""],
    [
      ["forever", "--timeout", "2000"],
      "The worker did not answer within 2 s.",
      "TIME_LIMIT",
      "Answer sooner",
    ],
  ])("%j fails", async (args, message, code, hint) => {
    const result = await invoke(args);
    expect([result.stdout, result.code]).toEqual(["", 1]);
    expect(result.stderr).toContain(`error: ${message} (${code})\n${hint}`);
  });

  test.concurrent.each([["big"], ["loop"]])("%s is no JSON", async name => {
    const { stdout, stderr, code } = await invoke([name]);
    expect([stdout, code]).toEqual(["", 1]);
    expect(stderr).toMatch(/^error: The function's result cannot be expressed as JSON: /);
    expect(stderr).toContain("(RESULT_NOT_JSON)");
  });

  test.concurrent("a promise that nothing can settle ends at once", async () => {
    const { stdout, stderr, code } = await invoke(["never"]);
    expect([stdout, code]).toEqual(["", 1]);
    expect(stderr).toContain("(RESPONSE_NEVER)");
  });

  test.concurrent("an exception shows where it was thrown, and its causes", async () => {
    const { stdout, stderr, code } = await invoke(["boom"]);
    expect([stdout, code]).toEqual(["", 1]);
    expect(stderr).toMatch(
      /^error: TypeError: no good \(WORKER_EXCEPTION\)\n {4}at .*boom \(index\.js:9:\d+\)\n/,
    );
    expect(stderr).toContain("  [cause]: Error: root\n");
    expect(stderr).toMatch(/\n {2}> +9 \| +boom\(\) \{ throw new TypeError/);
  });
});

describe.concurrent("arguments from stdin", () => {
  test.each([
    ["", "it is not valid JSON ("],
    ['{"a":1}', "it is JSON, but no array."],
  ])("that are %j", async (input, why) => {
    const { stdout, stderr, code } = await cli(["invoke", "args", "-"], { cwd: folder(FILES), input });
    expect([stdout, code]).toEqual(["", 2]);
    expect(stderr).toContain(`error: The arguments on stdin cannot be used: ${why}`);
  });
});
