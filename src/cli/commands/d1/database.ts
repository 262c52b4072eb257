/** What the d1 commands share: the database that was named, open for as long as a command needs it. */
import { relative } from "node:path";
import type { D1Binding } from "../../../bindings/d1/config.ts";
import { createD1, databaseFile } from "../../../bindings/d1/host.ts";
import { d1CommandLimits } from "../../../bindings/d1/limits.ts";
import { D1QueryError, type D1Result, type D1Store } from "../../../bindings/d1/store.ts";
import type { Config } from "../../../config/config.ts";
import { EXIT, UserError } from "../../../errors.ts";
import { openStores, type Stores } from "../../../runtime/stores.ts";
import type { CommandContext, ParsedInput } from "../../command.ts";
import { dataInput } from "../../inputs.ts";

export interface NamedDatabase {
  readonly binding: D1Binding;
  readonly config: Config;
  /** As messages call it: name, and id. */
  readonly title: string;
  readonly file: string;
  /** Relative to where the command was started. */
  readonly folder: string;
}

export interface OpenDatabase extends NamedDatabase {
  readonly store: D1Store;
}

/** The databases of the configuration. */
export function databasesOf({ config }: Pick<Stores, "config">): readonly D1Binding[] {
  return config.bindings.filter(({ type }) => type === "d1") as D1Binding[];
}

/** The database that the first argument names: by binding, by name or by id. */
export async function findDatabase(
  context: CommandContext,
  input: ParsedInput,
): Promise<NamedDatabase & Stores> {
  const stores = await openStores(context, dataInput(context, input.options));
  const [name = ""] = input.args;
  const all = databasesOf(stores);
  const binding =
    all.find(database => database.name === name) ??
    all.find(database => database.databaseName === name) ??
    all.find(database => database.databaseId === name || database.id === name);
  if (binding === undefined) throw notFound(name, all);
  const file = databaseFile(binding, stores.environment);
  const folder =
    relative(context.cwd, file)
      .replace(/[^/\\]*$/, "")
      .replace(/[/\\]$/, "") || ".";
  return { ...stores, binding, file, folder, title: `${name} (${binding.databaseId ?? binding.id})` };
}

/** Opens the database that the first argument names, and closes it after the work. */
export async function withDatabase<T>(
  context: CommandContext,
  input: ParsedInput,
  work: (database: OpenDatabase) => Promise<T>,
): Promise<T> {
  const database = await findDatabase(context, input);
  const store = createD1(database.binding, database.environment, d1CommandLimits);
  // Nothing else can end a query: its process goes with this one, and SQLite takes back what was not committed.
  const stop = () => process.exit(EXIT.interrupted);
  context.interrupted.addEventListener("abort", stop, { once: true });
  try {
    return await work({ ...database, store });
  } catch (error) {
    throw error instanceof D1QueryError ? sqlFailed(error) : error;
  } finally {
    context.interrupted.removeEventListener("abort", stop);
    await store.close();
  }
}

/** What SQL was refused for, as a user of the command line sees it. */
export function sqlFailed(error: D1QueryError, what?: string): UserError {
  const { message, statement } = error;
  const where = statement === undefined ? "" : ` in statement ${statement + 1}`;
  return new UserError(
    "SQL_FAILED",
    `${what ?? "The SQL failed"}${where}: ${message}`,
    "Nothing of it has been done. Mend it, and run the command again.",
    { cause: error },
  );
}

/** The rows of a result by their columns; of two columns with one name the later one counts. */
export function rowsOf({ columns, rows }: D1Result): Record<string, unknown>[] {
  return (JSON.parse(rows) as unknown[][]).map(row =>
    Object.fromEntries(columns.map((column, index) => [column, row[index]])),
  );
}

function notFound(name: string, all: readonly D1Binding[]): UserError {
  const known = all.map(({ name, databaseName }) =>
    databaseName === null ? name : `${name} (${databaseName})`,
  );
  return new UserError(
    "BINDING_NOT_FOUND",
    `There is no D1 database with the binding, name or id "${name}" in the configuration.`,
    known.length === 0 ? 'Name it: "d1_databases": [{ "binding": "DB" }].' : `It has ${known.join(", ")}.`,
  );
}
