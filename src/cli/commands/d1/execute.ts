import { open, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { EXIT, UserError } from "../../../errors.ts";
import { readText, withoutMark } from "../../../runtime/read-text.ts";
import type { Command, CommandContext, ParsedInput } from "../../command.ts";
import { dataOptions } from "../../options.ts";
import { formatBoxedTable } from "../../terminal/boxed-table.ts";
import { countOf } from "../../terminal/units.ts";
import { rowsOf, withDatabase } from "./database.ts";

const SQLITE_FILE = "SQLite format 3";

export const execute: Command = {
  name: "execute",
  summary: "run SQL on a database",
  description:
    "Runs any number of statements as one transaction: all of them or none. Prints the rows as tables on a terminal, and " +
    "as JSON elsewhere.",
  args: "<database>",
  options: [
    { flags: "--command <sql>", summary: "the SQL to run" },
    { flags: "--file <path>", summary: "file of SQL to run; - reads stdin" },
    { flags: "--json", summary: "print JSON, and nothing else" },
    { flags: "-y, --yes", summary: "as wrangler's: there is no question to answer" },
    ...dataOptions,
  ],
  examples: [
    { line: 'worker d1 execute DB --command "SELECT * FROM users"', does: "by binding, name or id" },
    { line: "worker d1 execute DB --file seed.sql", does: "a whole file" },
    { line: "sqlite3 old.sqlite .dump | worker d1 execute DB --file -", does: "from another program" },
  ],
  async run(context, input) {
    const json = input.options["json"] === true;
    if (json && !context.log.shows("debug")) context.log.level = "error";
    try {
      return await executeSql(context, input, json);
    } catch (error) {
      if (!json || !(error instanceof UserError) || error.code !== "SQL_FAILED") throw error;
      context.stdout.write(
        `${JSON.stringify({ error: { text: (error.cause as Error).message } }, null, 2)}\n`,
      );
      return EXIT.failed;
    }
  },
};

async function executeSql(context: CommandContext, input: ParsedInput, json: boolean): Promise<undefined> {
  const sql = await sqlOf(context, input);
  return withDatabase(context, input, async ({ store, title, folder }) => {
    context.log.log(`🌀 Executing on local database ${title} from ${folder}:`);
    const { results } = await store.script(withoutTransaction(sql));
    context.log.log(`🚣 ${countOf(results.length, "command")} executed successfully.`);
    const tables = !json && context.stdout.isTTY === true;
    const shown = results.map(result => ({
      results: rowsOf(result).map(printable),
      success: true,
      meta: { duration: result.milliseconds },
    }));
    if (!tables) context.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    else
      for (const { results } of shown)
        if (results.length > 0) context.stdout.write(formatBoxedTable(results));
    return undefined;
  });
}

/** A BLOB is `[1, 2]`, as wrangler prints it. */
function printable(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      Array.isArray(value) ? `[${value.join(", ")}]` : value,
    ]),
  );
}

/** Without the frame that sqlite3's own dumps have: the SQL is one transaction anyway. */
function withoutTransaction(sql: string): string {
  return sql
    .replace(
      /^\s*PRAGMA\s+foreign_keys\s*=\s*OFF\s*;\s*BEGIN(?:\s+TRANSACTION)?\s*;/i,
      "PRAGMA defer_foreign_keys = ON;",
    )
    .replace(/^COMMIT\s*;\s*$(?![\s\S]*\S)/im, "");
}

async function sqlOf(context: CommandContext, { options }: ParsedInput): Promise<string> {
  const command = options["command"] as string | undefined;
  const file = options["file"] as string | undefined;
  if (command !== undefined && file !== undefined) {
    throw new UserError("USAGE", "--command and --file are both given.", "Leave out one of them.");
  }
  if (command !== undefined) return command;
  if (file === undefined) {
    throw new UserError(
      "USAGE",
      "There is no SQL to run.",
      'Give it with --command "SELECT 1", or name a file with --file.',
    );
  }
  if (file === "-") return withoutMark(await readText(context.stdin));
  const path = resolve(context.cwd, file);
  try {
    await refuseDatabase(path);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      "FILE_UNREADABLE",
      `The file ${path} cannot be read: ${(error as Error).message}.`,
      "Check the path given with --file.",
      { cause: error },
    );
  }
}

async function refuseDatabase(path: string): Promise<void> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(SQLITE_FILE.length);
    await file.read(head, 0, head.length, 0);
    if (head.toString() !== SQLITE_FILE) return;
  } finally {
    await file.close();
  }
  throw new UserError(
    "FILE_UNREADABLE",
    `The file ${path} is a SQLite database, and not SQL.`,
    `Turn it into SQL: sqlite3 ${path} .dump | worker d1 execute … --file -`,
  );
}
