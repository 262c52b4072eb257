import type { Command } from "../../command.ts";
import { execute } from "./execute.ts";
import { exportCommand } from "./export.ts";
import { info } from "./info.ts";
import { list } from "./list.ts";
import { migrations } from "./migrations/index.ts";

export const d1: Command = {
  name: "d1",
  summary: "query, migrate and export D1 databases",
  examples: [
    { line: 'worker d1 execute DB --command "SELECT * FROM users"', does: "run SQL" },
    { line: "worker d1 migrations apply DB", does: "bring the schema up to date" },
    { line: "worker d1 export DB --output backup.sql", does: "write it as SQL" },
  ],
  subcommands: [execute, migrations, exportCommand, info, list],
};
