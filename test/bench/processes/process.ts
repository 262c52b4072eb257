/** Processes that the benchmarks start. Each leads a process group, so that nothing of it outlives the run. */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const OUTPUT_KEPT_CHARACTERS = 10_000;
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

/** A process that was started here. */
export class Running {
  readonly pid: number;
  /** Of `performance.now()`, just before the process was started. */
  readonly startedAt: number;
  readonly #child: ChildProcess;
  readonly #title: string;
  readonly #closed: Promise<unknown>;
  #stdout = "";
  #stderr = "";

  constructor(command: Command, folder: string, env: NodeJS.ProcessEnv) {
    this.#title = [command.file, ...command.args].join(" ");
    this.startedAt = performance.now();
    const child = spawn(command.file, command.args, {
      cwd: folder,
      env: { ...env, ...command.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#child = child;
    this.#closed = new Promise(resolve => child.once("close", resolve));
    // Without a process id there is an error event, too, which nobody needs to hear of twice.
    child.on("error", () => {});
    if (child.pid === undefined) throw new Error(`cannot start ${this.#title}`);
    this.pid = child.pid;
    groups.add(this.pid);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout = (this.#stdout + text).slice(-OUTPUT_KEPT_CHARACTERS);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-OUTPUT_KEPT_CHARACTERS);
    });
  }

  /** Throws, with the end of its output, when the process has ended by itself. */
  assertRunning(): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw this.#failure();
  }

  /** Waits until the process has ended by itself; what it wrote on stdout. Rejects unless it succeeded. */
  async succeeded(): Promise<string> {
    await this.#closed;
    if (this.#child.exitCode !== 0) throw this.#failure();
    return this.#stdout;
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

  #failure(): Error {
    const { exitCode, signalCode } = this.#child;
    const output = `${this.#stdout}${this.#stderr}`.trim();
    return new Error(`${this.#title} ended (${signalCode ?? exitCode}):\n${output}`);
  }
}
