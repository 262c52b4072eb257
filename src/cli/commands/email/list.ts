import type { Command } from "../../command.ts";
import { dataInput } from "../../inputs.ts";
import { dataOptions } from "../../options.ts";
import { formatTable } from "../../terminal/table.ts";
import { formatTime } from "../../terminal/units.ts";

export const list: Command = {
  name: "list",
  summary: "list the messages that workers have sent",
  description:
    "Lists what was sent by send_email bindings, and what email handlers have forwarded and replied, the oldest first.",
  options: [{ flags: "--json", summary: "print them as JSON" }, ...dataOptions],
  examples: [
    { line: "worker email list", does: "who wrote to whom, and when" },
    { line: "worker email list --json | jq -r '.[-1].file'", does: "the file of the last one" },
  ],
  async run(context, { options }) {
    const { withMailbox } = await import("../../../runtime/email-commands.ts");
    const messages = await withMailbox(context, dataInput(context, options), ({ store }) => store.list());
    if (options["json"] === true) {
      const shown = messages.map(message => ({ ...message, sentAt: new Date(message.sentAt).toISOString() }));
      context.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
      return;
    }
    if (messages.length === 0) return void context.log.log("No message has been sent.");
    const rows = messages.map(({ id, kind, sentAt, from, to, subject }) => [
      String(id),
      kind,
      formatTime(sentAt),
      from,
      to.join(", "),
      subject,
    ]);
    context.stdout.write(formatTable(["ID", "KIND", "SENT (UTC)", "FROM", "TO", "SUBJECT"], rows));
  },
};
