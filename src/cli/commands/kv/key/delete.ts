import type { Command } from "../../../command.ts";
import { attempt, namespaceOptions, withNamespace } from "../open.ts";

export const deleteKey: Command = {
  name: "delete",
  summary: "remove a key",
  description: "Removes a key and its value. A key that has none is no error.",
  args: "<key>",
  options: namespaceOptions,
  examples: [{ line: "worker kv key delete greeting --binding KV", does: "remove it" }],
  run: (context, { args: [key = ""], options }) =>
    withNamespace(context, options, async ({ kv, name }) => {
      await attempt(kv.delete(key));
      context.log.log(`Deleted the key ${JSON.stringify(key)} of ${name}.`);
      return undefined;
    }),
};
