/** `build.command`: a command of the user's that makes the entry point. */
import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { CustomBuild } from "../config/config.ts";

/** Runs the command where what it reads has changed since it last ended. Its own output is no change. */
export class CustomBuilder {
  readonly #build: CustomBuild;
  readonly #onOutput: (line: string) => void;
  #seen: string | undefined;

  constructor(build: CustomBuild, onOutput: (line: string) => void = () => {}) {
    this.#build = build;
    this.#onOutput = onOutput;
  }

  /** What went wrong; undefined where nothing did. */
  async run(): Promise<string | undefined> {
    if (this.#seen !== undefined && this.#seen === this.#fingerprint()) return undefined;
    const problem = await this.#spawn();
    this.#seen = problem === undefined ? this.#fingerprint() : undefined;
    return problem;
  }

  #spawn(): Promise<string | undefined> {
    const { command, cwd } = this.#build;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const child = spawn(command, { shell: true, cwd, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", this.#onOutput);
    }
    child.on("error", error =>
      resolve(`The custom build "${command}" could not be started: ${error.message}`),
    );
    child.on("close", (code, signal) =>
      resolve(
        code === 0 ? undefined : `The custom build "${command}" failed (${signal ?? `exit code ${code}`})`,
      ),
    );
    return promise;
  }

  #fingerprint(): string {
    return this.#build.watchDirs.map(folder => stamp(folder)).join("\n");
  }
}

function stamp(folder: string): string {
  const lines: string[] = [];
  const folders = [folder];
  for (const folder of folders) {
    let entries: ReturnType<typeof list>;
    try {
      entries = list(folder);
    } catch {
      continue;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules" && !entry.name.startsWith(".")) folders.push(path);
        continue;
      }
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      lines.push(`${path} ${stats?.mtimeNs} ${stats?.size}`);
    }
  }
  return lines.join("\n");
}

function list(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}
