import type { Command } from "../../command.ts";
import { bulk } from "./bulk/index.ts";
import { key } from "./key/index.ts";
import { namespace } from "./namespace/index.ts";

export const kv: Command = {
  name: "kv",
  summary: "see and change what KV namespaces hold",
  description: "See and change what KV namespaces hold, on this machine, with a server running or not.",
  examples: [
    { line: 'worker kv key put greeting "hello" --binding KV', does: "store a value" },
    { line: "worker kv key list --binding KV", does: "keys as JSON" },
    { line: "worker kv bulk put seed.json --binding KV", does: "many at once" },
  ],
  subcommands: [key, bulk, namespace],
};
