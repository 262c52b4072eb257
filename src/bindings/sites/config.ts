import * as z from "zod/mini";
import { text } from "../../config/slice.ts";

/** `site`: https://developers.cloudflare.com/workers/wrangler/configuration/#workers-sites */
export const siteSchema = z.strictObject({
  bucket: text,
  include: z.optional(z.array(text)),
  exclude: z.optional(z.array(text)),
});

/** The key as a configuration has it, checked. */
export type RawSite = z.output<typeof siteSchema>;
