/** Workers Sites: a folder of static files that the worker serves itself, out of a KV namespace. */
import { resolve } from "node:path";
import type { BindingConfig } from "../../config/slice.ts";
import type { RawSite } from "./config.ts";

export interface SiteSettings {
  /** Absolute. */
  readonly directory: string;
  /** In the syntax of .gitignore; with none, all files. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** The namespace's name on `env`, in module syntax, and as a global, in service-worker syntax. */
export const SITE_NAMESPACE = "__STATIC_CONTENT";
/** The name of the module, or of the global, that tells the key of each path, as JSON. */
export const SITE_MANIFEST = "__STATIC_CONTENT_MANIFEST";

export interface SiteBinding extends BindingConfig {
  readonly type: "kv";
  readonly id: string;
  readonly site: SiteSettings;
}

export function siteSettings(raw: RawSite | undefined, root: string): SiteSettings | null {
  if (raw === undefined) return null;
  return { directory: resolve(root, raw.bucket), include: raw.include ?? [], exclude: raw.exclude ?? [] };
}

export function siteBinding(site: SiteSettings): SiteBinding {
  return { type: "kv", name: SITE_NAMESPACE, id: `site ${JSON.stringify(site)}`, site };
}
