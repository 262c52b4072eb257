import * as z from "zod/mini";
import { text } from "../../config/slice.ts";

/** `triggers`: https://developers.cloudflare.com/workers/configuration/cron-triggers/ */
export const triggersSchema = z.strictObject({
  crons: z.optional(z.array(text)),
});
