import type { Command, CommandContext } from "../../../command.ts";
import { countOf } from "../../../terminal/units.ts";
import { entryOptions, entrySettings } from "../entry-options.ts";
import { attempt, namespaceOptions, withNamespace } from "../open.ts";
import { inBatches } from "./batches.ts";
import { readItems } from "./file.ts";
import { checkItem, type Item, unknownProperties, WANTED } from "./item.ts";

export const put: Command = {
  name: "put",
  summary: "store the values of a JSON file",
  description:
    "Stores what a JSON file holds: an array of objects with key and value and, if you like, expiration, " +
    "expiration_ttl, metadata and base64 (true where the value is bytes in base64). The options are for entries that do not say it themselves.",
  args: "<filename>",
  options: [...entryOptions, ...namespaceOptions],
  examples: [
    { line: "worker kv bulk put seed.json --binding KV", does: 'such as [{"key": "a", "value": "1"}]' },
    { line: "node make-seed.js | worker kv bulk put -", does: "from stdin" },
  ],
  run: (context, { args: [filename = ""], options }) =>
    withNamespace(context, options, async ({ kv, name }) => {
      const items = await readItems(context, filename, WANTED, checkItem);
      warnOfUnknown(context, filename, items);
      await inBatches(items, (item, index) => {
        const settings = entrySettings({
          expiration:
            item.expiration ?? (item.expiration_ttl === undefined ? options["expiration"] : undefined),
          ttl: item.expiration_ttl ?? (item.expiration === undefined ? options["ttl"] : undefined),
          metadata: item.metadata === undefined ? options["metadata"] : item.metadata,
        });
        const value = Buffer.from(item.value, item.base64 === true ? "base64" : "utf8");
        return attempt(kv.put(item.key, value, settings), `Item ${index}: `);
      });
      context.log.log(`Wrote ${countOf(items.length, "key")} of ${name}.`);
      return undefined;
    }),
};

function warnOfUnknown({ log }: CommandContext, filename: string, items: readonly Item[]): void {
  const names = new Set(items.flatMap(unknownProperties));
  if (names.size === 0) return;
  const list = [...names].map(name => `"${name}"`).join(", ");
  log.warn(`"${filename}" has properties that mean nothing: ${list}`);
}
