/** Questions to the datasets of a state folder, beside whoever writes to them. */
import { existsSync } from "node:fs";
import type BetterSqlite3 from "better-sqlite3";
import { hasErrno, UserError } from "../../../errors.ts";
import { defineFunctions } from "./functions.ts";
import { translate } from "./translate.ts";

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Answers one query, which can change nothing. Rejects with a `UserError` for one that SQLite does not take. */
export async function queryDatasets(file: string, sql: string, now: () => number): Promise<Answer> {
  if (!existsSync(file)) {
    throw new UserError(
      "USAGE",
      "There is no data: no data point has been written yet.",
      "Write one with env.DATASET.writeDataPoint(…), or name another folder with --persist-to.",
    );
  }
  const { default: Sqlite } = await import("better-sqlite3");
  const connection = new Sqlite(file, { readonly: true });
  try {
    defineFunctions(connection, now);
    const statement = prepare(connection, sql).raw();
    const columns = statement.columns().map(({ name }) => name);
    return { columns, rows: statement.all() as unknown[][] };
  } catch (error) {
    throw explain(error);
  } finally {
    connection.close();
  }
}

function prepare(connection: BetterSqlite3.Database, sql: string): BetterSqlite3.Statement {
  const statement = connection.prepare(translate(sql));
  if (statement.reader && statement.readonly) return statement;
  throw new UserError(
    "USAGE",
    "Only queries are answered: the data is the workers' to write.",
    "Begin with SELECT.",
  );
}

function explain(error: unknown): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const refused =
    hasErrno(error, "SQLITE_ERROR", "SQLITE_READONLY", "SQLITE_AUTH") ||
    error instanceof TypeError ||
    error instanceof RangeError;
  if (!refused) return error;
  const hint = /no such table/.test(error.message)
    ? "worker analytics list shows the datasets that there are."
    : "The SQL is SQLite's, with the functions of Cloudflare's: see docs/bindings/analytics-engine.md.";
  return new UserError("USAGE", `The query cannot be answered: ${error.message}.`, hint, { cause: error });
}
