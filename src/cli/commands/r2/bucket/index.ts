import type { Command } from "../../../command.ts";
import { list } from "./list.ts";

export const bucket: Command = {
  name: "bucket",
  summary: "list buckets",
  examples: [{ line: "worker r2 bucket list", does: "names and bindings" }],
  subcommands: [list],
};
