/**
 * Variables from beside the configuration: `.dev.vars`, the `.env` family, `--env-file`, the process.
 * The order is wrangler's, as measured: `.env.NAME` beats `.env.local`, whatever its documentation says.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { hasErrno, UserError } from "../errors.ts";
import { shortPath } from "./diagnostics.ts";
import { expand } from "./expand.ts";

type ProcessEnv = Readonly<Record<string, string | undefined>>;

export interface SecretsOptions {
  readonly cwd: string;
  /** The folder of the configuration. */
  readonly root: string;
  readonly environment: string | null;
  /** The files of `--env-file`. */
  readonly envFiles: readonly string[];
  readonly processEnv: ProcessEnv;
  /** `secrets.required`, where the configuration has `secrets`. */
  readonly required: readonly string[] | null;
  /** Names in `vars`: files may give these even where `secrets` is set. */
  readonly vars: readonly string[];
}

export interface Secrets {
  readonly values: ReadonlyMap<string, string>;
  /** Required ones that no source has. */
  readonly missing: readonly string[];
  /** The files that were read, or would be if they existed. */
  readonly files: readonly string[];
}

/** Reads the first source that applies, and keeps what `secrets` allows. */
export async function loadSecrets(options: SecretsOptions): Promise<Secrets> {
  const files: string[] = [];
  const found = await readSource(options, files);
  const { required } = options;
  if (required === null) return { values: found, missing: [], files };
  const allowed = new Set([...required, ...options.vars]);
  return {
    values: new Map([...found].filter(([name]) => allowed.has(name))),
    missing: required.filter(name => !found.has(name)),
    files,
  };
}

async function readSource(options: SecretsOptions, files: string[]): Promise<ReadonlyMap<string, string>> {
  const { cwd, root, environment, envFiles, processEnv, required } = options;
  const included =
    processEnv["CLOUDFLARE_INCLUDE_PROCESS_ENV"] === "true" || required !== null ? processEnv : {};
  if (envFiles.length > 0) {
    const paths = envFiles.map(file => givenFile(file, cwd, root));
    return readFamily(paths, included, files, cwd);
  }

  const devVars = environment === null ? [".dev.vars"] : [`.dev.vars.${environment}`, ".dev.vars"];
  for (const name of devVars) {
    const own = await read(join(root, name), files, cwd);
    if (own !== undefined) return new Map(Object.entries(own));
  }
  if (processEnv["CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV"] === "false") return new Map();

  const names = [".env", ".env.local"];
  if (environment !== null) names.push(`.env.${environment}`, `.env.${environment}.local`);
  const paths = names.map(name => join(root, name));
  return readFamily(paths, included, files, cwd);
}

/** Later files win; the process, where it is included, wins over all of them. */
async function readFamily(
  paths: readonly string[],
  included: ProcessEnv,
  files: string[],
  cwd: string,
): Promise<ReadonlyMap<string, string>> {
  const merged = new Map<string, string>();
  for (const path of paths) {
    for (const [name, value] of Object.entries((await read(path, files, cwd)) ?? {})) merged.set(name, value);
  }
  const values = expand(merged, included);
  for (const [name, value] of Object.entries(included)) if (value !== undefined) values.set(name, value);
  return values;
}

function givenFile(file: string, cwd: string, root: string): string {
  const path = [resolve(cwd, file), resolve(root, file)].find(path => existsSync(path));
  if (path !== undefined) return path;
  throw new UserError(
    "ENV_FILE_NOT_FOUND",
    `The file that --env-file names does not exist: ${file}`,
    "The path is relative to the working directory, or to the folder of the configuration.",
  );
}

async function read(path: string, files: string[], cwd: string): Promise<Record<string, string> | undefined> {
  files.push(path);
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw new UserError(
      "CONFIG_UNREADABLE",
      `${shortPath(cwd, path)} cannot be read: ${(error as Error).message}`,
      "Check that it is a file, and its permissions.",
      { cause: error },
    );
  }
  const { parse } = await import("dotenv");
  return parse(content);
}
