/** Processes that the benchmarks start. Each leads a process group, so that nothing of it outlives the run. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const OUTPUT_KEPT_CHARACTERS = 4_000;
const PATIENCE_MILLISECONDS = 5_000;
const groups = new Set<number>();

process.on("exit", () => {
  for (const group of groups) killGroup(group, "SIGKILL");
});

/** Whether the group still had members. */
function killGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

/** A process that runs until it is stopped. */
export class Running {
  readonly pid: number;
  /** Of `performance.now()`, just before the process was started. */
  readonly startedAt: number;
  readonly #child: ChildProcess;
  readonly #title: string;
  #output = "";

  constructor(command: Command, folder: string, env: NodeJS.ProcessEnv) {
    this.startedAt = performance.now();
    this.#child = spawn(command.file, command.args, {
      cwd: folder,
      env: { ...env, ...command.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#title = [command.file, ...command.args].join(" ");
    this.#child.on("error", error => {
      this.#output += error.message;
    });
    if (this.#child.pid === undefined) throw new Error(`cannot start ${this.#title}`);
    this.pid = this.#child.pid;
    groups.add(this.pid);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output = (this.#output + text).slice(-OUTPUT_KEPT_CHARACTERS);
      });
    }
  }

  /** Throws, with the end of its output, when the process has ended by itself. */
  assertRunning(): void {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) return;
    throw new Error(`${this.#title} ended (${signalCode ?? exitCode}):\n${this.#output.trim()}`);
  }

  /** Ends the process and all that it started: as Ctrl-C does, so that it can write its caches, then by force. */
  async stop(): Promise<void> {
    const startedAt = performance.now();
    const waited = () => performance.now() - startedAt;
    killGroup(this.pid, "SIGINT");
    while (killGroup(this.pid, 0) && waited() < PATIENCE_MILLISECONDS) await delay(2);
    killGroup(this.pid, "SIGKILL");
    // Bounded, for a system whose init process does not reap: its zombies stay members of the group.
    while (killGroup(this.pid, 0) && waited() < 2 * PATIENCE_MILLISECONDS) await delay(2);
    groups.delete(this.pid);
  }
}

export interface Outcome {
  readonly stdout: string;
  /** From just before the process was started until it had ended and its output was read. */
  readonly milliseconds: number;
}

/** Runs a command to its end. Rejects unless it succeeds. */
export async function runToEnd(command: Command, folder: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const startedAt = performance.now();
  const child = spawn(command.file, command.args, {
    cwd: folder,
    env: { ...env, ...command.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  if (child.pid !== undefined) groups.add(child.pid);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  const milliseconds = performance.now() - startedAt;
  if (child.pid !== undefined) {
    killGroup(child.pid, "SIGKILL");
    groups.delete(child.pid);
  }
  if (code === 0) return { stdout, milliseconds };
  throw new Error(
    `${[command.file, ...command.args].join(" ")} ended (${signal ?? code}):\n${stderr.trim()}`,
  );
}
