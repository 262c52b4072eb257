/** A project as a command sees it: its configuration, and the worker that the bundler makes of its files. */
import { statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import type { Bundler } from "../bundle/bundle.ts";
import type { BundleFailure, BundleOptions, BundleSuccess } from "../bundle/types.ts";
import type { Config } from "../config/config.ts";
import { type LoadedConfig, type LoadOptions, loadConfig } from "../config/load.ts";
import type { EngineName } from "../engine/engine.ts";
import { cacheDirectory } from "../engine/image.ts";
import { UserError } from "../errors.ts";
import type { WorkerSpec } from "./host.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { ServedWorker } from "./protocol.ts";
import type { Surroundings } from "./surroundings.ts";

/** What the command line says about a project. */
export interface ProjectInput {
  readonly load: LoadOptions;
  readonly engine: EngineName;
  readonly memoryBytes: number;
  readonly wallMilliseconds: number;
  readonly scheduledMilliseconds: number;
  /** `--persist-to`, relative to the working directory. */
  readonly persistTo: string | undefined;
}

/** A project that was bundled once. */
export interface Project {
  readonly config: Config;
  readonly spec: WorkerSpec;
  readonly sourceMap: string;
}

export type ProjectBundle =
  | {
      readonly ok: true;
      readonly hash: string;
      readonly worker: ServedWorker;
      readonly result: BundleSuccess;
    }
  | { readonly ok: false; readonly error: UserError };

/** A project that is bundled again and again. */
export interface OpenProject {
  /** The newest configuration. */
  readonly config: Config;
  /** What to watch: files, and folders with a separator at their end. */
  readonly inputs: readonly string[];
  /** Bundles what is on disk now, with the configuration as it is now. */
  bundle(): Promise<ProjectBundle>;
  /** Whether one of the project's own files was written at that time (by `Date.now()`) or later. */
  changedSince(time: number): boolean;
  close(): Promise<void>;
}

/** A file system's clock may lag behind the program's by this much. */
const CLOCK_LAG_MS = 5;

/** Reads the configuration and bundles once, from the cache where nothing has changed. */
export async function loadProject(surroundings: Surroundings, input: ProjectInput): Promise<Project> {
  const { config, warnings } = await readConfig(
    {
      ...input,
      load: { ...input.load, cacheDir: join(cacheDirectory(), "configs") },
    },
    surroundings,
  );
  for (const warning of warnings) surroundings.log.warn(warning);
  const { buildCached } = await import("../bundle/cache.ts");
  const result = await buildCached(
    bundleOptions(config, input, surroundings),
    join(cacheDirectory(), "bundles"),
  );
  if (!result.ok) throw await failure(result, surroundings);
  if (exportsNothing(result)) throw nothingExported(config);
  await showWarnings(result, surroundings);
  return { config, spec: specOf(config, result, input), sourceMap: result.program.sourceMap };
}

/** Reads the configuration, and makes a bundler that keeps what it has parsed. */
export async function openProject(surroundings: Surroundings, input: ProjectInput): Promise<OpenProject> {
  const { createBundler } = await import("../bundle/bundle.ts");
  let loaded = await readConfig(input, surroundings);
  let warned = "";
  const warn = () => {
    const text = loaded.warnings.join("\n");
    if (text !== warned) for (const warning of loaded.warnings) surroundings.log.warn(warning);
    warned = text;
  };
  warn();
  let bundler: Bundler | undefined;
  let builtFrom = "";
  let inputs: readonly string[] = [];
  let fresh = true;
  return {
    get config() {
      return loaded.config;
    },
    get inputs() {
      return [...loaded.files, ...inputs];
    },
    async bundle() {
      try {
        if (!fresh) loaded = await readConfig(input, surroundings);
        warn();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return { ok: false, error };
      } finally {
        fresh = false;
      }
      const options = bundleOptions(loaded.config, input, surroundings);
      const identity = JSON.stringify(options.config);
      if (bundler === undefined || identity !== builtFrom) {
        await bundler?.dispose();
        bundler = createBundler(options);
        builtFrom = identity;
      }
      const result = await bundler.build();
      inputs = result.inputs;
      if (!result.ok) return { ok: false, error: await failure(result, surroundings) };
      if (exportsNothing(result)) return { ok: false, error: nothingExported(loaded.config) };
      await showWarnings(result, surroundings);
      const spec = specOf(loaded.config, result, input);
      const { crons } = loaded.config.triggers;
      const hash = `${result.hash} ${JSON.stringify([spec.bindings, spec.limits, spec.compatibilityDate, spec.compatibilityFlags, crons])}`;
      return { ok: true, hash, worker: { ...spec, crons, sourceMap: result.program.sourceMap }, result };
    },
    changedSince(time) {
      return [...loaded.files, ...inputs].some(path => {
        if (path.includes("node_modules") || /[\\/](?:\*\*)?$/.test(path)) return false;
        return (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > time - CLOCK_LAG_MS;
      });
    },
    async close() {
      await bundler?.dispose();
    },
  };
}

/** Neither syntax of a worker: no export, and no listener that it could have registered. */
function exportsNothing({ program }: BundleSuccess): boolean {
  return program.exports.length === 0 && !program.main.includes("addEventListener");
}

function nothingExported(config: Config): UserError {
  return new UserError(
    "WORKER_EXPORTS_NOTHING",
    `The worker ${relative(process.cwd(), config.main)} exports nothing.`,
    "Export its handlers: export default { fetch(request, env, ctx) { … } }",
  );
}

async function readConfig(input: ProjectInput, { log }: Surroundings): Promise<LoadedConfig> {
  const { configPaths = [] } = input.load;
  if (configPaths.length > 1) {
    throw new UserError(
      "USAGE",
      "Several workers at once need service bindings, which this version does not have.",
      "Give one --config.",
    );
  }
  const loaded = await loadConfig({ runsWorker: true, ...input.load });
  for (const note of loaded.notes) log.debug(note);
  return loaded;
}

function bundleOptions(config: Config, input: ProjectInput, { env, log }: Surroundings): BundleOptions {
  return {
    config,
    engine: input.engine,
    nodeEnv: env["NODE_ENV"] || "development",
    onOutput: line => log.info(line),
  };
}

async function failure(result: BundleFailure, surroundings: Surroundings): Promise<UserError> {
  const { bundleError } = await import("../bundle/messages.ts");
  return bundleError(result, surroundings.cwd, surroundings.log.colors);
}

async function showWarnings({ warnings }: BundleSuccess, { cwd, log }: Surroundings): Promise<void> {
  if (warnings.length === 0) return;
  const { formatBundleMessage } = await import("../bundle/messages.ts");
  for (const warning of warnings) log.warn(formatBundleMessage(warning, cwd, log.colors));
}

function specOf(config: Config, { program }: BundleSuccess, input: ProjectInput): WorkerSpec {
  return {
    name: config.name,
    program: { main: MAIN_MODULE, modules: [{ name: MAIN_MODULE, source: program.main }] },
    compatibilityDate: config.compatibilityDate,
    compatibilityFlags: config.compatibilityFlags,
    bindings: config.bindings,
    serviceWorker: program.format === "service-worker",
    limits: limitsOf(config, input),
  };
}

/** The name of the bundle in stacks, before they are mapped. */
const MAIN_MODULE = "index.js";

function limitsOf(config: Config, input: ProjectInput): Limits {
  return {
    memoryBytes: input.memoryBytes,
    wallMilliseconds: input.wallMilliseconds,
    scheduledMilliseconds: input.scheduledMilliseconds,
    cpuMilliseconds: config.limits.cpuMs ?? DEFAULT_LIMITS.cpuMilliseconds,
    subrequests: config.limits.subrequests ?? DEFAULT_LIMITS.subrequests,
  };
}

/** Where the bindings' data is: `--persist-to`, else `.worker/state` beside the configuration. */
export function stateDirectory(
  config: Config,
  input: Pick<ProjectInput, "persistTo">,
  { cwd }: Surroundings,
): string {
  const { persistTo } = input;
  if (persistTo === undefined) return join(config.root, ".worker", "state");
  return isAbsolute(persistTo) ? persistTo : resolve(cwd, persistTo);
}
