/**
 * Kinds of binding that wrangler knows and this version does not run. Their keys are recognised, `env` has a stand-in for
 * each binding, and one warning names them all. A room that arrives takes its row away.
 */
import { type UnavailableBinding, unavailableBinding } from "../bindings/unavailable/binding.ts";
import type { BindingConfig } from "./slice.ts";

type Json = unknown;

interface UnsupportedKind {
  readonly key: string;
  /** What a binding of it is, as a reader knows it. */
  readonly kind: string;
  /** Where the names of the bindings are. */
  names(value: Json): readonly unknown[];
}

const listOf = (property: string) => (value: Json) =>
  Array.isArray(value) ? value.map(item => field(item, property)) : [];
const nested = (list: string, property: string) => (value: Json) => listOf(property)(field(value, list));
const single = (value: Json) => [field(value, "binding")];
const unnamed = () => [];

export const UNSUPPORTED: readonly UnsupportedKind[] = [
  { key: "durable_objects", kind: "Durable Object namespace", names: nested("bindings", "name") },
  { key: "queues", kind: "queue", names: nested("producers", "binding") },
  { key: "services", kind: "service binding", names: listOf("binding") },
  { key: "workflows", kind: "workflow", names: listOf("binding") },
  { key: "worker_loaders", kind: "Worker Loader", names: listOf("binding") },
  { key: "dispatch_namespaces", kind: "dispatch namespace", names: listOf("binding") },
  { key: "mtls_certificates", kind: "mTLS certificate", names: listOf("binding") },
  { key: "pipelines", kind: "Pipelines", names: listOf("binding") },
  { key: "vectorize", kind: "Vectorize", names: listOf("binding") },
  { key: "ai", kind: "Workers AI", names: single },
  { key: "browser", kind: "Browser Rendering", names: single },
  { key: "images", kind: "Images", names: single },
  { key: "media", kind: "Media Transformations", names: single },
  { key: "stream", kind: "Stream", names: single },
  { key: "containers", kind: "Containers", names: unnamed },
  { key: "connect", kind: "TCP connections", names: unnamed },
  { key: "logfwdr", kind: "logfwdr", names: nested("bindings", "name") },
  { key: "vpc_services", kind: "VPC service", names: listOf("binding") },
  { key: "vpc_networks", kind: "VPC network", names: listOf("binding") },
  { key: "ai_search", kind: "AI Search", names: listOf("binding") },
  { key: "ai_search_namespaces", kind: "AI Search namespace", names: listOf("binding") },
  { key: "agent_memory", kind: "Agent Memory", names: listOf("binding") },
  { key: "analytics", kind: "Analytics SQL", names: single },
  { key: "artifacts", kind: "Artifacts", names: listOf("binding") },
  { key: "flagship", kind: "Flagship", names: listOf("binding") },
  { key: "k2", kind: "K2", names: listOf("binding") },
  { key: "unsafe_hello_world", kind: "Hello World", names: listOf("binding") },
];

/** Stand-ins for the bindings of this list that a configuration has. */
export function unavailableBindings(config: Readonly<Record<string, unknown>>): UnavailableBinding[] {
  return UNSUPPORTED.flatMap(({ key, kind, names }) =>
    names(config[key]).flatMap(name =>
      typeof name === "string" ? [unavailableBinding(name, key, kind)] : [],
    ),
  );
}

/** The one warning about all that has no local form; undefined where there is nothing of it. */
export function warnUnavailable(
  config: Readonly<Record<string, unknown>>,
  bindings: readonly BindingConfig[],
): string | undefined {
  const standIns = bindings.filter(({ type }) => type === "unavailable");
  const named = new Set(standIns.map(binding => binding["key"]));
  const unnamed = UNSUPPORTED.filter(({ key }) => !named.has(key) && !isEmpty(config[key]));
  if (standIns.length === 0 && unnamed.length === 0) return undefined;
  const list = [...standIns.map(({ name, key }) => `${name} (${key})`), ...unnamed.map(({ key }) => key)];
  const calls = standIns.length === 0 ? "" : "; what the worker calls on them throws";
  return `no local form: ${list.join(", ")}${calls}`;
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
