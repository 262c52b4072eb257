import { stat } from "node:fs/promises";
import { databaseFile } from "../../../bindings/d1/host.ts";
import { openStores } from "../../../runtime/stores.ts";
import type { Command } from "../../command.ts";
import { dataInput } from "../../inputs.ts";
import { dataOptions } from "../../options.ts";
import { formatBoxedTable } from "../../terminal/boxed-table.ts";
import { databasesOf } from "./database.ts";

export const list: Command = {
  name: "list",
  summary: "list the databases of the configuration",
  options: [{ flags: "--json", summary: "print JSON" }, ...dataOptions],
  examples: [{ line: "worker d1 list", does: "bindings, names, and the sizes of their files" }],
  async run(context, { options }) {
    const stores = await openStores(context, dataInput(context, options));
    const rows = await Promise.all(
      databasesOf(stores).map(async binding => ({
        binding: binding.name,
        name: binding.databaseName ?? binding.name,
        uuid: binding.databaseId ?? binding.id,
        file_size: (await stat(databaseFile(binding, stores.environment)).catch(() => undefined))?.size ?? 0,
      })),
    );
    if (options["json"] === true) context.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    else if (rows.length === 0) context.log.log("The configuration has no D1 databases.");
    else context.stdout.write(formatBoxedTable(rows));
    return undefined;
  },
};
