/** Variables and secrets on `env` (https://developers.cloudflare.com/workers/configuration/environment-variables/). */
import type { BindingDescriptor } from "../contracts.ts";

/** A text as it is, or any JSON value. Each isolate has its own copy: it came with the worker's settings. */
export function createVar(descriptor: BindingDescriptor): unknown {
  return descriptor["value"];
}
