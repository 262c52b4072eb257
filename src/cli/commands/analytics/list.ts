import type { Command } from "../../command.ts";
import { dataInput } from "../../inputs.ts";
import { dataOptions } from "../../options.ts";
import { formatTable } from "../../terminal/table.ts";

export const list: Command = {
  name: "list",
  summary: "list the datasets that have data points",
  options: [{ flags: "--json", summary: "print them as JSON" }, ...dataOptions],
  examples: [{ line: "worker analytics list", does: "how many points each has, from when to when" }],
  async run(context, { options }) {
    const { listDatasets } = await import("../../../runtime/analytics-commands.ts");
    const datasets = await listDatasets(context, dataInput(context, options));
    if (options["json"] === true) {
      context.stdout.write(`${JSON.stringify(datasets, null, 2)}\n`);
      return;
    }
    if (datasets.length === 0) return void context.log.log("No data point has been written.");
    const rows = datasets.map(({ name, points, first, last }) => [name, String(points), first, last]);
    context.stdout.write(formatTable(["DATASET", "POINTS", "FIRST (UTC)", "LAST (UTC)"], rows));
  },
};
