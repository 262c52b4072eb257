import { rm } from "node:fs/promises";
import { type Command, Running } from "./process.ts";
import { cleanEnvironment, scratchFolder, scratchProject } from "./scratch.ts";

export interface Outcome {
  readonly stdout: string;
  /** From just before the process was started until it had ended and its output was read. */
  readonly milliseconds: number;
}

/** What one side of a trial uses: processes and folders that go with it. */
export class Workspace implements AsyncDisposable {
  readonly #running = new Set<Running>();
  readonly #folders: string[] = [];

  /** A new, empty folder. */
  folder(): string {
    const folder = scratchFolder();
    this.#folders.push(folder);
    return folder;
  }

  /** A new folder with the files of one of `projects/` in it. */
  project(name: string): string {
    const folder = scratchProject(name);
    this.#folders.push(folder);
    return folder;
  }

  /** Starts a process that runs until it is stopped. */
  start(command: Command, folder: string): Running {
    const running = new Running(command, folder, cleanEnvironment);
    this.#running.add(running);
    return running;
  }

  /** Stops a process that `start` gave. */
  async stop(running: Running): Promise<void> {
    this.#running.delete(running);
    await running.stop();
  }

  /** Runs a command to its end. Rejects unless it succeeds. */
  async run(command: Command, folder: string): Promise<Outcome> {
    const running = this.start(command, folder);
    const stdout = await running.succeeded();
    const milliseconds = performance.now() - running.startedAt;
    await this.stop(running);
    return { stdout, milliseconds };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map(running => this.stop(running)));
    await Promise.all(
      this.#folders.map(folder => rm(folder, { recursive: true, force: true, maxRetries: 3 })),
    );
  }
}
