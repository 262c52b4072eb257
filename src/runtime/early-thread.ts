/**
 * What a command that runs a worker once does before the program itself is loaded: it starts the thread that it will wait
 * for longest. bin/worker.js calls this; runtime/early-engine.ts goes on with it.
 */
import type { EngineName } from "../engine/engine.ts";
import { type StartedThread, startThread } from "../engine/quickjs/start-thread.ts";

/** What the command line seems to run. A wrong guess costs time, and nothing else. */
export interface Guess {
  readonly engine: EngineName;
  readonly thread: StartedThread | undefined;
}

export function startThreadEarly(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  compileCache: string,
): Guess | undefined {
  if (!runsOnce(argv)) return undefined;
  const engine = engineOf(argv, env);
  if (engine === "v8") return { engine, thread: undefined };
  if (engine !== "quickjs") return undefined;
  // As main() does: a thread's clock is set when it starts.
  env["TZ"] = "UTC";
  return { engine, thread: startThread(new URL("./quickjs-thread.cjs", import.meta.url), compileCache) };
}

function runsOnce([command, ...rest]: readonly string[]): boolean {
  if (rest.includes("--help") || rest.includes("-h")) return false;
  return (
    command === "invoke" ||
    (command === "cron" && rest[0] === "trigger") ||
    (command === "run" && rest.includes("--request"))
  );
}

function engineOf(argv: readonly string[], env: NodeJS.ProcessEnv): string {
  const flag = argv.findIndex(argument => argument === "--engine" || argument.startsWith("--engine="));
  const named = flag < 0 ? undefined : (argv[flag]?.split("=")[1] ?? argv[flag + 1]);
  return named ?? env["WORKER_ENGINE"] ?? "quickjs";
}
