import type { Command } from "../../../command.ts";
import { put } from "./put.ts";

export const bulk: Command = {
  name: "bulk",
  summary: "put many objects at once",
  examples: [
    { line: "worker r2 bulk put files --filename list.json", does: "store the files that a list names" },
  ],
  subcommands: [put],
};
