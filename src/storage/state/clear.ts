/** A state folder emptied, while processes use it. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { quoteName } from "../sql/quote.ts";
import { BlobFiles } from "./blob-files.ts";
import {
  type Connection,
  copyInto,
  referencedBlobs,
  removeDatabase,
  withDatabase,
  withEmptyDatabase,
} from "./database.ts";
import { blobFolder, databaseFile, isOfTheWorker, readLayout } from "./layout.ts";

/**
 * Empties a state folder. The files of databases stay, because another process may have them open: whatever it wrote
 * would go to a file that nobody finds.
 */
export async function clearState(stateDir: string): Promise<{ readonly databases: number }> {
  const { databases, files } = await readLayout(stateDir);
  for (const database of databases) await emptyDatabase(stateDir, database);
  for (const file of files) await rm(join(stateDir, file), { force: true });
  return { databases: databases.length };
}

/** Empties a database and its blobs. A damaged one is removed. */
export async function emptyDatabase(stateDir: string, database: string): Promise<void> {
  const file = databaseFile(stateDir, database);
  const blobs = new BlobFiles(blobFolder(stateDir, database));
  const before = await blobs.list();
  try {
    if (isOfTheWorker(database)) {
      await withEmptyDatabase(file, empty => copyInto(empty, file));
    } else {
      await withDatabase(file, {}, deleteAllRows);
    }
  } catch (error) {
    if (!(error instanceof UserError && error.code === "STATE_DAMAGED")) throw error;
    await removeDatabase(file);
    await rm(blobs.directory, { recursive: true, force: true });
    return;
  }
  await removeUnreferenced(file, blobs, before ?? new Map());
}

/** Removes those of the files, by their ids, that the database does not refer to. */
export async function removeUnreferenced(
  file: string,
  blobs: BlobFiles,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  if (files.size === 0) return;
  const referenced = await withDatabase(file, {}, referencedBlobs);
  for (const [id, name] of files) if (!referenced.has(id)) await blobs.remove(name);
}

function deleteAllRows(connection: Connection): void {
  const tables = connection
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .pluck();
  connection
    .transaction(() => {
      for (const name of tables.all()) connection.exec(`DELETE FROM ${quoteName(name)}`);
    })
    .immediate();
  try {
    connection.exec("VACUUM");
    connection.pragma("wal_checkpoint(TRUNCATE)");
  } catch {
    // Only gives back space: another process may be in the way.
  }
}
