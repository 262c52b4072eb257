import type { Command } from "../../command.ts";
import { list } from "./list.ts";
import { show } from "./show.ts";

export const email: Command = {
  name: "email",
  summary: "see the messages that workers have sent",
  examples: [
    { line: "worker email list", does: "all of them" },
    { line: "worker email show 1", does: "one of them" },
  ],
  subcommands: [list, show],
};
