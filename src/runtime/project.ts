/** A project as a command sees it: its configuration, and the worker that the bundler makes of its files. */
import { statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import type { AssetsSettings } from "../bindings/assets/settings.ts";
import { SITE_MANIFEST } from "../bindings/sites/settings.ts";
import { varBinding } from "../bindings/vars/binding.ts";
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

/** What the command line says about a project's data. */
export interface DataInput {
  readonly load: LoadOptions;
  /** `--persist-to`, relative to the working directory. */
  readonly persistTo: string | undefined;
}

/** What the command line says about a project. */
export interface ProjectInput extends DataInput {
  readonly engine: EngineName;
  readonly memoryBytes: number;
  readonly wallMilliseconds: number;
  readonly scheduledMilliseconds: number;
}

/** A project that was bundled once. */
export interface Project {
  readonly config: Config;
  readonly spec: WorkerSpec;
  /** Null where there is no code. */
  readonly sourceMap: string | null;
}

export type ProjectBundle =
  | {
      readonly ok: true;
      readonly hash: string;
      readonly worker: ServedWorker;
      /** Null for a project of static assets alone. */
      readonly result: BundleSuccess | null;
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
  if (config.main === null) return { config, spec: await specOf(config, null, input), sourceMap: null };
  const { buildCached } = await import("../bundle/cache.ts");
  const result = await buildCached(
    await bundleOptions(config, config.main, input, surroundings),
    join(cacheDirectory(), "bundles"),
  );
  if (!result.ok) throw await failure(result, surroundings);
  const problem = problemOf(result, config);
  if (problem !== undefined) throw problem;
  await showWarnings(result, surroundings);
  return { config, spec: await specOf(config, result, input), sourceMap: result.program.sourceMap };
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
      const { main } = loaded.config;
      if (main === null) {
        inputs = [];
        const spec = await specOf(loaded.config, null, input);
        return {
          ok: true,
          hash: hashOf("", spec, []),
          worker: { ...spec, crons: [], sourceMap: null },
          result: null,
        };
      }
      const options = await bundleOptions(loaded.config, main, input, surroundings);
      const identity = JSON.stringify(options.config);
      if (bundler === undefined || identity !== builtFrom) {
        await bundler?.dispose();
        bundler = createBundler(options);
        builtFrom = identity;
      }
      const result = await bundler.build();
      inputs = result.inputs;
      if (!result.ok) return { ok: false, error: await failure(result, surroundings) };
      const problem = problemOf(result, loaded.config);
      if (problem !== undefined) return { ok: false, error: problem };
      await showWarnings(result, surroundings);
      const spec = await specOf(loaded.config, result, input);
      const { crons } = loaded.config.triggers;
      return {
        ok: true,
        hash: hashOf(result.hash, spec, crons),
        worker: { ...spec, crons, sourceMap: result.program.sourceMap },
        result,
      };
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

/** Equal hashes mean that a reload would change nothing. */
function hashOf(code: string, spec: WorkerSpec, crons: readonly string[]): string {
  const { bindings, assets, limits, compatibilityDate, compatibilityFlags } = spec;
  return `${code} ${JSON.stringify([bindings, assets, limits, compatibilityDate, compatibilityFlags, crons])}`;
}

/** What keeps a bundle from being a worker of this configuration. */
function problemOf(result: BundleSuccess, config: Config): UserError | undefined {
  if (exportsNothing(result)) return nothingExported(config);
  const [first] = config.moduleGlobals;
  if (first === undefined || result.program.format === "service-worker") return undefined;
  return new UserError(
    "CONFIG_INVALID",
    `"${first.key}" makes globals, which a worker that exports its handlers cannot have.`,
    `Take it out, and import the file where it is needed: import ${first.name} from "…".`,
  );
}

/** Neither syntax of a worker: no export, and no listener that it could have registered. */
function exportsNothing({ program }: BundleSuccess): boolean {
  return program.exports.length === 0 && !program.main.includes("addEventListener");
}

function nothingExported(config: Config): UserError {
  return new UserError(
    "WORKER_EXPORTS_NOTHING",
    `The worker ${relative(process.cwd(), config.main ?? config.root)} exports nothing.`,
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

async function bundleOptions(
  config: Config,
  main: string,
  input: ProjectInput,
  { env, log }: Surroundings,
): Promise<BundleOptions> {
  const { site } = config;
  const folder = site === null ? undefined : await import("../bindings/sites/folder.ts");
  return {
    config: { ...config, main },
    siteManifest: site === null ? undefined : () => folder?.manifestOf(site) ?? "",
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

async function specOf(
  config: Config,
  bundle: BundleSuccess | null,
  input: ProjectInput,
): Promise<WorkerSpec & { readonly assets: AssetsSettings | null }> {
  const { site } = config;
  const serviceWorker = bundle?.program.format === "service-worker";
  const bindings = [...config.bindings];
  if (serviceWorker && site !== null) {
    const { manifestOf } = await import("../bindings/sites/folder.ts");
    bindings.push(varBinding(SITE_MANIFEST, manifestOf(site)));
  }
  return {
    name: config.name,
    program:
      bundle === null
        ? null
        : { main: MAIN_MODULE, modules: [{ name: MAIN_MODULE, source: bundle.program.main }] },
    assets: config.assets,
    compatibilityDate: config.compatibilityDate,
    compatibilityFlags: config.compatibilityFlags,
    bindings,
    serviceWorker,
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
export function stateDirectory(config: Config, { persistTo }: DataInput, { cwd }: Surroundings): string {
  if (persistTo === undefined) return join(config.root, ".worker", "state");
  return isAbsolute(persistTo) ? persistTo : resolve(cwd, persistTo);
}
