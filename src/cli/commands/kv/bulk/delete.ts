import type { Command } from "../../../command.ts";
import { confirm } from "../../../terminal/confirm.ts";
import { countOf } from "../../../terminal/units.ts";
import { attempt, namespaceOptions, withNamespace } from "../open.ts";
import { inBatches } from "./batches.ts";
import { readKeys } from "./file.ts";

export const deleteKeys: Command = {
  name: "delete",
  summary: "remove the keys of a JSON file",
  description:
    "Takes a JSON array of keys (strings, or objects with a name, as kv key list writes them). On a terminal it asks first.",
  args: "<filename>",
  options: [{ flags: "-f, --force", summary: "do not ask" }, ...namespaceOptions],
  examples: [
    { line: "worker kv bulk delete keys.json --binding KV", does: 'such as ["a", "b"]' },
    { line: "worker kv key list --prefix tmp: | worker kv bulk delete -", does: "all with a prefix" },
  ],
  run: (context, { args: [filename = ""], options }) =>
    withNamespace(context, options, async ({ kv, name }) => {
      const keys = await readKeys(context, filename);
      const count = `${countOf(keys.length, "key")} of ${name}`;
      if (options["force"] !== true && !(await confirm(context, `Delete ${count}?`))) {
        context.log.log("Nothing was deleted.");
        return 1;
      }
      await inBatches(keys, key => attempt(kv.delete(key), `The key ${JSON.stringify(key)}: `));
      context.log.log(`Deleted ${count}.`);
      return undefined;
    }),
};
