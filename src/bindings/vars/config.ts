import * as z from "zod/mini";
import { bindingSlice } from "../../config/slice.ts";
import { varBinding } from "./binding.ts";

/** `vars`: https://developers.cloudflare.com/workers/wrangler/configuration/#environment-variables */
export const varsConfig = bindingSlice({
  key: "vars",
  schema: z.record(z.string(), z.json()),
  bindings: vars => Object.entries(vars).map(([name, value]) => varBinding(name, value)),
  describe: binding => (binding.secret ? "secret (hidden)" : abbreviate(JSON.stringify(binding.value))),
  envType: binding => (binding.secret ? "string" : jsonType(binding.value)),
});

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
