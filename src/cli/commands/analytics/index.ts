import type { Command } from "../../command.ts";
import { list } from "./list.ts";
import { query } from "./query.ts";

export const analytics: Command = {
  name: "analytics",
  summary: "query the data points of the Analytics Engine",
  examples: [
    { line: "worker analytics list", does: "the datasets" },
    { line: 'worker analytics query "SELECT count() FROM visits"', does: "ask one of them" },
  ],
  subcommands: [list, query],
};
