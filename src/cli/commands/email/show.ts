import { pipeline } from "node:stream/promises";
import { UserError } from "../../../errors.ts";
import type { Command } from "../../command.ts";
import { dataInput } from "../../inputs.ts";
import { dataOptions } from "../../options.ts";

export const show: Command = {
  name: "show",
  summary: "print a message",
  description: "Prints a message as it would have left: header and body.",
  args: "<id>",
  options: dataOptions,
  examples: [
    { line: "worker email show 3", does: "the message that the list has as 3" },
    { line: "worker email show 3 > message.eml", does: "as a file for a mail program" },
  ],
  async run(context, { args: [id = ""], options }) {
    const { withMailbox } = await import("../../../runtime/email-commands.ts");
    await withMailbox(context, dataInput(context, options), async ({ store }) => {
      const found = /^\d{1,15}$/.test(id) ? await store.get(Number(id)) : null;
      if (found === null) {
        throw new UserError(
          "USAGE",
          `There is no message "${id}".`,
          "worker email list shows those that there are.",
        );
      }
      await pipeline(found.raw, context.stdout, { end: false });
    });
  },
};
