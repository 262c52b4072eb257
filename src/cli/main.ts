/** argv → command → exit code. The only place where an error becomes text. */
import { readFileSync } from "node:fs";
import { EXIT, exitCodeOf, UserError } from "../errors.ts";
import { createLogger, type LogLevel, wantsColor } from "../log.ts";
import { closeEarly, type Guess, letEngineGoOn, startEarly } from "../runtime/early-engine.ts";
import type { CommandContext } from "./command.ts";
import { loadCommands } from "./commands/index.ts";
import { formatFailure } from "./terminal/failure.ts";
import { lazyStream, standardStreams } from "./terminal/standard-streams.ts";

/** Runs a command line and ends the process with its exit code. `guess`: what was started for it already. */
export async function main(argv: readonly string[], guess?: Guess): Promise<void> {
  // The worker's clock shows UTC; in the commands that run it in this process that is this process's clock.
  process.env["TZ"] = "UTC";
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-v")) {
    process.stdout.write(`${version()}\n`);
    return;
  }
  process.exitCode = await run(argv, guess);
}

function version(): string {
  const path = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

async function run(argv: readonly string[], guess: Guess | undefined): Promise<number> {
  if (guess !== undefined) startEarly(guess);
  const { env } = process;
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
