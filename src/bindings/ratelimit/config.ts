import * as z from "zod/mini";
import { type BindingConfig, bindingSlice, text } from "../../config/slice.ts";
import { type UnavailableBinding, unavailableBinding } from "../unavailable/binding.ts";

export interface RateLimitBinding extends BindingConfig {
  readonly type: "ratelimit";
  /** The namespace: bindings with one id count together. */
  readonly id: string;
  /** Calls that a key may make in a window. */
  readonly limit: number;
  /** The window's length in seconds. */
  readonly period: number;
}

const simple = z.strictObject({ limit: z.number(), period: z.literal([10, 60]) });
const rateLimit = { name: text, namespace_id: text, simple };

interface RateLimitValue {
  readonly name: string;
  readonly namespace_id: string;
  readonly simple: { readonly limit: number; readonly period: number };
}

const bindingOf = ({ name, namespace_id, simple: { limit, period } }: RateLimitValue): RateLimitBinding => ({
  type: "ratelimit",
  name,
  id: namespace_id,
  limit,
  period,
});

const describe = ({ id, limit, period }: RateLimitBinding) => `rate limit ${id}: ${limit} in ${period} s`;

/** `ratelimits`: https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/ */
export const rateLimitConfig = bindingSlice({
  key: "ratelimits",
  schema: z.array(z.strictObject(rateLimit)),
  bindings: limits => limits.map(bindingOf),
  describe,
  envType: () => "RateLimit",
});

const unsafeBinding = z
  .looseObject({ name: text, type: text, namespace_id: z.optional(text), simple: z.optional(simple) })
  .check(
    z.refine(
      ({ type, namespace_id, simple }) => type !== "ratelimit" || (namespace_id && simple) !== undefined,
      "is a rate limit, which needs a namespace_id, and limit and period in simple",
    ),
  );

/** `unsafe.bindings`: how rate limits were written before they had a key, and kinds that have no local form. */
export const unsafeConfig = bindingSlice({
  key: "unsafe",
  schema: z.looseObject({ bindings: z.optional(z.array(unsafeBinding)) }),
  bindings: ({ bindings = [] }): readonly (RateLimitBinding | UnavailableBinding)[] =>
    bindings.map(({ name, type, namespace_id = "", simple }) =>
      type === "ratelimit" && simple !== undefined
        ? bindingOf({ name, namespace_id, simple })
        : unavailableBinding(name, "unsafe", `unsafe binding ${JSON.stringify(type)}`),
    ),
  describe: binding => (binding.type === "ratelimit" ? describe(binding) : binding.kind),
  envType: binding => (binding.type === "ratelimit" ? "RateLimit" : "any"),
});
