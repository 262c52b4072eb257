/** The real command line, as a child process. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { type Files, write } from "./project.ts";

const WORKER = fileURLToPath(new URL("../../bin/worker.js", import.meta.url));

// Tests that run beside each other have no end of their own to hook into: all is cleared after the last of a file.
const clearings: (() => unknown)[] = [];
afterAll(() => Promise.all(clearings.map(clear => clear())));

/** A folder with these files, gone after the file of tests. */
export function folder(files: Files): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "worker-cli-")));
  clearings.unshift(() => rmSync(path, { recursive: true, force: true }));
  write(path, files);
  return path;
}

export interface CliOptions {
  readonly cwd: string;
  /** Over the environment of the tests, which names no engine and no colours. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What stdin holds; nothing unless given. */
  readonly input?: string;
  /** The program, unless it is the one that was built here. */
  readonly program?: string;
}

export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const CHOICES = ["WORKER_ENGINE", "CLOUDFLARE_ENV", "FORCE_COLOR"];

function start(args: readonly string[], { cwd, env = {}, program = WORKER }: CliOptions): Child {
  const clean = Object.entries(process.env).filter(([name]) => !CHOICES.includes(name));
  // Without the dashes Node.js takes --env-file for an option of its own.
  return spawn(process.execPath, ["--", program, ...args], {
    cwd,
    env: { ...Object.fromEntries(clean), NO_COLOR: "1", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Runs a command to its end. */
export async function cli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const { stdout, stderr, code } = await cliBytes(args, options);
  return { stdout: stdout.toString(), stderr, code };
}

/** The same, with what it wrote to stdout as bytes. */
export async function cliBytes(args: readonly string[], options: CliOptions) {
  const child = start(args, options);
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const [stdout, stderr, code] = await Promise.all([
    gather(child.stdout),
    gather(child.stderr),
    ended(child),
  ]);
  return { stdout, stderr: stderr.toString(), code };
}

export interface RunningCli {
  /** What both streams have said so far. */
  readonly output: string;
  /** Resolves with what the pattern matches, as soon as the output does; rejects when the command ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

/** Starts a command that runs until it is interrupted. It is killed after the tests. */
export function startCli(args: readonly string[], options: CliOptions): RunningCli {
  const child = start(args, options);
  let output = "";
  let over = false;
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      notify();
    });
  }
  const end = ended(child).finally(() => {
    over = true;
    notify();
  });
  clearings.push(() => child.kill("SIGKILL") && end);
  return {
    get output() {
      return output;
    },
    says: pattern =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output);
          if (match === null && !over) return;
          listeners.delete(look);
          if (match !== null) resolve(match);
          else reject(new Error(`The command ended without saying ${pattern}:\n${output}`));
        };
        listeners.add(look);
        look();
      }),
    signal: name => child.kill(name),
    ended: end,
  };
}

/** Starts `dev` or `run` on a free port; resolves when it is ready. */
export async function startServer(
  args: readonly string[],
  options: CliOptions,
): Promise<RunningCli & { readonly url: string }> {
  const server = startCli([...args, "--port", "0"], options);
  const [, url = ""] = await server.says(/^Ready on (\S+)$/m);
  return Object.defineProperty(server, "url", { value: url }) as RunningCli & { url: string };
}

async function gather(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function ended(child: Child): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}
