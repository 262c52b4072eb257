/** `env.NAME` over the top level: https://developers.cloudflare.com/workers/wrangler/configuration/#inheritable-keys */
import { slices } from "../bindings/configs.ts";
import { UserError } from "../errors.ts";
import { closest, type Diagnostics, type KeyPath, type ParsedFile, shortPath } from "./diagnostics.ts";
import { configSchema, type RawConfig, scopeOf } from "./schema.ts";
import type { BindingSlice } from "./slice.ts";
import { validate } from "./validate.ts";

/** A configuration with its environment applied, and where each of its keys came from. */
export interface EffectiveConfig {
  readonly raw: RawConfig;
  /** The path of a key in the file. */
  pathOf(key: string): KeyPath;
  /** The rooms that have a key of it. */
  readonly slices: readonly BindingSlice[];
}

/** Validates the top level and the environment that was chosen, and merges them. Wrong keys are left out. */
export function applyEnvironment(
  file: ParsedFile,
  environment: string | null,
  diagnostics: Diagnostics,
  cwd: string,
): EffectiveConfig {
  const { env: environments, ...topValues } = file.value;
  const top = validated(topValues, [], diagnostics);
  if (environments !== undefined && !isTable(environments)) diagnostics.error(["env"], "should be an object");
  if (environment === null) return effective(top, key => [key]);

  const chosen =
    isTable(environments) && Object.hasOwn(environments, environment) ? environments[environment] : undefined;
  if (chosen === undefined) throw unknownEnvironment(environment, environments, file, cwd);
  return merge(top, validated(chosen, ["env", environment], diagnostics), environment, diagnostics);
}

function validated(value: unknown, at: KeyPath, diagnostics: Diagnostics): RawConfig {
  return (validate(configSchema, value, at, diagnostics) ?? {}) as RawConfig;
}

function merge(
  top: RawConfig,
  own: RawConfig,
  environment: string,
  diagnostics: Diagnostics,
): EffectiveConfig {
  const raw: Record<string, unknown> = {};
  const at = ["env", environment];
  for (const key of new Set([...Object.keys(top), ...Object.keys(own)])) {
    const scope = scopeOf(key);
    if (scope === "top-level") {
      if (own[key] !== undefined)
        diagnostics.warn([...at, key], "is read at the top level only, and ignored here");
      raw[key] = top[key];
    } else if (scope === "inherited") {
      raw[key] = own[key] ?? top[key];
    } else {
      raw[key] = own[key];
      warnAbsent(key, top[key], own[key], environment, diagnostics);
    }
  }
  if (own.name === undefined && top.name !== undefined) raw["name"] = `${top.name}-${environment}`;
  return effective(raw, key => (own[key] === undefined ? [key] : [...at, key]));
}

function effective(raw: RawConfig, pathOf: (key: string) => KeyPath): EffectiveConfig {
  const used = slices.filter(slice => raw[slice.key] !== undefined);
  return { raw, pathOf, slices: used };
}

/** A key that looks inherited and is not: wrangler's users meet this often. */
function warnAbsent(
  key: string,
  top: unknown,
  own: unknown,
  environment: string,
  diagnostics: Diagnostics,
): void {
  if (isTable(top) && (key === "vars" || key === "define")) {
    const lacks = Object.keys(top).filter(name => !isTable(own) || !Object.hasOwn(own, name));
    if (lacks.length === 0) return;
    const names = lacks.map(name => `"${key}.${name}"`).join(", ");
    diagnostics.warn([key], `is not inherited: env.${environment} lacks ${names}`);
  } else if (own === undefined && isUsed(top)) {
    diagnostics.warn([key], `is not inherited: add it to env.${environment} to have it there`);
  }
}

function unknownEnvironment(name: string, environments: unknown, file: ParsedFile, cwd: string): UserError {
  const known = isTable(environments) ? Object.keys(environments) : [];
  const near = closest(name, known);
  const list = known.length === 0 ? "It has none." : `It has: ${known.join(", ")}.`;
  return new UserError(
    "CONFIG_UNKNOWN_ENV",
    `${shortPath(cwd, file.path)} has no environment "${name}"`,
    near === undefined ? list : `${list} Did you mean "${near}"?`,
  );
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isUsed(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isTable(value) ? Object.values(value).some(isUsed) : value !== undefined;
}
