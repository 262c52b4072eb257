import * as z from "zod/mini";
import { type BindingConfig, bindingSlice } from "../../config/slice.ts";

export interface VarBinding extends BindingConfig {
  readonly type: "var";
  /** A string, or any JSON value. */
  readonly value: unknown;
  /** True where the value comes from a file of secrets: it is not shown, and its type is not its value. */
  readonly secret: boolean;
}

/** `vars`: https://developers.cloudflare.com/workers/wrangler/configuration/#environment-variables */
export const varsConfig = bindingSlice({
  key: "vars",
  schema: z.record(z.string(), z.json()),
  bindings: vars => Object.entries(vars).map(([name, value]) => varBinding(name, value)),
  describe: binding => (binding.secret ? "secret (hidden)" : abbreviate(JSON.stringify(binding.value))),
  envType: binding => (binding.secret ? "string" : jsonType(binding.value)),
});

export function varBinding(name: string, value: unknown, secret = false): VarBinding {
  return { type: "var", name, value, secret };
}

function abbreviate(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The type that has exactly this value. */
function jsonType(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonType).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${jsonType(member)}`);
  return `{ ${members.join("; ")} }`;
}
