import { readText, withoutMark } from "../../../runtime/read-text.ts";
import type { Command } from "../../command.ts";
import { dataInput } from "../../inputs.ts";
import { dataOptions } from "../../options.ts";
import { formatTable } from "../../terminal/table.ts";

export const query: Command = {
  name: "query",
  summary: "answer a query in SQL",
  description:
    "Answers a query in SQL about the datasets, each of which is a table. It can change nothing. - reads it from stdin.",
  args: "<sql>",
  options: [{ flags: "--json", summary: "print the rows as JSON" }, ...dataOptions],
  examples: [
    { line: 'worker analytics query "SELECT blob1, count() FROM visits GROUP BY blob1"', does: "as a table" },
    {
      line: `worker analytics query "SELECT * FROM visits WHERE timestamp > NOW() - INTERVAL '1' HOUR" --json`,
      does: "as JSON",
    },
    { line: "worker analytics query - < query.sql", does: "from a file" },
  ],
  async run(context, { args: [sql = ""], options }) {
    const { queryAnalytics } = await import("../../../runtime/analytics-commands.ts");
    const asked = sql === "-" ? withoutMark(await readText(context.stdin)) : sql;
    const { columns, rows } = await queryAnalytics(context, dataInput(context, options), asked);
    if (options["json"] === true) {
      const objects = rows.map(row =>
        Object.fromEntries(columns.map((column, at) => [column, plain(row[at])])),
      );
      context.stdout.write(`${JSON.stringify(objects, null, 2)}\n`);
    } else {
      const shown = rows.map(row => row.map(value => String(plain(value) ?? "NULL")));
      context.stdout.write(formatTable(columns, shown));
    }
  },
};

/** Bytes that are not UTF-8 are shown as well as text can. */
const plain = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : value);
