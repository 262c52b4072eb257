/** Runs the same tests on every engine. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import type { EngineName, Engine as EngineType, WorkerHandle, WorkerOptions } from "../../src/index.ts";

// The built program, as its users have it: the engines need the files beside it.
const { Engine } = (await import("../../dist/index.js" as string)) as typeof import("../../src/index.ts");

export { Engine };

export const ENGINES: readonly EngineName[] = ["quickjs", "v8"];

/** Runs a function inside a worker. Its source is sent, so it closes over nothing; arguments and result are JSON. */
export type Run = <Args extends unknown[], Result>(
  guest: (...args: Args) => Result,
  ...args: Args
) => Promise<Awaited<Result>>;

export interface EngineContext {
  readonly name: EngineName;
  /** One worker for all calls of the suite. */
  readonly run: Run;
  /** A worker of its own, ended after the suite. */
  load(options: WorkerOptions): Promise<WorkerHandle>;
  /** Console lines that the worker of `run` wrote so far, as `[level, text]`. */
  readonly consoleLines: (readonly [string, string])[];
  /** Exceptions of the worker of `run` that no caller heard of. */
  readonly uncaught: Error[];
}

const RUNNER = `
export default {
  async run(env, source, args) {
    const guest = compiled.get(source) ?? compile(source);
    const result = await guest.apply({ env }, args);
    return { result };
  },
};
const compiled = new Map();
function compile(source) {
  const guest = (0, eval)("(" + source + ")");
  compiled.set(source, guest);
  return guest;
}
`;

/** `describe` for each engine. `options` are those of the worker that `run` runs in. */
export function eachEngine(
  title: string,
  suite: (run: Run, context: EngineContext) => void,
  options: Omit<WorkerOptions, "script"> = {},
): void {
  for (const name of ENGINES) {
    describe(`${title} (${name})`, () => {
      let engine: EngineType;
      let worker: WorkerHandle;
      const consoleLines: (readonly [string, string])[] = [];
      const uncaught: Error[] = [];
      beforeAll(async () => {
        engine = await Engine.open({ engine: name });
        worker = await engine.load({
          onConsole: (level, text) => consoleLines.push([level, text]),
          onUncaught: error => uncaught.push(error),
          unsafeEval: true,
          ...options,
          script: RUNNER,
        });
      });
      afterAll(() => engine?.close());
      const run: Run = async (guest, ...args) => {
        const answer = (await worker.invoke("run", guest.toString(), args)) as { result?: never };
        return answer.result as never;
      };
      suite(run, { name, run, load: settings => engine.load(settings), consoleLines, uncaught });
    });
  }
}

/** An empty folder of its own for a test. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "worker-test-"));
}
