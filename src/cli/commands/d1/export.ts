import { once } from "node:events";
import { resolve } from "node:path";
import type { Writable } from "node:stream";
import { UserError } from "../../../errors.ts";
import type { Command } from "../../command.ts";
import { dataOptions } from "../../options.ts";
import { replaceFile } from "../../replace-file.ts";
import { withDatabase } from "./database.ts";

/** `export` is a word of the language. */
export const exportCommand: Command = {
  name: "export",
  summary: "write a database as SQL",
  description: "Writes SQL that makes the database again, here or on Cloudflare: worker d1 execute takes it.",
  args: "<database>",
  options: [
    { flags: "--output <path>", summary: "file to write; - is stdout" },
    { flags: "--table <name>", summary: "table to export", repeatable: true, shownDefault: "all" },
    { flags: "--no-schema", summary: "rows only" },
    { flags: "--no-data", summary: "no rows" },
    { flags: "-y, --skip-confirmation", summary: "as wrangler's: there is no question to answer" },
    ...dataOptions,
  ],
  examples: [
    { line: "worker d1 export DB --output backup.sql", does: "all of it" },
    { line: "worker d1 export DB --output - --no-data", does: "the schema, to stdout" },
  ],
  async run(context, input) {
    const { options } = input;
    const output = options["output"] as string | undefined;
    if (output === undefined) {
      throw new UserError(
        "USAGE",
        "There is no file to write to.",
        "Name one: --output backup.sql, or - for stdout.",
      );
    }
    const schema = options["schema"] !== false;
    const data = options["data"] !== false;
    if (!schema && !data) {
      throw new UserError(
        "USAGE",
        "--no-schema and --no-data leave nothing to export.",
        "Leave out one of them.",
      );
    }
    const tables = (options["table"] ?? []) as readonly string[];
    await withDatabase(context, input, async ({ store, title, folder }) => {
      context.log.log(`🌀 Exporting local database ${title} from ${folder}:`);
      const write = (target: Writable) =>
        store.export({ tables, schema, data }, part => writeTo(target, part));
      if (output === "-") await write(context.stdout);
      else await replaceFile(resolve(context.cwd, output), "Name another one with --output.", write);
      context.log.log("Done!");
    });
    return undefined;
  },
};

/** Resolves when the stream takes more. One that has failed takes anything, and tells why at its end. */
async function writeTo(target: Writable, part: Uint8Array): Promise<void> {
  if (!target.write(part) && !target.destroyed) await once(target, "drain");
}
