/** What a bundle depends on, as it stands on disk: equal stamps mean that a new build would give the same. */
import { type BigIntStats, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { digest } from "../digest.ts";
import { isInstalled } from "./inputs.ts";
import { fileOfInput } from "./modules.ts";
import type { BundleConfig, BundleSuccess } from "./types.ts";

/** A path with a mark of its state: the file's identity and times, or the names in a folder, or that there is nothing. */
export type Stamp = readonly [path: string, mark: string];

/** Everything that the resolution of an import looks at in a folder, beside the file itself. */
const RESOLUTION_FILES = ["package.json", "tsconfig.json", "jsconfig.json"];
const INSTALL_MARKS = [".package-lock.json", ".yarn-state.yml", ".yarn-integrity", ".modules.yaml"];
/** Clocks of file systems are coarse: a write this shortly before a build may bear the same time as one after it. */
const COARSE_MS = 20;
const VERY_COARSE_MS = 2_100;

/** The stamps of a bundle whose build started at `since`; null where one of its files is too new to be told apart. */
export async function stampsOf(
  result: BundleSuccess,
  config: BundleConfig,
  since: number,
): Promise<readonly Stamp[] | null> {
  const paths = await dependencies(result, config);
  if (paths === null) return null;
  const stamps: Stamp[] = [];
  for (const path of paths) {
    const stats = statOf(path);
    if (stats !== undefined && isRecent(stats, since)) return null;
    stamps.push([path, markOf(path, stats)]);
  }
  return stamps;
}

/** Whether everything is as it was. */
export function stampsHold(stamps: readonly Stamp[]): boolean {
  return stamps.every(([path, mark]) => markOf(path, statOf(path)) === mark);
}

async function dependencies(
  result: BundleSuccess,
  config: BundleConfig,
): Promise<ReadonlySet<string> | null> {
  const require = createRequire(import.meta.url);
  const paths = new Set([config.main, require.resolve("esbuild/package.json")]);
  const folders = new Set<string>();
  for (const input of Object.keys((JSON.parse(result.metafile) as { inputs: object }).inputs)) {
    const file = fileOfInput(input);
    if (file === undefined) continue;
    const path = resolve(config.root, file);
    paths.add(path);
    folders.add(dirname(path));
    // A new neighbour may be what a specifier without an extension means from now on.
    if (!isInstalled(path)) paths.add(dirname(path));
  }
  for (const folder of folders) addAncestors(folder, paths);
  const configs = [...paths].filter(path => /[\\/][tj]sconfig\.json$/.test(path));
  if (config.tsconfig !== null) configs.push(config.tsconfig);
  return (await addExtended(configs, paths)) ? paths : null;
}

function addAncestors(start: string, paths: Set<string>): void {
  for (let folder = start; ; folder = dirname(folder)) {
    const first = join(folder, RESOLUTION_FILES[0]!);
    if (paths.has(first)) return;
    for (const name of RESOLUTION_FILES) paths.add(join(folder, name));
    const modules = join(folder, "node_modules");
    paths.add(modules);
    for (const mark of INSTALL_MARKS) paths.add(join(modules, mark));
    if (dirname(folder) === folder) return;
  }
}

/** Follows `extends`. False where one leads to a file that is not found. */
async function addExtended(configs: string[], paths: Set<string>): Promise<boolean> {
  const { parse } = await import("jsonc-parser");
  for (const path of configs) {
    paths.add(path);
    if (statOf(path) === undefined) continue;
    const { extends: parents = [] } = (parse(readFileSync(path, "utf8")) ?? {}) as {
      extends?: string | string[];
    };
    for (const parent of [parents].flat()) {
      const found = findExtended(parent, dirname(path));
      if (found === undefined) return false;
      if (!paths.has(found)) configs.push(found);
    }
  }
  return true;
}

function findExtended(name: string, folder: string): string | undefined {
  const candidates = [name, `${name}.json`, join(name, "tsconfig.json")];
  if (/^[./]/.test(name)) return candidates.map(path => resolve(folder, path)).find(isFile);
  for (let at = folder; ; at = dirname(at)) {
    const found = candidates.map(path => join(at, "node_modules", path)).find(isFile);
    if (found !== undefined || dirname(at) === at) return found;
  }
}

function isFile(path: string): boolean {
  return statOf(path)?.isFile() === true;
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function markOf(path: string, stats: BigIntStats | undefined): string {
  if (stats === undefined) return "";
  if (!stats.isDirectory()) return `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
  return digest(namesIn(path).join("\n"));
}

/** Hidden files are no modules, and this program's own state is among them. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => !name.startsWith("."))
      .sort();
  } catch {
    return [];
  }
}

function isRecent(stats: BigIntStats, since: number): boolean {
  return [stats.mtimeNs, stats.ctimeNs].some(time => {
    const margin = time % 1_000_000_000n === 0n ? VERY_COARSE_MS : COARSE_MS;
    return Number(time / 1_000_000n) > since - margin;
  });
}
