import type { KVHost } from "../../../../bindings/kv/host.ts";
import { textOf } from "../../../../bindings/kv/value.ts";
import type { Command } from "../../../command.ts";
import { writeJsonObject } from "../../../terminal/json-list.ts";
import { attempt, namespaceOptions, withNamespace } from "../open.ts";
import { readKeys } from "./file.ts";

export const get: Command = {
  name: "get",
  summary: "write the values of many keys as JSON",
  description:
    "Takes a JSON array of keys (strings, or objects with a name, as kv key list writes them), and writes an object " +
    'to stdout: {"key": {"value": "…"}}, with null where there is no value. Values are taken as UTF-8 text.',
  args: "<filename>",
  options: namespaceOptions,
  examples: [
    { line: "worker kv bulk get keys.json --binding KV", does: 'such as ["a", "b"]' },
    { line: "worker kv key list | worker kv bulk get -", does: "everything" },
  ],
  run: (context, { args: [filename = ""], options }) =>
    withNamespace(context, options, async ({ kv }) => {
      const keys = await readKeys(context, filename);
      await writeJsonObject(context.stdout, valuesOf(kv, new Set(keys)));
      return undefined;
    }),
};

async function* valuesOf(kv: KVHost, keys: Iterable<string>): AsyncGenerator<readonly [string, unknown]> {
  for (const key of keys) {
    const entry = await attempt(kv.get(key, null), `The key ${JSON.stringify(key)}: `);
    yield [key, { value: entry === null ? null : await textOf(entry) }];
  }
}
