/** What a state folder holds: databases, each perhaps with a folder of blobs, and plain files. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { hasErrno } from "../../errors.ts";
import { BLOBS_EXTENSION, DATABASE_EXTENSION, filesOf } from "../paths.ts";

/** What SQLite keeps beside a database. */
const COMPANION = /\.sqlite-(?:wal|shm|journal)$/;

export interface StateLayout {
  /** Paths of databases without their extension, relative to the folder: "kv/cart". */
  readonly databases: readonly string[];
  /** Paths of all other files, blobs excepted. */
  readonly files: readonly string[];
}

/** Looks through a state folder. One that is not there holds nothing. */
export async function readLayout(directory: string): Promise<StateLayout> {
  const databases: string[] = [];
  const files: string[] = [];
  const visit = async (below: string): Promise<void> => {
    const entries = await readdir(join(directory, below), { withFileTypes: true }).catch((error: unknown) => {
      if (hasErrno(error, "ENOENT")) return [];
      throw error;
    });
    for (const entry of entries) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!entry.name.endsWith(BLOBS_EXTENSION)) await visit(path);
      } else if (entry.name.endsWith(DATABASE_EXTENSION)) {
        databases.push(path.slice(0, -DATABASE_EXTENSION.length));
      } else if (entry.isFile() && !COMPANION.test(entry.name)) {
        files.push(path);
      }
    }
  };
  await visit("");
  return { databases: databases.sort(), files: files.sort() };
}

export function databaseFile(directory: string, database: string): string {
  return filesOf(join(directory, database)).database;
}

export function blobFolder(directory: string, database: string): string {
  return filesOf(join(directory, database)).blobs;
}

/** Kinds whose databases are the worker's own, schema and all. Those of the others are ours, and worthless without it. */
const OF_THE_WORKER = new Set(["d1", "do"]);

export function isOfTheWorker(database: string): boolean {
  return OF_THE_WORKER.has(database.split("/", 1)[0] ?? "");
}
