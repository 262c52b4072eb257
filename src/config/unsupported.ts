/**
 * Kinds of binding that wrangler knows and this version does not run. Their keys are recognised, and one warning says
 * which properties `env` will lack. A room that arrives takes its row away.
 */

type Json = unknown;

interface UnsupportedKind {
  readonly key: string;
  /** Where the names of the bindings are. */
  names(value: Json): readonly unknown[];
}

const listOf = (property: string) => (value: Json) =>
  Array.isArray(value) ? value.map(item => field(item, property)) : [];
const nested = (list: string, property: string) => (value: Json) => listOf(property)(field(value, list));
const single = (value: Json) => [field(value, "binding")];
const keys = (value: Json) => (isObject(value) ? Object.keys(value) : []);
const unnamed = () => [];

export const UNSUPPORTED: readonly UnsupportedKind[] = [
  { key: "r2_buckets", names: listOf("binding") },
  { key: "d1_databases", names: listOf("binding") },
  { key: "durable_objects", names: nested("bindings", "name") },
  { key: "queues", names: nested("producers", "binding") },
  { key: "services", names: listOf("binding") },
  { key: "workflows", names: listOf("binding") },
  { key: "assets", names: single },
  { key: "site", names: unnamed },
  { key: "ratelimits", names: listOf("name") },
  { key: "hyperdrive", names: listOf("binding") },
  { key: "analytics_engine_datasets", names: listOf("binding") },
  { key: "send_email", names: listOf("name") },
  { key: "secrets_store_secrets", names: listOf("binding") },
  { key: "version_metadata", names: single },
  { key: "worker_loaders", names: listOf("binding") },
  { key: "dispatch_namespaces", names: listOf("binding") },
  { key: "mtls_certificates", names: listOf("binding") },
  { key: "pipelines", names: listOf("binding") },
  { key: "vectorize", names: listOf("binding") },
  { key: "ai", names: single },
  { key: "browser", names: single },
  { key: "images", names: single },
  { key: "media", names: single },
  { key: "stream", names: single },
  { key: "containers", names: unnamed },
  { key: "connect", names: unnamed },
  { key: "unsafe", names: nested("bindings", "name") },
  { key: "logfwdr", names: nested("bindings", "name") },
  { key: "vpc_services", names: listOf("binding") },
  { key: "vpc_networks", names: listOf("binding") },
  { key: "text_blobs", names: keys },
  { key: "data_blobs", names: keys },
  { key: "wasm_modules", names: keys },
];

/** The one warning about everything of this list that a configuration uses; undefined where it uses nothing. */
export function warnUnsupported(config: Readonly<Record<string, unknown>>): string | undefined {
  const used = UNSUPPORTED.filter(kind => !isEmpty(config[kind.key]));
  if (used.length === 0) return undefined;
  const names = used.flatMap(kind => kind.names(config[kind.key])).filter(name => typeof name === "string");
  const lacks = names.length === 0 ? "" : `; env lacks ${names.join(", ")}`;
  return `this version does not run ${used.map(kind => kind.key).join(", ")} yet${lacks}`;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isEmpty);
}

function field(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
