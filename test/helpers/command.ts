/** Commands in this process, for those that need no engine: parsed and run as `src/cli/main.ts` does it. */
import { PassThrough, Readable } from "node:stream";
import { loadCommands } from "../../src/cli/commands/index.ts";
import { parseCommandLine } from "../../src/cli/parser.ts";
import { formatFailure } from "../../src/cli/terminal/failure.ts";
import { EXIT, exitCodeOf } from "../../src/errors.ts";
import { createLogger } from "../../src/log.ts";

const commands = await loadCommands();

export interface CommandOptions {
  readonly cwd: string;
  /** What stdin holds; nothing unless given. */
  readonly input?: string | Uint8Array;
  /** What is typed, on a terminal. Without it there is no terminal. */
  readonly typed?: string;
}

/** Runs a command to its end. */
export async function command(args: readonly string[], options: CommandOptions) {
  const { stdout, stderr, code } = await commandBytes(args, options);
  return { stdout: stdout.toString(), stderr, code };
}

/** The same, with what it wrote to stdout as bytes. */
export async function commandBytes(args: readonly string[], { cwd, input, typed }: CommandOptions) {
  const stdin = Readable.from([Buffer.from(typed ?? input ?? "")]);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  if (typed !== undefined)
    for (const stream of [stdin, stdout, stderr]) Object.assign(stream, { isTTY: true });
  const written = Promise.all([gather(stdout), gather(stderr)]);
  const env = { NO_COLOR: "1" };
  const log = createLogger({ stream: stderr, env });
  const run = async (): Promise<number> => {
    const settings = { version: () => "0", colors: () => false, write: (text: string) => stdout.write(text) };
    const parsed = parseCommandLine(commands, args, settings);
    if (parsed?.command.run === undefined) return EXIT.success;
    const context = {
      cwd,
      env,
      stdin,
      stdout: stdout as unknown as NodeJS.WriteStream,
      stderr: stderr as unknown as NodeJS.WriteStream,
      log,
      interrupted: new AbortController().signal,
    };
    return (await parsed.command.run(context, parsed.input)) ?? EXIT.success;
  };
  const code = await run().catch((error: unknown) => {
    stderr.write(formatFailure(error, log.colors));
    return exitCodeOf(error);
  });
  stdout.end();
  stderr.end();
  const [out, said] = await written;
  return { stdout: out, stderr: said.toString(), code };
}

async function gather(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
