import type { Command } from "../../../command.ts";
import { dataInput } from "../../../inputs.ts";
import { dataOptions } from "../../../options.ts";
import { idOption, jsonOption, noSuchSecret, print, secretIdOf } from "./shared.ts";

export const get: Command = {
  name: "get",
  summary: "show a secret, without its value",
  args: "<store-id>",
  options: [idOption, jsonOption, ...dataOptions],
  examples: [
    { line: "worker secrets-store secret get my-store --secret-id ID", does: "its name, scopes and comment" },
  ],
  async run(context, { args: [storeId = ""], options }) {
    const { withSecretsStore } = await import("../../../../runtime/secrets-store-commands.ts");
    const id = secretIdOf(options);
    const secrets = await withSecretsStore(context, dataInput(context, options), storeId, store =>
      store.list(),
    );
    const found = secrets.find(secret => secret.id === id);
    if (found === undefined) throw noSuchSecret(id);
    print(context, [found], options);
  },
};
