/** argv → command → exit code. The only place where an error becomes text. */
import { readFileSync } from "node:fs";
import { EXIT, exitCodeOf, UserError } from "../errors.ts";
import { createLogger, type LogLevel, wantsColor } from "../log.ts";
import { closeEarly, type EngineName, letEngineGoOn, startEarly } from "../runtime/early-engine.ts";
import type { CommandContext } from "./command.ts";
import { loadCommands } from "./commands/index.ts";
import { formatFailure } from "./terminal/failure.ts";
import { lazyStream, standardStreams } from "./terminal/standard-streams.ts";

/** Runs a command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // The worker's clock shows UTC; in the commands that run it in this process that is this process's clock.
  process.env["TZ"] = "UTC";
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-v")) {
    process.stdout.write(`${version()}\n`);
    return;
  }
  process.exitCode = await run(argv);
}

function version(): string {
  const path = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

async function run(argv: readonly string[]): Promise<number> {
  const { env } = process;
  const early = runsOnce(argv) ? guessEngine(argv, env) : undefined;
  if (early !== undefined) startEarly(early);
  const streams = standardStreams();
  const log = createLogger({ stream: lazyStream(streams, "stderr"), env });
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(EXIT.interrupted);
      interruption.abort(signal);
    });
  }
  try {
    const [{ parseCommandLine }, commands] = await Promise.all([
      import("./parser.ts"),
      loadCommands(argv[0]),
    ]);
    await letEngineGoOn();
    const parsed = parseCommandLine(commands, argv, {
      version,
      colors: () => wantsColor(streams.stdout, env),
      write: text => streams.stdout.write(text),
    });
    if (parsed?.command.run === undefined) return EXIT.success;
    await letEngineGoOn();
    const { options } = parsed.input;
    if (typeof options["logLevel"] === "string") log.level = options["logLevel"] as LogLevel;
    const cwd = typeof options["cwd"] === "string" ? enter(options["cwd"]) : process.cwd();
    const context: CommandContext = Object.assign(streams, {
      cwd,
      env,
      log,
      interrupted: interruption.signal,
    });
    const code = await parsed.command.run(context, parsed.input);
    return interruption.signal.aborted ? EXIT.interrupted : (code ?? EXIT.success);
  } catch (error) {
    if (interruption.signal.aborted && !(error instanceof UserError)) return EXIT.interrupted;
    if (log.shows("error")) streams.stderr.write(formatFailure(error, log.colors));
    return exitCodeOf(error);
  } finally {
    await closeEarly();
  }
}

/** Whether the command runs a worker in this process. A wrong guess costs time, and nothing else. */
function runsOnce([command, ...rest]: readonly string[]): boolean {
  if (rest.includes("--help") || rest.includes("-h")) return false;
  return (
    command === "invoke" ||
    (command === "cron" && rest[0] === "trigger") ||
    (command === "run" && rest.includes("--request"))
  );
}

function guessEngine(argv: readonly string[], env: NodeJS.ProcessEnv): EngineName | undefined {
  const flag = argv.findIndex(argument => argument === "--engine" || argument.startsWith("--engine="));
  const named = flag < 0 ? undefined : (argv[flag]?.split("=")[1] ?? argv[flag + 1]);
  const name = named ?? env["WORKER_ENGINE"] ?? "quickjs";
  return name === "quickjs" || name === "v8" ? name : undefined;
}

function enter(directory: string): string {
  try {
    process.chdir(directory);
  } catch (error) {
    throw new UserError(
      "USAGE",
      `Cannot enter the folder "${directory}" (--cwd).`,
      "Name a folder that exists.",
      { cause: error },
    );
  }
  return process.cwd();
}
