import type { Command } from "../../../command.ts";
import { dataInput } from "../../../inputs.ts";
import { dataOptions } from "../../../options.ts";
import {
  describingOptions,
  idOption,
  jsonOption,
  nameOption,
  noSuchSecret,
  print,
  scopesOf,
  secretIdOf,
} from "./shared.ts";

export const duplicate: Command = {
  name: "duplicate",
  summary: "make another secret of the same value",
  args: "<store-id>",
  options: [idOption, nameOption, ...describingOptions, jsonOption, ...dataOptions],
  examples: [
    {
      line: "worker secrets-store secret duplicate my-store --secret-id ID --name API_KEY_2",
      does: "under another name",
    },
  ],
  async run(context, { args: [storeId = ""], options }) {
    const { checkSecretName, withSecretsStore } = await import(
      "../../../../runtime/secrets-store-commands.ts"
    );
    const id = secretIdOf(options);
    const name = checkSecretName(options["name"] as string | undefined);
    const made = await withSecretsStore(context, dataInput(context, options), storeId, async store => {
      const original = (await store.list()).find(secret => secret.id === id);
      const value = original === undefined ? null : await store.get(original.name);
      if (original === undefined || value === null) throw noSuchSecret(id);
      const comment = (options["comment"] as string | undefined) ?? original.comment;
      return store.create({ name, value, comment, scopes: scopesOf(options) ?? original.scopes });
    });
    print(context, [made], options);
  },
};
