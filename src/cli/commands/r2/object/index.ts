import type { Command } from "../../../command.ts";
import { deleteObject } from "./delete.ts";
import { get } from "./get.ts";
import { list } from "./list.ts";
import { put } from "./put.ts";

export const object: Command = {
  name: "object",
  summary: "put, get, list and delete objects",
  examples: [
    { line: "worker r2 object put files/a.txt --file a.txt", does: "store a file" },
    { line: "worker r2 object get files/a.txt --pipe", does: "write it to stdout" },
  ],
  subcommands: [put, get, list, deleteObject],
};
