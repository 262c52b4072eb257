/** Where the configuration is, and where the worker's code starts. */
import { type Stats, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { hasErrno, UserError } from "../errors.ts";
import { shortPath } from "./diagnostics.ts";

/** In the order of preference inside one folder. */
export const CONFIG_NAMES = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] as const;

const ENTRY_EXTENSIONS = [".ts", ".js", ".mts", ".mjs", ".tsx", ".jsx"] as const;
const ENTRY_NAMES = ["_worker.js", ...named("src/index"), ...named("index")];

/** The same for a reader. */
const ENTRY_STEMS = `_worker.js, src/index.ts or index.ts (or ${ENTRY_EXTENSIONS.slice(1).join(", ")})`;

function named(stem: string): string[] {
  return ENTRY_EXTENSIONS.map(extension => stem + extension);
}

export interface Project {
  /** Null where there is none. */
  readonly configPath: string | null;
  /** The folder that relative paths of the configuration are relative to. */
  readonly root: string;
  /** The entry named on the command line, if it is a file. */
  readonly entry: string | null;
}

/** Finds the project that a command means: by `--config`, by the entry (a file or a folder), or by the working directory. */
export function findProject(cwd: string, configPath: string | undefined, entry: string | undefined): Project {
  const target = entry === undefined ? null : resolve(cwd, entry);
  const stats = target === null ? undefined : statOf(target);
  if (target !== null && stats === undefined) throw entryMissing(cwd, target, "The entry");
  const isFolder = stats?.isDirectory() === true;
  const file = isFolder ? null : target;

  if (configPath !== undefined) {
    const path = resolve(cwd, configPath);
    if (statOf(path)?.isFile() !== true) {
      const hint = `Name a ${CONFIG_NAMES.join(", ")} file after --config.`;
      throw new UserError("CONFIG_NOT_FOUND", `There is no configuration file ${shortPath(cwd, path)}`, hint);
    }
    return { configPath: path, root: dirname(path), entry: file };
  }

  const start = target === null ? cwd : isFolder ? target : dirname(target);
  const found = searchUpwards(start);
  const root = found === null ? (isFolder ? start : cwd) : dirname(found);
  return { configPath: found, root, entry: file };
}

/** The entry point: the one named, or the one that is found by its name. */
export function findEntry(root: string, cwd: string): string {
  const name = ENTRY_NAMES.find(name => statOf(join(root, name))?.isFile());
  if (name !== undefined) return join(root, name);
  const where = shortPath(cwd, root);
  throw new UserError(
    "ENTRY_NOT_FOUND",
    `There is no worker in ${where === root ? "this folder" : where}: no "main" in a wrangler configuration, and no ${ENTRY_STEMS}`,
    'Name the entry on the command line (worker dev src/worker.ts), or add "main" to a wrangler.jsonc.',
  );
}

/** Throws where the entry point is not a file. */
export function checkEntry(main: string, cwd: string): void {
  if (statOf(main)?.isFile() !== true) throw entryMissing(cwd, main, 'The entry that "main" names');
}

function entryMissing(cwd: string, path: string, what: string): UserError {
  return new UserError(
    "ENTRY_NOT_FOUND",
    `${what} does not exist: ${shortPath(cwd, path)}`,
    'Check the path: an entry on the command line is relative to the working directory, "main" to its file.',
  );
}

function searchUpwards(start: string): string | null {
  for (let folder = start; ; folder = dirname(folder)) {
    const name = CONFIG_NAMES.find(name => statOf(join(folder, name))?.isFile());
    if (name !== undefined) return join(folder, name);
    if (dirname(folder) === folder) return null;
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (hasErrno(error, "ENOTDIR", "EACCES", "ENAMETOOLONG", "ELOOP")) return undefined;
    throw error;
  }
}
