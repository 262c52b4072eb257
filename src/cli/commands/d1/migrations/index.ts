import type { Command } from "../../../command.ts";
import { apply } from "./apply.ts";
import { create } from "./create.ts";
import { listMigrations } from "./list.ts";

export const migrations: Command = {
  name: "migrations",
  summary: "create, list and apply the migrations of a database",
  examples: [
    { line: 'worker d1 migrations create DB "add users"', does: "a new file to write SQL into" },
    { line: "worker d1 migrations list DB", does: "those that are still to be applied" },
    { line: "worker d1 migrations apply DB", does: "apply them" },
  ],
  subcommands: [create, listMigrations, apply],
};
