import type { Command } from "../../../command.ts";
import { create } from "./create.ts";
import { deleteSecret } from "./delete.ts";
import { duplicate } from "./duplicate.ts";
import { get } from "./get.ts";
import { list } from "./list.ts";
import { update } from "./update.ts";

export const secret: Command = {
  name: "secret",
  summary: "make, list, change and remove secrets",
  examples: [{ line: "worker secrets-store secret list my-store", does: "those that there are" }],
  subcommands: [create, list, get, update, deleteSecret, duplicate],
};
