/** A database as SQL text that makes it again. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isFree } from "./authorizer.ts";
import { SqlError } from "./error-text.ts";
import type { ExportOptions } from "./protocol.ts";
import { quoteName } from "./quote.ts";

interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly sql: string;
}

/** The statements of the export, a line each. There is no BEGIN: D1 refuses it, and runs a file as one transaction. */
export function* exportSql(database: DatabaseSync, options: ExportOptions): Generator<string> {
  const objects = database
    .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY rowid")
    .all() as unknown as SchemaRow[];
  const named = (name: string) => options.tables.length === 0 || options.tables.includes(name);
  for (const name of options.tables) {
    if (!objects.some(object => object.type === "table" && object.name === name)) {
      throw new SqlError(`no such table: ${name}`);
    }
  }
  yield "PRAGMA defer_foreign_keys=TRUE;";
  const shadows = shadowTables(database);
  const tables = objects.filter(
    ({ type, name }) =>
      type === "table" && named(name) && isFree(name) && !/^sqlite_/i.test(name) && !shadows.has(name),
  );
  for (const { name, sql } of tables) {
    if (/^CREATE VIRTUAL TABLE/i.test(sql)) {
      throw new SqlError(
        `D1 Export error: cannot export databases with Virtual Tables (fts5): ${name}. Name the other tables with --table.`,
      );
    }
    // As sqlite3's own .dump has it: a quoted name may be there already, such as that of the migrations' table.
    if (options.schema) yield `${sql.replace(/^CREATE TABLE (?=["'])/i, "CREATE TABLE IF NOT EXISTS ")};`;
    if (options.data) yield* rowsOf(database, name);
  }
  if (options.data) yield* sequencesOf(database, tables);
  if (!options.schema) return;
  for (const { type, tbl_name, sql } of objects) {
    if (type !== "table" && named(tbl_name)) yield `${sql};`;
  }
}

function* rowsOf(database: DatabaseSync, table: string): Generator<string> {
  // Hidden and generated columns are left to the table.
  const columns = (
    database.prepare(`PRAGMA table_xinfo(${quoteName(table)})`).all() as unknown as {
      name: string;
      hidden: number;
    }[]
  ).filter(column => column.hidden === 0);
  const names = columns.map(column => quoteName(column.name)).join(",");
  const statement: StatementSync = database.prepare(`SELECT ${names} FROM ${quoteName(table)}`);
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  for (const row of statement.iterate() as unknown as Iterable<unknown[]>) {
    yield `INSERT INTO ${quoteName(table)} (${names}) VALUES(${row.map(literal).join(",")});`;
  }
}

/** AUTOINCREMENT goes on where it was. */
function* sequencesOf(database: DatabaseSync, tables: readonly SchemaRow[]): Generator<string> {
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").get() === undefined)
    return;
  const sequences = database.prepare("SELECT name, seq FROM sqlite_sequence").all() as unknown as {
    name: string;
    seq: number;
  }[];
  for (const { name, seq } of sequences) {
    if (!tables.some(table => table.name === name)) continue;
    yield `DELETE FROM sqlite_sequence WHERE name = ${text(name)};`;
    yield `INSERT INTO sqlite_sequence VALUES(${text(name)},${seq});`;
  }
}

function shadowTables(database: DatabaseSync): Set<string> {
  const rows = database.prepare("SELECT name FROM pragma_table_list WHERE type = 'shadow'").all();
  return new Set(rows.map(row => row["name"] as string));
}

function literal(value: unknown): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return value > 0 ? "9e999" : "-9e999";
    const digits = String(value);
    // A real number stays one, in a column of no type too.
    return /^-?\d+$/.test(digits) ? `${digits}.0` : digits;
  }
  if (value instanceof Uint8Array)
    return `X'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}'`;
  return String(value);
}

/** A string on one line: line breaks and NUL are put in by functions. */
function text(value: string): string {
  const escaped = value.replaceAll("'", "''");
  const special = /[\0\r\n]/.exec(escaped);
  if (special === null) return `'${escaped}'`;
  let result = `'${escaped}'`;
  for (const [character, code] of [
    ["\n", 10],
    ["\r", 13],
    ["\0", 0],
  ] as const) {
    if (!escaped.includes(character)) continue;
    const mark = unusedMark(escaped, code);
    result = `replace(${result.replaceAll(character, mark)},'${mark}',char(${code}))`;
  }
  return result;
}

function unusedMark(value: string, code: number): string {
  const usual = { 10: "\\n", 13: "\\r" }[code] ?? "\\0";
  for (let mark = usual; ; mark = `\\${mark}`) {
    if (!value.includes(mark)) return mark;
  }
}
