import * as z from "zod/mini";
import { type BindingConfig, bindingSlice, text } from "../../config/slice.ts";
import { HTML_HANDLING, NOT_FOUND_HANDLING } from "./settings.ts";

export interface AssetsBinding extends BindingConfig {
  readonly type: "assets";
}

const schema = z.strictObject({
  directory: z.optional(text),
  binding: z.optional(text),
  html_handling: z.optional(z.enum(HTML_HANDLING)),
  not_found_handling: z.optional(z.enum(NOT_FOUND_HANDLING)),
  base_path: z.optional(z.string()),
  run_worker_first: z.optional(z.union([z.boolean(), z.array(z.string())])),
});

/** The key as a configuration has it, checked. */
export type RawAssets = z.output<typeof schema>;

/** `assets`: https://developers.cloudflare.com/workers/wrangler/configuration/#assets */
export const assetsConfig = bindingSlice({
  key: "assets",
  schema,
  bindings: ({ binding }): AssetsBinding[] =>
    binding === undefined ? [] : [{ type: "assets", name: binding }],
  describe: () => "static assets",
  envType: () => "Fetcher",
});
