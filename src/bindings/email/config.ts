import * as z from "zod/mini";
import { type BindingConfig, bindingSlice, text } from "../../config/slice.ts";

export interface SendEmailBinding extends BindingConfig {
  readonly type: "send_email";
  /** The only address that may be written to; null for any. */
  readonly destination: string | null;
  readonly allowedDestinations: readonly string[] | null;
  readonly allowedSenders: readonly string[] | null;
}

/** `send_email`: https://developers.cloudflare.com/email-routing/email-workers/send-email-workers/ */
export const sendEmailConfig = bindingSlice({
  key: "send_email",
  schema: z.array(
    z
      .strictObject({
        name: text,
        destination_address: z.optional(text),
        allowed_destination_addresses: z.optional(z.array(text)),
        allowed_sender_addresses: z.optional(z.array(text)),
        remote: z.optional(z.boolean()),
      })
      .check(
        z.refine(
          binding => (binding.destination_address && binding.allowed_destination_addresses) === undefined,
          'should have "destination_address" or "allowed_destination_addresses", not both',
        ),
      ),
  ),
  bindings: (bindings, context) =>
    bindings.map((binding, index): SendEmailBinding => {
      if (binding.remote) {
        context.warn(["send_email", index, "remote"], "is ignored: messages are kept on this machine");
      }
      return {
        type: "send_email",
        name: binding.name,
        destination: binding.destination_address ?? null,
        allowedDestinations: binding.allowed_destination_addresses ?? null,
        allowedSenders: binding.allowed_sender_addresses ?? null,
      };
    }),
  describe: ({ destination, allowedDestinations }) =>
    `e-mail to ${destination ?? allowedDestinations?.join(", ") ?? "any address"}`,
  envType: () => "SendEmail",
});
