import type { Command } from "../../../command.ts";
import { dataOptions } from "../../../options.ts";
import { findDatabase } from "../database.ts";

export const create: Command = {
  name: "create",
  summary: "make a file for a new migration",
  args: "<database> <message>",
  options: dataOptions,
  examples: [{ line: 'worker d1 migrations create DB "add users"', does: "migrations/0001_add_users.sql" }],
  async run(context, input) {
    const { createMigration } = await import("../../../../bindings/d1/migrations.ts");
    const { binding, config } = await findDatabase(context, input);
    const { name, path } = createMigration(config.root, binding, input.args[1] ?? "", new Date());
    context.stdout.write(
      `✅ Successfully created Migration '${name}'!\n\nThe migration is available for editing here\n${path}\n`,
    );
    return undefined;
  },
};
