/** Every key of a wrangler configuration: its shape, and where it may stand. */
import * as z from "zod/mini";
import { slices } from "../bindings/configs.ts";
import { triggersSchema } from "../bindings/cron/config.ts";
import { siteSchema } from "../bindings/sites/config.ts";
import { isDate, NEWEST_DATE } from "./compatibility.ts";
import { text, wholeNumber } from "./slice.ts";
import { UNSUPPORTED } from "./unsupported.ts";

const stringMap = z.record(z.string(), z.string());
const workerName = z
  .string()
  .check(z.regex(/^[a-z0-9_-]{1,255}$/i, "should be letters, digits, hyphens and underscores"));
const port = wholeNumber(0, 65_535);

const ruleSchema = z.strictObject({
  type: z.enum(["ESModule", "CommonJS", "CompiledWasm", "Text", "Data"]),
  globs: z.array(text),
  fallthrough: z.optional(z.boolean()),
});

/** Keys that an environment takes from the top level unless it has its own. */
const INHERITED = {
  name: workerName,
  main: text,
  compatibility_date: z.string().check(z.refine(isDate, `should be a date such as "${NEWEST_DATE}"`)),
  compatibility_flags: z.array(text),
  base_dir: text,
  find_additional_modules: z.boolean(),
  no_bundle: z.boolean(),
  minify: z.boolean(),
  keep_names: z.boolean(),
  tsconfig: text,
  jsx_factory: text,
  jsx_fragment: text,
  rules: z.array(ruleSchema),
  build: z.strictObject({
    command: z.optional(z.string()),
    cwd: z.optional(text),
    watch_dir: z.optional(z.union([text, z.array(text)])),
  }),
  limits: z.strictObject({
    cpu_ms: z.optional(wholeNumber(1)),
    subrequests: z.optional(wholeNumber(1)),
  }),
  triggers: triggersSchema,
};

/** Keys that an environment must repeat, beside those of the bindings. */
const NOT_INHERITED = {
  define: stringMap,
  secrets: z.strictObject({ required: z.optional(z.array(text)) }),
};

/** Keys that an environment cannot have. */
const TOP_LEVEL = {
  alias: stringMap,
  dev: z.strictObject({
    ip: z.optional(text),
    port: z.optional(port),
    inspector_port: z.optional(port),
    inspector_ip: z.optional(text),
    local_protocol: z.optional(z.enum(["http", "https"])),
    upstream_protocol: z.optional(z.enum(["http", "https"])),
    host: z.optional(text),
    enable_containers: z.optional(z.boolean()),
    container_engine: z.optional(z.unknown()),
    generate_types: z.optional(z.boolean()),
  }),
  site: siteSchema,
  text_blobs: stringMap,
  data_blobs: stringMap,
  wasm_modules: stringMap,
};

/** Keys that matter to a deployment, and to nothing here. */
const DEPLOYMENT_ONLY =
  "$schema account_id workers_dev preview_urls route routes zone_id logpush placement observability cache access " +
  "keep_vars send_metrics pages_build_output_dir upload_source_maps first_party_worker usage_model legacy_env " +
  "tail_consumers streaming_tail_consumers addresses dependencies_instrumentation preserve_file_names cloudchamber migrations exports " +
  "compliance_region python_modules previews topLevelName definedEnvironments configPath userConfigPath";

/** Keys of bindings that an environment inherits all the same. */
const INHERITED_BINDINGS = new Set(["assets"]);

const bindingSchemas = Object.fromEntries(slices.map(slice => [slice.key, slice.schema]));
const unknowns = (keys: Iterable<string>) =>
  Object.fromEntries(Array.from(keys, key => [key, z.optional(z.unknown())]));

const environmentSchema = z.partial(
  z.strictObject({
    ...unknowns(DEPLOYMENT_ONLY.split(" ")),
    ...unknowns(UNSUPPORTED.map(kind => kind.key)),
    ...bindingSchemas,
    ...INHERITED,
    ...NOT_INHERITED,
    ...TOP_LEVEL,
  }),
);

/** The shape of the top level, and of an environment: both take the same keys, `env` aside. */
export const configSchema = environmentSchema;

/** A configuration that has passed the schema. Keys of bindings are the slices' affair. */
export type RawConfig = z.output<typeof environmentSchema> & { readonly [key: string]: unknown };

/** Where a key may stand, for an environment. */
export function scopeOf(key: string): "inherited" | "repeated" | "top-level" {
  if (Object.hasOwn(TOP_LEVEL, key)) return "top-level";
  if (INHERITED_BINDINGS.has(key)) return "inherited";
  if (Object.hasOwn(NOT_INHERITED, key) || Object.hasOwn(bindingSchemas, key)) return "repeated";
  return UNSUPPORTED.some(kind => kind.key === key) ? "repeated" : "inherited";
}
