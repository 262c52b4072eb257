import type { Command } from "../../../command.ts";
import { deleteKey } from "./delete.ts";
import { get } from "./get.ts";
import { list } from "./list.ts";
import { put } from "./put.ts";

export const key: Command = {
  name: "key",
  summary: "put, get, list and delete keys",
  examples: [
    { line: 'worker kv key put greeting "hello"', does: "store a value" },
    { line: "worker kv key get greeting", does: "write it to stdout" },
  ],
  subcommands: [put, get, list, deleteKey],
};
