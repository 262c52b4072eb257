import type { KVHost } from "../../../../bindings/kv/host.ts";
import type { KVPage } from "../../../../bindings/kv/store.ts";
import type { Command } from "../../../command.ts";
import { writeJsonArray } from "../../../terminal/json-list.ts";
import { attempt, namespaceOptions, withNamespace } from "../open.ts";

export const list: Command = {
  name: "list",
  summary: "list keys as JSON",
  description:
    "Writes all keys to stdout as a JSON array of objects with name and, where there are any, expiration and metadata.",
  options: [{ flags: "--prefix <text>", summary: "only keys that start with this" }, ...namespaceOptions],
  examples: [
    { line: "worker kv key list --binding KV", does: "all keys" },
    { line: "worker kv key list --prefix user: | jq -r '.[].name'", does: "the names of some" },
  ],
  run: (context, { options }) =>
    withNamespace(context, options, async ({ kv }) => {
      await writeJsonArray(context.stdout, keysOf(kv, (options["prefix"] as string | undefined) ?? null));
      return undefined;
    }),
};

async function* keysOf(kv: KVHost, prefix: string | null): AsyncGenerator<unknown> {
  for (let cursor: string | null = null; ; ) {
    const page: KVPage = await attempt(kv.list(prefix, null, cursor));
    for (const { name, expiration, metadata } of page.keys) {
      yield {
        name,
        ...(expiration === null ? {} : { expiration }),
        ...(metadata === null ? {} : { metadata: JSON.parse(metadata) as unknown }),
      };
    }
    cursor = page.cursor;
    if (cursor === null) return;
  }
}
