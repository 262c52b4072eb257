import type { BindingConfig } from "../../config/slice.ts";

/** A binding to something that only Cloudflare runs: an object on `env` that says so when it is used. */
export interface UnavailableBinding extends BindingConfig {
  readonly type: "unavailable";
  /** The key of the configuration: "ai". */
  readonly key: string;
  /** What it is, as a reader knows it: "Workers AI". */
  readonly kind: string;
}

export function unavailableBinding(name: string, key: string, kind: string): UnavailableBinding {
  return { type: "unavailable", name, key, kind };
}
