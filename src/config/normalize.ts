/** A validated configuration to a `Config`: defaults, the command line, absolute paths, bindings. */
import { dirname, resolve } from "node:path";
import type { RawAssets } from "../bindings/assets/config.ts";
import { assetsSettings } from "../bindings/assets/from-config.ts";
import { withLocalConnections } from "../bindings/hyperdrive/local-connections.ts";
import { siteBinding, siteSettings } from "../bindings/sites/settings.ts";
import { varBinding } from "../bindings/vars/binding.ts";
import {
  type Compatibility,
  contradiction,
  isFlagOn,
  knownFlags,
} from "../bindings/worker/compatibility-flags.ts";
import { isDate, NEWEST_DATE, nodeCompatOf } from "./compatibility.ts";
import type { Config, ConfigOverrides, CustomBuild, DevConfig, ModuleGlobal, ModuleRule } from "./config.ts";
import { closest, type Diagnostics } from "./diagnostics.ts";
import type { EffectiveConfig } from "./environment.ts";
import { checkEntry, findEntry, type Project } from "./find.ts";
import type { LoadOptions } from "./load.ts";
import type { RawConfig } from "./schema.ts";
import { loadSecrets } from "./secrets.ts";
import type { BindingConfig } from "./slice.ts";
import { unavailableBindings, warnUnavailable } from "./unsupported.ts";
import type { Verdict } from "./verdicts.ts";

export interface Source {
  readonly options: LoadOptions;
  readonly project: Project;
  readonly environment: string | null;
  readonly effective: EffectiveConfig;
  readonly diagnostics: Diagnostics;
}

export interface Normalized {
  readonly config: Config;
  readonly notes: readonly string[];
  /** Files of secrets: those read, and those that would be. */
  readonly files: readonly string[];
}

/** What can be said about the file alone. Throws what the diagnostics have gathered. */
export async function judge(source: Source): Promise<Verdict> {
  const { raw } = source.effective;
  const crons = await cronsOf(source);
  const bindings = configuredBindings(source, nameOf(source));
  checkCompatibility(source);
  source.diagnostics.throwErrors();
  return { raw, crons, bindings };
}

/** Builds the `Config` of a file that was judged. */
export async function normalize(source: Source, verdict: Verdict): Promise<Normalized> {
  const { options, project, environment } = source;
  const { raw, crons } = verdict;
  const { root, configPath } = project;
  const overrides = options.overrides ?? {};
  const compatibility = compatibilityOf(source);
  const site = siteSettings(raw.site, root);
  const configured = site === null ? verdict.bindings : [...verdict.bindings, siteBinding(site)];
  const { bindings, files } = await withSecrets(source, configured);
  const main = mainOf(source);
  const assets = assetsOf(source, compatibility, main !== null);
  const globals = moduleGlobals(raw, root);
  for (const { key, name } of globals) {
    if (bindings.some(binding => binding.name === name))
      source.diagnostics.error([key, name], "has the name of a binding, which is a global too");
  }
  source.diagnostics.throwErrors();

  const config: Config = {
    name: nameOf(source),
    main,
    root,
    configPath,
    environment,
    compatibilityDate: compatibility.date,
    compatibilityFlags: compatibility.flags,
    nodeCompat: nodeCompatOf(compatibility),
    populateProcessEnv: isFlagOn(compatibility, "nodejs_compat_populate_process_env"),
    bindings,
    assets,
    site,
    moduleGlobals: globals,
    triggers: { crons },
    limits: {
      cpuMs: overrides.cpuMs ?? raw.limits?.cpu_ms ?? null,
      subrequests: overrides.subrequests ?? raw.limits?.subrequests ?? null,
    },
    baseDir: raw.base_dir !== undefined ? resolve(root, raw.base_dir) : main === null ? root : dirname(main),
    ...bundleOptions(raw, overrides, root, options.cwd),
    customBuild: customBuildOf(raw.build, root),
    dev: devOptions(raw.dev, overrides),
  };
  return { config, notes: compatibilityNotes(source, compatibility), files };
}

function nameOf({ options, effective }: Source): string {
  return options.overrides?.name ?? effective.raw.name ?? "worker";
}

/** Null where there are assets and nothing names a worker: as for wrangler, none is looked for then. */
function mainOf({ options, project, effective }: Source): string | null {
  const { cwd, needsEntry = true } = options;
  if (project.entry !== null) return project.entry;
  const { main, build, assets } = effective.raw;
  if (!needsEntry) return resolve(project.root, main ?? "index.js");
  if (main === undefined) {
    const hasAssets = assets !== undefined || options.overrides?.assets !== undefined;
    return hasAssets ? null : findEntry(project.root, cwd);
  }
  const path = resolve(project.root, main);
  // A custom build may be what makes the file.
  if (build?.command === undefined) checkEntry(path, cwd);
  return path;
}

function assetsOf(source: Source, compatibility: Compatibility, hasWorker: boolean): Config["assets"] {
  const { options, project, effective, diagnostics } = source;
  const { raw, pathOf } = effective;
  // Commands that use the data alone serve nothing.
  if (options.needsEntry === false) return null;
  const flag = options.overrides?.assets;
  if (raw.site !== undefined && (raw["assets"] !== undefined || flag !== undefined))
    diagnostics.error(pathOf("site"), "cannot be used beside assets, which take its place");
  return assetsSettings(raw["assets"] as RawAssets | undefined, {
    flag,
    cwd: options.cwd,
    root: project.root,
    hasWorker,
    isBuilt: Boolean(raw.build?.command),
    navigationPrefersAssets: isFlagOn(compatibility, "assets_navigation_prefers_asset_serving"),
    error: (path, message) => diagnostics.error([...pathOf("assets"), ...path], message),
    warn: (path, message) => diagnostics.warn([...pathOf("assets"), ...path], message),
  });
}

const GLOBAL_TYPES = { text_blobs: "Text", data_blobs: "Data", wasm_modules: "CompiledWasm" } as const;

function moduleGlobals(raw: RawConfig, root: string): readonly ModuleGlobal[] {
  return (["text_blobs", "data_blobs", "wasm_modules"] as const).flatMap(key =>
    Object.entries(raw[key] ?? {}).map(([name, path]) => ({
      key,
      name,
      type: GLOBAL_TYPES[key],
      path: resolve(root, path),
    })),
  );
}

function compatibilityOf({ options, effective }: Source): Compatibility {
  const { raw } = effective;
  const overrides = options.overrides ?? {};
  return {
    date: overrides.compatibilityDate ?? raw.compatibility_date ?? NEWEST_DATE,
    flags: overrides.compatibilityFlags ?? raw.compatibility_flags ?? [],
  };
}

function checkCompatibility(source: Source): void {
  const { diagnostics } = source;
  const { pathOf } = source.effective;
  const { date, flags } = compatibilityOf(source);
  const pair = contradiction(flags);
  if (pair !== undefined) {
    diagnostics.error(pathOf("compatibility_flags"), `cannot have both "${pair[0]}" and "${pair[1]}"`);
  }
  const known = knownFlags();
  for (const flag of flags.filter(flag => !known.has(flag))) {
    const near = closest(flag, known);
    const guess = near === undefined ? "" : `; did you mean "${near}"?`;
    diagnostics.warn(
      pathOf("compatibility_flags"),
      `has no effect with "${flag}", which is no known flag${guess}`,
    );
  }
  if (!isDate(date)) {
    diagnostics.error(
      pathOf("compatibility_date"),
      `should be a date such as "${NEWEST_DATE}", not "${date}"`,
    );
  }
}

function compatibilityNotes({ options, effective }: Source, { date }: Compatibility): string[] {
  if ((options.overrides?.compatibilityDate ?? effective.raw.compatibility_date) === undefined)
    return [`no compatibility_date: using ${NEWEST_DATE}, the newest that is known here`];
  if (date > NEWEST_DATE)
    return [`compatibility_date ${date} is newer than ${NEWEST_DATE}, the newest that is known here`];
  return [];
}

/** The bindings that the configuration itself has. */
function configuredBindings(
  { options, effective, diagnostics }: Source,
  workerName: string,
): readonly BindingConfig[] {
  const { raw, pathOf, slices } = effective;
  const own = slices.flatMap(({ key, bindings }) => {
    const warn = (path: readonly (string | number)[], message: string): void =>
      diagnostics.warn([...pathOf(key), ...path.slice(1)], message);
    return bindings(raw[key] as never, { workerName, warn });
  });
  const all = [...own, ...unavailableBindings(raw)];
  const warning = warnUnavailable(raw, all);
  // What a worker would find is nothing to a command that runs none.
  if (warning !== undefined && options.needsEntry !== false) diagnostics.warn([], warning);
  const seen = new Map<string, string>();
  for (const { name, type } of all) {
    const other = seen.get(name);
    if (other !== undefined)
      diagnostics.error([], `the name ${name} is given to two bindings (${other}, ${type})`);
    seen.set(name, type);
  }
  return all;
}

/** The variables, secrets and those of the command line among them, then the other bindings. */
async function withSecrets(source: Source, configured: readonly BindingConfig[]) {
  const { options, project, environment, effective, diagnostics } = source;
  const { raw, pathOf } = effective;
  const variables = new Map(
    configured.filter(({ type }) => type === "var").map(binding => [binding.name, binding]),
  );
  const secrets = await loadSecrets({
    cwd: options.cwd,
    root: project.root,
    environment,
    envFiles: options.envFiles ?? [],
    processEnv: options.processEnv,
    required: raw.secrets === undefined ? null : (raw.secrets.required ?? []),
    vars: [...variables.keys()],
  });
  for (const [name, value] of secrets.values) variables.set(name, varBinding(name, value, true));
  for (const [name, value] of Object.entries(options.vars ?? {}))
    variables.set(name, varBinding(name, value));
  const missing = secrets.missing.filter(name => !variables.has(name));
  if (missing.length > 0) {
    const path = [...pathOf("secrets"), "required"];
    diagnostics.warn(path, `names ${missing.join(", ")}, which no .dev.vars, .env or --var gives`);
  }
  // A variable may take a stand-in's place: what it stands for is not here anyway.
  const others = configured.filter(
    ({ name, type }) => type !== "var" && !(type === "unavailable" && variables.has(name)),
  );
  for (const { name } of others) {
    if (variables.delete(name))
      diagnostics.warn([], `the variable ${name} is hidden by the binding of that name`);
  }
  const connected = withLocalConnections(
    others,
    name => options.processEnv[name] ?? secrets.values.get(name),
    options.runsWorker ?? false,
    diagnostics,
  );
  return { bindings: [...variables.values(), ...connected], files: secrets.files };
}

async function cronsOf({ options, effective, diagnostics }: Source): Promise<readonly string[]> {
  const crons = options.overrides?.crons ?? effective.raw.triggers?.crons ?? [];
  if (crons.length === 0) return crons;
  const { cronProblem } = await import("../bindings/cron/expression.ts");
  for (const [index, cron] of crons.entries()) {
    const problem = cronProblem(cron);
    const path = [...effective.pathOf("triggers"), "crons", index];
    if (problem !== undefined)
      diagnostics.error(path, `is not a valid cron expression: "${cron}": ${problem}`);
  }
  return crons;
}

function bundleOptions(raw: RawConfig, overrides: ConfigOverrides, root: string, cwd: string) {
  const noBundle = overrides.noBundle ?? raw.no_bundle ?? false;
  const tsconfig = overrides.tsconfig === undefined ? undefined : resolve(cwd, overrides.tsconfig);
  return {
    rules: (raw.rules ?? []).map((rule): ModuleRule => ({ ...rule, fallthrough: rule.fallthrough ?? false })),
    findAdditionalModules: raw.find_additional_modules ?? noBundle,
    define: { ...raw.define, ...overrides.define },
    alias: { ...raw.alias, ...overrides.alias },
    tsconfig: tsconfig ?? (raw.tsconfig === undefined ? null : resolve(root, raw.tsconfig)),
    jsxFactory: overrides.jsxFactory ?? raw.jsx_factory ?? null,
    jsxFragment: overrides.jsxFragment ?? raw.jsx_fragment ?? null,
    minify: overrides.minify ?? raw.minify ?? false,
    noBundle,
    keepNames: raw.keep_names ?? true,
  };
}

function customBuildOf(build: RawConfig["build"], root: string): CustomBuild | null {
  if (!build?.command) return null;
  const watched = build.watch_dir ?? "./src";
  return {
    command: build.command,
    cwd: resolve(root, build.cwd ?? "."),
    watchDirs: (typeof watched === "string" ? [watched] : watched).map(folder => resolve(root, folder)),
  };
}

function devOptions(dev: RawConfig["dev"], overrides: ConfigOverrides): DevConfig {
  const localProtocol = overrides.localProtocol ?? dev?.local_protocol ?? "http";
  return {
    ip: overrides.ip ?? dev?.ip ?? "127.0.0.1",
    port: overrides.port ?? dev?.port ?? null,
    inspectorIp: overrides.inspectorIp ?? dev?.inspector_ip ?? "127.0.0.1",
    inspectorPort: overrides.inspectorPort ?? dev?.inspector_port ?? null,
    localProtocol,
    upstreamProtocol: overrides.upstreamProtocol ?? dev?.upstream_protocol ?? localProtocol,
    host: overrides.host ?? dev?.host ?? null,
  };
}
