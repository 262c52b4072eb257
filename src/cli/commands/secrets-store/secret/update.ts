import type { Command } from "../../../command.ts";
import { dataInput } from "../../../inputs.ts";
import { dataOptions } from "../../../options.ts";
import {
  describingOptions,
  idOption,
  jsonOption,
  noSuchSecret,
  print,
  scopesOf,
  secretIdOf,
  valueOption,
} from "./shared.ts";

export const update: Command = {
  name: "update",
  summary: "change a secret",
  description:
    "Changes what is given. Without --value, --scopes and --comment the value is read from stdin. A running worker sees it at once.",
  args: "<store-id>",
  options: [idOption, valueOption, ...describingOptions, jsonOption, ...dataOptions],
  examples: [
    { line: "worker secrets-store secret update my-store --secret-id ID < key.txt", does: "another value" },
    {
      line: 'worker secrets-store secret update my-store --secret-id ID --comment "the new key"',
      does: "another comment",
    },
  ],
  async run(context, { args: [storeId = ""], options }) {
    const { readSecretValue, withSecretsStore } = await import(
      "../../../../runtime/secrets-store-commands.ts"
    );
    const id = secretIdOf(options);
    const comment = options["comment"] as string | undefined;
    const scopes = scopesOf(options);
    const given = options["value"] as string | undefined;
    const onlyDescribes = given === undefined && (comment !== undefined || scopes !== undefined);
    const changes = {
      ...(onlyDescribes ? {} : { value: await readSecretValue(context, given) }),
      ...(comment === undefined ? {} : { comment }),
      ...(scopes === undefined ? {} : { scopes }),
    };
    const updated = await withSecretsStore(context, dataInput(context, options), storeId, store =>
      store.update(id, changes),
    );
    if (updated === null) throw noSuchSecret(id);
    print(context, [updated], options);
  },
};
