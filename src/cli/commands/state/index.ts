import type { Command } from "../../command.ts";
import { clear } from "./clear.ts";
import { importCommand } from "./import.ts";
import { list } from "./list.ts";
import { path } from "./path.ts";
import { restore } from "./restore.ts";
import { save } from "./save.ts";

export const state: Command = {
  name: "state",
  summary: "save, restore and empty the data of bindings",
  examples: [
    { line: "worker state save seed", does: "keep a copy of all data" },
    { line: "worker state restore seed", does: "start from it again" },
    { line: "worker state clear", does: "start from nothing" },
  ],
  subcommands: [save, restore, list, clear, path, importCommand],
};
