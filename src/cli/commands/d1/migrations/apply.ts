import { D1QueryError } from "../../../../bindings/d1/store.ts";
import type { Command } from "../../../command.ts";
import { dataOptions } from "../../../options.ts";
import { formatBoxedTable } from "../../../terminal/boxed-table.ts";
import { confirm } from "../../../terminal/confirm.ts";
import { sqlFailed, withDatabase } from "../database.ts";

export const apply: Command = {
  name: "apply",
  summary: "apply the migrations that are still to be",
  description:
    "Applies them one after another, each as one transaction. When one fails it is taken back, those before it stay, and " +
    "those behind it wait. Asks first on a terminal.",
  args: "<database>",
  options: [{ flags: "-y, --yes", summary: "do not ask", alias: "--force" }, ...dataOptions],
  examples: [{ line: "worker d1 migrations apply DB", does: "all that the database lacks" }],
  async run(context, input) {
    const { applyMigration, unappliedMigrations } = await import("../../../../bindings/d1/migrations.ts");
    return withDatabase(context, input, async ({ store, binding, config }) => {
      const names = await unappliedMigrations(store, config.root, binding);
      if (names.length === 0) {
        context.stdout.write("✅ No migrations to apply!\n");
        return undefined;
      }
      const states = names.map(name => ({ name, status: "🕒️" }));
      context.stdout.write(`Migrations to be applied:\n${formatBoxedTable(names.map(name => ({ name })))}`);
      const asked =
        input.options["yes"] === true ||
        (await confirm(context, `About to apply ${names.length} migration(s), continue?`, "yes"));
      if (!asked) return undefined;
      for (const state of states) {
        try {
          await applyMigration(store, config.root, binding, state.name);
          state.status = "✅";
        } catch (error) {
          state.status = "❌";
          context.stdout.write(formatBoxedTable(states));
          if (!(error instanceof D1QueryError)) throw error;
          throw sqlFailed(error, `Migration ${state.name} failed`);
        }
      }
      context.stdout.write(formatBoxedTable(states));
      return undefined;
    });
  },
};
