/** Each template is a project that type-checks and does what its expect.json says, on every engine. */
import { execFile } from "node:child_process";
import { cpSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { cli, folder, startServer } from "./helpers/cli.ts";
import { ENGINES } from "./helpers/each-engine.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TEMPLATES = readdirSync(join(ROOT, "templates")).filter(name => !name.startsWith("."));

interface RequestStep {
  readonly request: string;
  readonly method?: string;
  readonly data?: string;
  readonly status: number;
  readonly body?: string;
  /** What the answer's JSON has at least. */
  readonly json?: object;
}

type Step =
  | RequestStep
  | { readonly invoke: readonly string[]; readonly stdout: string }
  | { readonly cron: readonly string[]; readonly stdout: string };

/** A copy of a template, as a user has it after `npm install`. */
function copyOf(template: string): string {
  const copy = folder({});
  // What running it in place left behind is no part of it.
  const filter = (path: string) => !/[\\/](\.worker|dist|node_modules)$/.test(path);
  cpSync(join(ROOT, "templates", template), copy, { recursive: true, filter });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

async function checkAnswer(url: string, step: RequestStep): Promise<void> {
  const { method = "GET", data } = step;
  const response = await fetch(`${url}${step.request}`, {
    method,
    ...(data === undefined ? {} : { body: data }),
  });
  const text = await response.text();
  expect(response.status, text).toBe(step.status);
  if (step.body !== undefined) expect(text).toBe(step.body);
  if (step.json !== undefined) expect(JSON.parse(text)).toMatchObject(step.json);
}

describe.concurrent.each(TEMPLATES)("templates/%s", template => {
  test.each(ENGINES)("does what expect.json says (%s)", async engine => {
    const cwd = copyOf(template);
    const steps = JSON.parse(readFileSync(join(cwd, "expect.json"), "utf8")) as Step[];
    const server = await startServer(["run", "--engine", engine], { cwd });
    for (const step of steps) if ("request" in step) await checkAnswer(server.url, step);
    server.signal("SIGINT");
    expect(await server.ended, server.output).toBe(130);
    for (const step of steps) {
      if ("request" in step) continue;
      const command = "invoke" in step ? ["invoke", ...step.invoke] : ["cron", "trigger", ...step.cron];
      const { stdout, stderr, code } = await cli([...command, "--engine", engine], { cwd });
      expect([stdout, code], stderr).toEqual([step.stdout, 0]);
    }
  });

  test("type-checks", async () => {
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const { stdout } = await promisify(execFile)(tsc, [], { cwd: copyOf(template) });
    expect(stdout).toBe("");
  });
});
