import type { Command } from "../../../command.ts";
import { dataInput } from "../../../inputs.ts";
import { dataOptions } from "../../../options.ts";
import { describingOptions, jsonOption, nameOption, print, scopesOf, valueOption } from "./shared.ts";

export const create: Command = {
  name: "create",
  summary: "make a secret",
  description:
    "Makes a secret, or replaces the one of that name. Without --value the value is read from stdin.",
  args: "<store-id>",
  options: [nameOption, valueOption, ...describingOptions, jsonOption, ...dataOptions],
  examples: [
    { line: "worker secrets-store secret create my-store --name API_KEY < key.txt", does: "from a file" },
    { line: "worker secrets-store secret create my-store --name API_KEY --value 123", does: "as it is" },
  ],
  async run(context, { args: [storeId = ""], options }) {
    const { checkSecretName, readSecretValue, withSecretsStore } = await import(
      "../../../../runtime/secrets-store-commands.ts"
    );
    const name = checkSecretName(options["name"] as string | undefined);
    const value = await readSecretValue(context, options["value"] as string | undefined);
    const comment = (options["comment"] as string | undefined) ?? "";
    const secret = { name, value, comment, scopes: scopesOf(options) ?? ["workers"] };
    const made = await withSecretsStore(context, dataInput(context, options), storeId, store =>
      store.create(secret),
    );
    print(context, [made], options);
  },
};
