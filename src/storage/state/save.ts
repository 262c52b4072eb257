/** A consistent copy of a state folder that may be in use. */
import { constants, copyFile, mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hasErrno, UserError } from "../../errors.ts";
import { BlobFiles } from "./blob-files.ts";
import { type Connection, copyOut, referencedBlobs, withDatabase } from "./database.ts";
import { blobFolder, databaseFile, readLayout } from "./layout.ts";
import { makeSaved, type SavedState } from "./saved.ts";

/** How often a database is tried whose blobs are replaced while they are copied; the last time, writers wait. */
const ATTEMPTS = 4;

/**
 * Saves a state folder under a name. Each database is copied as of one moment, with the blobs that it refers to at that
 * moment; different databases are of different moments. Processes that use them go on meanwhile.
 */
export async function saveState(stateDir: string, name: string, now: number): Promise<SavedState> {
  return makeSaved(stateDir, name, now, async content => {
    const { databases, files } = await readLayout(stateDir);
    for (const database of databases) await saveDatabase(stateDir, content, database);
    for (const file of files) await copyPlain(join(stateDir, file), join(content, file));
    return { bytes: await sizeOf(content), databases: databases.length };
  });
}

/** Copies a file, or nothing where it has gone meanwhile. */
export async function copyPlain(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target, constants.COPYFILE_FICLONE).catch((error: unknown) => {
    if (!hasErrno(error, "ENOENT")) throw error;
  });
}

async function saveDatabase(stateDir: string, content: string, database: string): Promise<void> {
  const file = databaseFile(stateDir, database);
  const copy = databaseFile(content, database);
  const source = new BlobFiles(blobFolder(stateDir, database));
  const target = new BlobFiles(blobFolder(content, database));
  const hasBlobs = (await source.list()) !== undefined;
  await mkdir(dirname(copy), { recursive: true });
  const attempt = () =>
    withDatabase(file, {}, reader =>
      inSnapshot(reader, async () => {
        const blobs = hasBlobs ? referencedBlobs(reader) : [];
        const lost = await target.adopt(blobs, source);
        if (lost.length === 0) await copyOut(reader, copy);
        return lost;
      }),
    );
  for (let count = 1; ; count++) {
    const lost = count < ATTEMPTS ? await attempt() : await whileWritersWait(file, attempt);
    if (lost.length === 0) return;
    if (count === ATTEMPTS) throw lostBlobs(file, source, lost);
    // Replaced since the snapshot was taken: a new one refers to what is there now.
    await rm(target.directory, { recursive: true, force: true });
  }
}

/** Sees one state of the database, whatever is written meanwhile. */
async function inSnapshot<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  connection.exec("BEGIN");
  try {
    return await work();
  } finally {
    connection.exec("COMMIT");
  }
}

function whileWritersWait<T>(file: string, work: () => Promise<T>): Promise<T> {
  return withDatabase(file, {}, async locked => {
    locked.exec("BEGIN IMMEDIATE");
    try {
      return await work();
    } finally {
      locked.exec("ROLLBACK");
    }
  });
}

function lostBlobs(
  file: string,
  { directory }: BlobFiles,
  [first = "", ...others]: readonly string[],
): UserError {
  const more = others.length === 0 ? "" : ` and ${others.length} others`;
  return new UserError(
    "STATE_DAMAGED",
    `The database ${file} refers to ${first}${more}, which ${directory} lacks.`,
    `Restore ${directory} from a copy, or remove what lacks its value: reading it is an error that names it.`,
  );
}

async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  let bytes = 0;
  for (const entry of entries) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
