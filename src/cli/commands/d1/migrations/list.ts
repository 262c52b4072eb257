import type { Command } from "../../../command.ts";
import { dataOptions } from "../../../options.ts";
import { formatBoxedTable } from "../../../terminal/boxed-table.ts";
import { withDatabase } from "../database.ts";

export const listMigrations: Command = {
  name: "list",
  summary: "list the migrations that are still to be applied",
  args: "<database>",
  options: dataOptions,
  examples: [{ line: "worker d1 migrations list DB", does: "in the order in which they will be" }],
  async run(context, input) {
    const { unappliedMigrations } = await import("../../../../bindings/d1/migrations.ts");
    const names = await withDatabase(context, input, ({ store, binding, config }) =>
      unappliedMigrations(store, config.root, binding),
    );
    context.stdout.write(
      names.length === 0
        ? "✅ No migrations to apply!\n"
        : `Migrations to be applied:\n${formatBoxedTable(names.map(Name => ({ Name })))}`,
    );
    return undefined;
  },
};
