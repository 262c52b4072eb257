/** Configuration, secrets and command line to one `Config`: who wins, and what is wrong. */
import { join } from "node:path";
import type { Config, ConfigOverrides } from "./config.ts";
import { Diagnostics } from "./diagnostics.ts";
import type { EffectiveConfig } from "./environment.ts";
import { CONFIG_NAMES, findProject, type Project } from "./find.ts";
import { judge, normalize, type Source } from "./normalize.ts";
import { readText } from "./read-text.ts";
import type { RawConfig } from "./schema.ts";
import { readVerdict, type Verdict, verdictPath, writeVerdict } from "./verdicts.ts";

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
  /** False for what uses the bindings and never the code: no entry point is looked for. True unless given. */
  readonly needsEntry?: boolean | undefined;
  /** Whether the worker is to run, which needs more than its code: databases to connect to. False unless given. */
  readonly runsWorker?: boolean | undefined;
  /** Where verdicts on files are kept between commands; without it the file is checked each time. */
  readonly cacheDir?: string | undefined;
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
  const { source, verdict } = await inspect(options, project, environment);
  const result = await normalize(source, verdict);
  const configCandidates =
    project.configPath === null ? CONFIG_NAMES.map(name => join(project.root, name)) : [project.configPath];
  return {
    config: result.config,
    warnings: source.diagnostics.warnings,
    notes: result.notes,
    files: [...configCandidates, ...result.files],
  };
}

/** The file, and what is to be said about it: found out now, or the last time. */
async function inspect(
  options: LoadOptions,
  project: Project,
  environment: string | null,
): Promise<{ source: Source; verdict: Verdict }> {
  const { cwd, overrides, cacheDir } = options;
  const base = { options, project, environment };
  const { configPath } = project;
  if (configPath === null) {
    const source = { ...base, effective: effectiveOf({}), diagnostics: new Diagnostics(undefined, cwd) };
    return { source, verdict: await judge(source) };
  }

  const text = readText(configPath, cwd);
  const kept =
    cacheDir === undefined
      ? undefined
      : verdictPath(cacheDir, configPath, text, environment, overrides ?? {});
  const known = kept === undefined ? undefined : readVerdict(kept);
  if (known !== undefined) {
    const file = { path: configPath, text, value: known.raw, locate: () => undefined };
    const source = { ...base, effective: effectiveOf(known.raw), diagnostics: new Diagnostics(file, cwd) };
    return { source, verdict: known };
  }

  // The parsers and the schema are the slow part of this folder.
  const { parseConfig } = await import("./read.ts");
  const source = { ...base, ...(await parseConfig(configPath, text, environment, cwd)) };
  const verdict = await judge(source);
  // Warnings are told every time. Those about secrets name places, which a verdict does not have.
  const isPlain = source.diagnostics.warnings.length === 0 && verdict.raw.secrets === undefined;
  if (kept !== undefined && isPlain) writeVerdict(kept, verdict);
  return { source, verdict };
}

function effectiveOf(raw: RawConfig): EffectiveConfig {
  return { raw, pathOf: key => [key], slices: [] };
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
