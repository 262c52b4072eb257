/** One temporary folder for everything that a run of the benchmarks writes; it goes when this process does. */
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = realpathSync(mkdtempSync(join(tmpdir(), "worker-bench-")));

process.on("exit", () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));

/** A new folder. */
export function scratchFolder(): string {
  return mkdtempSync(join(root, "folder-"));
}

/** A new folder with the files of one of `projects/` in it. */
export function scratchProject(name: string): string {
  const folder = scratchFolder();
  cpSync(fileURLToPath(new URL(`../projects/${name}`, import.meta.url)), folder, { recursive: true });
  return folder;
}

const home = scratchFolder();

/** The environment of all programs measured: caches, settings and logs of their own, no telemetry, no colours. */
export const cleanEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env["PATH"],
  HOME: home,
  TMPDIR: scratchFolder(),
  XDG_CONFIG_HOME: join(home, ".config"),
  XDG_CACHE_HOME: join(home, ".cache"),
  WORKER_CACHE_DIR: scratchFolder(),
  NO_COLOR: "1",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};
