/** Migrations: files of SQL that bring a database's schema up to date, and the account of those that were applied. */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix, resolve, sep } from "node:path";
import { UserError } from "../../errors.ts";
import { quoteName } from "../../storage/sql/quote.ts";
import type { D1Binding } from "./config.ts";
import type { D1Store } from "./store.ts";

type Migrations = Pick<D1Binding, "migrationsDir" | "migrationsPattern" | "migrationsTable">;

/** Makes the file of a new migration; its number follows the greatest there is. */
export function createMigration(
  root: string,
  migrations: Migrations,
  message: string,
  now: Date,
): { readonly name: string; readonly path: string } {
  if (/[/\\\0]/.test(message) || message.trim() === "") {
    throw new UserError(
      "USAGE",
      `"${message}" cannot be the message of a migration: it becomes the name of a file.`,
      'For example: worker d1 migrations create DB "add users"',
    );
  }
  const folder = resolve(root, migrations.migrationsDir);
  const numbers = existsSync(folder) ? migrationNames(root, migrations).map(numberOf) : [];
  const number = String(Math.max(0, ...numbers.filter(Number.isFinite)) + 1).padStart(4, "0");
  const name = `${number}_${message.replaceAll(" ", "_")}.sql`;
  const pattern = migrations.migrationsPattern;
  if (
    pattern !== null &&
    !posix.matchesGlob(posix.join(migrations.migrationsDir, name), posix.normalize(pattern))
  ) {
    throw new UserError(
      "CONFIG_INVALID",
      `The migration ${name} would not be among those of "migrations_pattern": "${pattern}".`,
      "Make the migration with the tool whose layout the pattern follows, or change the pattern.",
    );
  }
  const path = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, `-- Migration number: ${number} \t ${now.toISOString()}\n`, { flag: "wx" });
  } catch (error) {
    throw new UserError(
      "OUTPUT_UNWRITABLE",
      `The file ${path} cannot be written: ${(error as Error).message}.`,
      'Check the folder, or name another one: "migrations_dir".',
      { cause: error },
    );
  }
  return { name, path };
}

/** The names of the migrations that the database lacks, in the order in which they are applied. */
export async function unappliedMigrations(
  store: D1Store,
  root: string,
  migrations: Migrations,
): Promise<string[]> {
  const names = migrationNames(root, migrations);
  const table = quoteName(migrations.migrationsTable);
  await store.script(`CREATE TABLE IF NOT EXISTS ${table}(
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		name       TEXT UNIQUE,
		applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);`);
  const { results } = await store.query([{ sql: `SELECT name FROM ${table} ORDER BY id`, parameters: "[]" }]);
  const applied = new Set((JSON.parse(results[0]?.rows ?? "[]") as string[][]).flat());
  return names.filter(name => !applied.has(name));
}

/** Applies one migration and takes account of it, or does neither. */
export async function applyMigration(
  store: D1Store,
  root: string,
  migrations: Migrations,
  name: string,
): Promise<void> {
  const sql = readFileSync(join(root, migrations.migrationsDir, name), "utf8");
  const account = `INSERT INTO ${quoteName(migrations.migrationsTable)} (name) VALUES ('${name.replaceAll("'", "''")}');`;
  await store.script(`${sql}\n;\n${account}`);
}

/** Paths below `migrations_dir`, with slashes, by their numbers and then by their names. */
function migrationNames(root: string, { migrationsDir, migrationsPattern }: Migrations): string[] {
  const folder = resolve(root, migrationsDir);
  if (!existsSync(folder)) {
    throw new UserError(
      "FILE_UNREADABLE",
      `There are no migrations: the folder ${folder} does not exist.`,
      'Make the first one with "worker d1 migrations create", or name another folder: "migrations_dir".',
    );
  }
  const prefix = migrationsDir === "." ? "" : `${posix.normalize(migrationsDir).replace(/\/$/, "")}/`;
  const pattern = posix.normalize(migrationsPattern ?? `${prefix}*.sql`);
  if (!pattern.startsWith(prefix)) {
    throw new UserError(
      "CONFIG_INVALID",
      `"migrations_pattern": "${pattern}" does not begin with "${prefix}", the folder of the migrations.`,
      'Change "migrations_pattern" or "migrations_dir", so that the one begins with the other.',
    );
  }
  return globSync(pattern.slice(prefix.length), { cwd: folder })
    .map(name => name.replaceAll(sep, "/"))
    .sort((a, b) => order(numberOf(a), numberOf(b)) || (a < b ? -1 : 1));
}

const numberOf = (name: string) => Number.parseInt(name, 10);

/** Those without a number come last. */
function order(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a - b;
}
