import type { Command } from "../../../command.ts";
import { dataInput } from "../../../inputs.ts";
import { dataOptions } from "../../../options.ts";
import { idOption, noSuchSecret, secretIdOf } from "./shared.ts";

export const deleteSecret: Command = {
  name: "delete",
  summary: "remove a secret",
  args: "<store-id>",
  options: [idOption, ...dataOptions],
  examples: [{ line: "worker secrets-store secret delete my-store --secret-id ID", does: "for good" }],
  async run(context, { args: [storeId = ""], options }) {
    const { withSecretsStore } = await import("../../../../runtime/secrets-store-commands.ts");
    const id = secretIdOf(options);
    const existed = await withSecretsStore(context, dataInput(context, options), storeId, store =>
      store.delete(id),
    );
    if (!existed) throw noSuchSecret(id);
    context.log.log(`Deleted the secret ${id}.`);
  },
};
