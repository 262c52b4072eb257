import { stat } from "node:fs/promises";
import type { Command } from "../../command.ts";
import { dataOptions } from "../../options.ts";
import { formatBoxedTable } from "../../terminal/boxed-table.ts";
import { rowsOf, withDatabase } from "./database.ts";

const TABLES = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`;

export const info: Command = {
  name: "info",
  summary: "tell what a database is and holds",
  args: "<database>",
  options: [{ flags: "--json", summary: "print JSON" }, ...dataOptions],
  examples: [{ line: "worker d1 info DB", does: "its file, size and tables" }],
  async run(context, input) {
    await withDatabase(context, input, async ({ store, binding, file }) => {
      const exists = await stat(file).catch(() => undefined);
      const results = exists ? (await store.query([{ sql: TABLES, parameters: "[]" }])).results : [];
      const [tables] = results;
      const names = tables === undefined ? [] : rowsOf(tables).map(({ name }) => String(name));
      const facts = {
        uuid: binding.databaseId ?? binding.id,
        name: binding.databaseName ?? binding.name,
        binding: binding.name,
        num_tables: names.length,
        file_size: tables?.size ?? 0,
        file,
        tables: names,
      };
      if (input.options["json"] === true) context.stdout.write(`${JSON.stringify(facts, null, 2)}\n`);
      else {
        const rows = Object.entries({ ...facts, tables: names.join("\n") });
        context.stdout.write(formatBoxedTable(rows.map(([property, value]) => ({ property, value }))));
      }
    });
    return undefined;
  },
};
