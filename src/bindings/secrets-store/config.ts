import * as z from "zod/mini";
import { type BindingConfig, bindingSlice, text } from "../../config/slice.ts";

export interface SecretsStoreBinding extends BindingConfig {
  readonly type: "secrets_store_secret";
  /** The store: bindings with one id look in the same. */
  readonly id: string;
  /** The name of the secret in it. */
  readonly secret: string;
}

/** `secrets_store_secrets`: https://developers.cloudflare.com/secrets-store/integrations/workers/ */
export const secretsStoreConfig = bindingSlice({
  key: "secrets_store_secrets",
  schema: z.array(
    z.strictObject({
      binding: text,
      store_id: text,
      secret_name: text,
      remote: z.optional(z.boolean()),
    }),
  ),
  bindings: (secrets, context) =>
    secrets.map(({ binding, store_id, secret_name, remote }, index): SecretsStoreBinding => {
      if (remote) {
        const path = ["secrets_store_secrets", index, "remote"];
        context.warn(path, "is ignored: this program only has local data");
      }
      return { type: "secrets_store_secret", name: binding, id: store_id, secret: secret_name };
    }),
  describe: ({ id, secret }) => `secret ${secret} of the store ${id}`,
  envType: () => "SecretsStoreSecret",
});
