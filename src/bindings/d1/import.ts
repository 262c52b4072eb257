/** D1 databases as Miniflare keeps them, into ours: both are plain databases of SQLite. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quoteName } from "../../storage/sql/quote.ts";
import { type Connection, copyInto, copyOut, withDatabase } from "../../storage/state/database.ts";
import type { WranglerDatabase, WranglerState } from "../../storage/wrangler/state.ts";
import type { ImportCounts } from "../import-counts.ts";

/** workerd's own tables are no part of a database. */
const OWN = "name LIKE '\\_cf\\_%' ESCAPE '\\'";

/** Makes the database in `file` what the source is, in one transaction, unless it is that already. */
export async function importD1(
  state: WranglerState,
  source: WranglerDatabase,
  file: string,
): Promise<ImportCounts> {
  const folder = await mkdtemp(join(tmpdir(), "worker-import-"));
  const copy = join(folder, "copy.sqlite");
  try {
    await state.read(source.file, connection => copyOut(connection, copy));
    return await withDatabase(copy, {}, async connection => {
      for (const table of namesOf(connection, `type = 'table' AND ${OWN}`))
        connection.exec(`DROP TABLE ${table}`);
      const present = await digestOf(file);
      const counts = { added: 0, replaced: 0, unchanged: 0 };
      if (present === digest(connection)) return { ...counts, unchanged: present === EMPTY ? 0 : 1 };
      await copyInto(connection, file);
      return present === EMPTY ? { ...counts, added: 1 } : { ...counts, replaced: 1 };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Stands for all that is in a database: its schema, and the rows of its tables. */
function digest(connection: Connection): string {
  const hash = createHash("sha256");
  const schema = connection.prepare<[], { name: string; sql: string | null }>(
    "SELECT name, sql FROM sqlite_schema ORDER BY type, name",
  );
  for (const { name, sql } of schema.all()) hash.update(`${JSON.stringify([name, sql])}\n`);
  for (const table of namesOf(connection, "type = 'table' AND rootpage <> 0")) {
    const rows = connection.prepare(`SELECT * FROM ${table}`).raw().safeIntegers();
    for (const row of rows.iterate()) hash.update(`${JSON.stringify(row, exactly)}\n`);
  }
  return hash.digest("hex");
}

const EMPTY = createHash("sha256").digest("hex");

async function digestOf(file: string): Promise<string> {
  const exists = await stat(file).then(
    () => true,
    () => false,
  );
  return exists ? withDatabase(file, {}, digest) : EMPTY;
}

/** JSON has no integers of 64 bits. */
const exactly = (_key: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value);

/** Names of the schema, quoted. */
function namesOf(connection: Connection, condition: string): string[] {
  const names = connection.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE ${condition}`).pluck();
  return names.all().map(quoteName);
}
