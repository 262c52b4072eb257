/** Configuration, secrets and command line to one `Config`: who wins, and what is wrong. */
import { join } from "node:path";
import type { Config, ConfigOverrides } from "./config.ts";
import { Diagnostics } from "./diagnostics.ts";
import type { EffectiveConfig } from "./environment.ts";
import { CONFIG_NAMES, findProject } from "./find.ts";
import { normalize } from "./normalize.ts";

export interface LoadOptions {
  readonly cwd: string;
  /** The paths of `--config`: the first is the worker's. */
  readonly configPaths?: readonly string[] | undefined;
  /** The entry of the command line: a file, or a project's folder. */
  readonly entry?: string | undefined;
  /** `--env`; without it CLOUDFLARE_ENV chooses. */
  readonly env?: string | undefined;
  /** `--var`. */
  readonly vars?: Readonly<Record<string, string>> | undefined;
  /** `--env-file`. */
  readonly envFiles?: readonly string[] | undefined;
  readonly processEnv: Readonly<Record<string, string | undefined>>;
  readonly overrides?: ConfigOverrides | undefined;
}

export interface LoadedConfig {
  readonly config: Config;
  /** What the user should look at: a line each. */
  readonly warnings: readonly string[];
  /** What is only interesting when something is odd: a line each. */
  readonly notes: readonly string[];
  /** Every file whose change, appearance or end could change the result. */
  readonly files: readonly string[];
}

/** Loads the worker's configuration, or throws a `UserError` that names every problem. */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { cwd, processEnv } = options;
  const project = findProject(cwd, options.configPaths?.[0], options.entry);
  const environment = options.env || processEnv["CLOUDFLARE_ENV"] || null;
  // The parsers and the schema are the slow part of this folder: without a file they are not loaded.
  const { effective, diagnostics } =
    project.configPath === null
      ? { effective: NO_FILE, diagnostics: new Diagnostics(undefined, cwd) }
      : await (await import("./read.ts")).readConfig(project.configPath, environment, cwd);
  const result = await normalize({ options, project, environment, effective, diagnostics });
  const configCandidates =
    project.configPath === null ? CONFIG_NAMES.map(name => join(project.root, name)) : [project.configPath];
  return {
    config: result.config,
    warnings: diagnostics.warnings,
    notes: result.notes,
    files: [...configCandidates, ...result.files],
  };
}

/** Loads each of several `--config` files. The entry of the command line belongs to the first. */
export async function loadConfigs(options: LoadOptions): Promise<readonly LoadedConfig[]> {
  const { configPaths = [], ...shared } = options;
  if (configPaths.length < 2) return [await loadConfig(options)];
  const { entry: _, ...others } = shared;
  return Promise.all(
    configPaths.map((path, index) => loadConfig({ ...(index === 0 ? shared : others), configPaths: [path] })),
  );
}

const NO_FILE: EffectiveConfig = { raw: {}, pathOf: key => [key], slices: [], unsupported: undefined };
