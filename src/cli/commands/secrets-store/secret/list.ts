import type { Command } from "../../../command.ts";
import { dataInput } from "../../../inputs.ts";
import { dataOptions } from "../../../options.ts";
import { jsonOption, print } from "./shared.ts";

export const list: Command = {
  name: "list",
  summary: "list the secrets of a store",
  description: "Lists the secrets of a store by name, without their values.",
  args: "<store-id>",
  options: [jsonOption, ...dataOptions],
  examples: [{ line: "worker secrets-store secret list my-store", does: "names, ids and scopes" }],
  async run(context, { args: [storeId = ""], options }) {
    const { withSecretsStore } = await import("../../../../runtime/secrets-store-commands.ts");
    const secrets = await withSecretsStore(context, dataInput(context, options), storeId, store =>
      store.list(),
    );
    if (secrets.length === 0 && options["json"] !== true) {
      return void context.log.log(`The store "${storeId}" has no secrets.`);
    }
    print(context, secrets, options);
  },
};
