import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cli, folder } from "../helpers/cli.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The program as it is installed where isolated-vm could not be. */
function installedWithoutV8(): string {
  const root = folder({});
  for (const name of ["bin", "dist", "package.json"])
    cpSync(join(ROOT, name), join(root, name), { recursive: true });
  mkdirSync(join(root, "node_modules"));
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (name === "isolated-vm" || name.startsWith(".")) continue;
    symlinkSync(join(ROOT, "node_modules", name), join(root, "node_modules", name));
  }
  return join(root, "bin/worker.js");
}

/** Less than the time after which a host process that does not end by itself is killed. */
const PROMPT_MS = 7000;

test("an engine that is not installed is an error; the other one works", { timeout: PROMPT_MS }, async () => {
  const program = installedWithoutV8();
  const cwd = folder({ "index.js": "export default { fetch() {}, one: () => 1 };" });
  for (const args of [
    ["invoke", "one"],
    ["run", "--request", "/"],
    ["cron", "trigger", "* * * * *"],
  ]) {
    expect(await cli([...args, "--engine", "v8"], { cwd, program })).toEqual({
      stdout: "",
      stderr:
        'error: The engine "v8" needs the package isolated-vm, which is not installed or does not work with this Node.js. (ENGINE_NOT_INSTALLED)\n' +
        "Install it with `npm install isolated-vm`, or use `--engine quickjs`.\n",
      code: 2,
    });
  }
  const dev = await cli(["dev", "--engine", "v8", "--port", "0"], { cwd, program });
  expect([dev.code, dev.stdout + dev.stderr]).toEqual([
    2,
    expect.stringContaining("(ENGINE_NOT_INSTALLED)\n"),
  ]);
  expect(await cli(["invoke", "one"], { cwd, program })).toEqual({ stdout: "1\n", stderr: "", code: 0 });
});
