import type { Command } from "../../../command.ts";
import { confirm } from "../../../terminal/confirm.ts";
import { attempt, namespaceOptions, withNamespace } from "../open.ts";
import { readKeys } from "./file.ts";

const CONCURRENCY = 256;

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
      const count = `${keys.length} ${keys.length === 1 ? "key" : "keys"} of ${name}`;
      if (options["force"] !== true && !(await confirm(context, `Delete ${count}?`))) {
        context.log.log("Nothing was deleted.");
        return 1;
      }
      for (let start = 0; start < keys.length; start += CONCURRENCY) {
        const batch = keys.slice(start, start + CONCURRENCY);
        await Promise.all(batch.map(key => attempt(kv.delete(key), `The key ${JSON.stringify(key)}: `)));
      }
      context.log.log(`Deleted ${count}.`);
      return undefined;
    }),
};
