/** From the checked configuration and the command line to the settings of a worker's assets. No schema is needed here. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { RawAssets } from "./config.ts";
import { basePathProblem, normalizeBasePath } from "./paths.ts";
import { type AssetsSettings, DEFAULT_ROUTING } from "./settings.ts";
import { workerFirstProblems } from "./worker-first.ts";

/** What is known of the worker around its assets. */
export interface AssetsSurroundings {
  /** `--assets`, relative to `cwd`. */
  readonly flag: string | undefined;
  readonly cwd: string;
  /** What `directory` is relative to. */
  readonly root: string;
  /** Whether there is a worker beside the assets. */
  readonly hasWorker: boolean;
  /** Whether a command of the user's may make the folder. */
  readonly isBuilt: boolean;
  readonly navigationPrefersAssets: boolean;
  error(path: readonly string[], message: string): void;
  warn(path: readonly string[], message: string): void;
}

/** The settings that a checked configuration and `--assets` make; null where there are no assets. */
export function assetsSettings(
  raw: RawAssets | undefined,
  around: AssetsSurroundings,
): AssetsSettings | null {
  const { flag, error } = around;
  if (raw === undefined && flag === undefined) return null;
  const { binding, base_path = "/", run_worker_first: runWorkerFirst = false } = raw ?? {};
  const directory = directoryOf(raw?.directory, around);
  if (directory === undefined) return null;
  const basePathWrong = basePathProblem(base_path);
  if (basePathWrong !== undefined) error(["base_path"], basePathWrong);
  if (typeof runWorkerFirst !== "boolean")
    for (const problem of workerFirstProblems(runWorkerFirst)) error(["run_worker_first"], problem);
  if (!around.hasWorker) {
    if (binding !== undefined)
      error(["binding"], `gives the assets to a worker, and there is none: leave it out, or add "main"`);
    if (runWorkerFirst !== false)
      error(["run_worker_first"], `needs a worker, and there is none: leave it out, or add "main"`);
  } else if (runWorkerFirst === true && binding === undefined) {
    around.warn(
      ["run_worker_first"],
      'sends every request to the worker, which needs a "binding" to get at the assets',
    );
  }
  return {
    directory,
    htmlHandling: raw?.html_handling ?? DEFAULT_ROUTING.htmlHandling,
    notFoundHandling: raw?.not_found_handling ?? DEFAULT_ROUTING.notFoundHandling,
    runWorkerFirst,
    basePath: normalizeBasePath(base_path),
    navigationPrefersAssets: around.navigationPrefersAssets,
  };
}

/** The folder; undefined where something is wrong with it. */
function directoryOf(configured: string | undefined, around: AssetsSurroundings): string | undefined {
  const { flag, cwd, root, error } = around;
  if (flag === undefined && configured === undefined) {
    error([], "needs a directory, here or by --assets");
    return undefined;
  }
  const directory = flag === undefined ? resolve(root, configured ?? "") : resolve(cwd, flag);
  const found = kindOf(directory);
  if (found === "folder" || (found === "nothing" && around.isBuilt)) return directory;
  const problem = `names ${found === "nothing" ? "a folder that does not exist" : "something that is no folder"}: ${directory}`;
  if (flag === undefined) error(["directory"], problem);
  else error([], `(--assets) ${problem}`);
  return undefined;
}

function kindOf(path: string): "folder" | "nothing" | "other" {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? "nothing" : stats.isDirectory() ? "folder" : "other";
  } catch {
    // A file in the place of a folder above it, links in a circle.
    return "other";
  }
}
