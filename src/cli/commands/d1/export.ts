import { createWriteStream } from "node:fs";
import { resolve } from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { hasErrno, UserError } from "../../../errors.ts";
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
      const write = (target: Writable) => store.export({ tables, schema, data }, part => target.write(part));
      if (output === "-") await write(context.stdout);
      else await writeFile(resolve(context.cwd, output), write);
      context.log.log("Done!");
    });
    return undefined;
  },
};

async function writeFile(path: string, write: (target: Writable) => Promise<void>): Promise<void> {
  try {
    await replaceFile(path, async temporary => {
      const file = createWriteStream(temporary);
      const closed = finished(file);
      closed.catch(() => {});
      try {
        await write(file);
        file.end();
        await closed;
      } catch (error) {
        file.destroy();
        throw error;
      }
    });
  } catch (error) {
    if (!hasErrno(error, "ENOENT", "EACCES", "EISDIR", "ENOTDIR", "EROFS", "ENOSPC", "EPERM")) throw error;
    throw new UserError(
      "OUTPUT_UNWRITABLE",
      `The file ${path} cannot be written: ${(error as Error).message}.`,
      "Name another one with --output.",
      { cause: error },
    );
  }
}
