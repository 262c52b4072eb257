import type { Command } from "../../../command.ts";
import { list } from "./list.ts";

export const namespace: Command = {
  name: "namespace",
  summary: "list namespaces",
  examples: [{ line: "worker kv namespace list", does: "ids and titles" }],
  subcommands: [list],
};
