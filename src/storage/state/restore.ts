/** A state folder made what a saved one is, while processes use it. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../errors.ts";
import { BlobFiles } from "./blob-files.ts";
import { emptyDatabase, removeUnreferenced } from "./clear.ts";
import { copyInto, referencedBlobs, withDatabase } from "./database.ts";
import { blobFolder, databaseFile, readLayout } from "./layout.ts";
import { copyPlain } from "./save.ts";
import { contentOf, readSaved, type SavedState, savedPath } from "./saved.ts";

/** A process that had deleted something just before may remove its blob only after the database refers to it again. */
const LATE_REMOVAL_MS = 250;

export interface Restored extends SavedState {
  /** Databases that were damaged. Processes that have them open do not see what they hold now. */
  readonly replaced: readonly string[];
}

interface Part {
  /** The database in the state folder. */
  readonly file: string;
  /** The same in the saved one. */
  readonly saved: string;
  readonly blobs: BlobFiles;
  readonly savedBlobs: BlobFiles;
  readonly ids: ReadonlySet<string>;
}

/**
 * Makes a state folder what the saved state of that name is. Each database changes in one transaction, which connections
 * of other processes see as any other; what the saved state lacks is emptied. Nothing is touched when the saved
 * state is damaged.
 */
export async function restoreState(stateDir: string, name: string): Promise<Restored> {
  const saved = await readSaved(stateDir, name);
  const content = contentOf(savedPath(stateDir, name));
  const wanted = await readLayout(content);
  const parts: Part[] = [];
  for (const database of wanted.databases) parts.push(await inspect(stateDir, content, database));
  const present = await readLayout(stateDir);
  const replaced: string[] = [];
  for (const part of parts) if (await restoreDatabase(part)) replaced.push(part.file);
  for (const database of present.databases) {
    if (!wanted.databases.includes(database)) await emptyDatabase(stateDir, database);
  }
  for (const file of present.files) {
    if (!wanted.files.includes(file)) await rm(join(stateDir, file), { force: true });
  }
  for (const file of wanted.files) await copyPlain(join(content, file), join(stateDir, file));
  if (parts.some(({ ids }) => ids.size > 0)) {
    await delay(LATE_REMOVAL_MS);
    for (const part of parts) await complete(part);
  }
  return { ...saved, replaced };
}

/** Looks at a saved database before anything is changed. */
async function inspect(stateDir: string, content: string, database: string): Promise<Part> {
  const saved = databaseFile(content, database);
  const savedBlobs = new BlobFiles(blobFolder(content, database));
  const there = await savedBlobs.list();
  const ids = await withDatabase(saved, { readonly: true }, connection => {
    // Reads the schema, so that what is no database is found out.
    connection.pragma("schema_version");
    return there === undefined ? new Set<string>() : referencedBlobs(connection);
  });
  const missing = [...ids].find(id => !there?.has(id));
  if (missing !== undefined) {
    throw new UserError(
      "STATE_DAMAGED",
      `The saved state is damaged: ${savedBlobs.directory} lacks ${missing}.`,
      "Take its folder from a copy, or save the state again.",
    );
  }
  const blobs = new BlobFiles(blobFolder(stateDir, database));
  return { file: databaseFile(stateDir, database), saved, blobs, savedBlobs, ids };
}

/** The blobs first, then the database that refers to them, then what only the old one referred to. */
async function restoreDatabase(part: Part): Promise<boolean> {
  const { file, saved, blobs, savedBlobs, ids } = part;
  await blobs.adopt(ids, savedBlobs);
  const before = (await blobs.list()) ?? new Map<string, string>();
  const replaced = await withDatabase(saved, { readonly: true }, connection => copyInto(connection, file));
  await complete(part);
  await removeUnreferenced(file, blobs, new Map([...before].filter(([id]) => !ids.has(id))));
  return replaced;
}

/** Puts back blobs that another process has removed: it had deleted what they belonged to, or found them unreferenced. */
async function complete({ file, blobs, savedBlobs, ids }: Part): Promise<void> {
  if (ids.size === 0) return;
  const there = await blobs.list();
  const missing = [...ids].filter(id => !there?.has(id));
  if (missing.length === 0) return;
  const referenced = await withDatabase(file, {}, referencedBlobs);
  await blobs.adopt(
    missing.filter(id => referenced.has(id)),
    savedBlobs,
  );
}
