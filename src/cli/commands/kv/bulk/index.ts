import type { Command } from "../../../command.ts";
import { deleteKeys } from "./delete.ts";
import { get } from "./get.ts";
import { put } from "./put.ts";

export const bulk: Command = {
  name: "bulk",
  summary: "put, get and delete many keys at once",
  examples: [{ line: "worker kv bulk put seed.json", does: "store what a file holds" }],
  subcommands: [put, get, deleteKeys],
};
