/** Where a store keeps its files under the state folder: names that a person can read, and that cannot escape it. */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { hasErrno } from "../errors.ts";

/** The files of one store, such as one KV namespace. */
export interface StorePaths {
  /** The SQLite database. */
  readonly database: string;
  /** The folder of the values that are files of their own. */
  readonly blobs: string;
}

const LONGEST_PLAIN_NAME = 80;
const LONGEST_SLUG = 40;
const PLAIN = /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_-])?$/;
/** Windows opens a device under these names, whatever the folder and the extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/** Whether a text is a file name as it stands, the same on every system. */
export function isFileName(text: string): boolean {
  return PLAIN.test(text) && !DEVICE.test(text);
}

/**
 * A file name for an id of the user's, the same on every system and different for different ids.
 * An id that is not safe as it stands (a path, upper case where file systems fold it, a device's name) becomes
 * its readable part, "~" and a hash; no plain name has a "~".
 */
export function fileNameOf(id: string): string {
  if (id.length <= LONGEST_PLAIN_NAME && isFileName(id)) return id;
  const slug = id
    .slice(0, LONGEST_SLUG)
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^-+|-+$/g, "");
  // UTF-16, so that ids that differ in a lone surrogate only stay apart.
  const hash = createHash("sha256").update(id, "utf16le").digest("hex").slice(0, 24);
  return `${slug}~${hash}`;
}

/** The files of the store `id` of that `kind` ("kv", "r2", …): `<stateDir>/<kind>/<name>.sqlite` and `<name>.blobs/`. */
export function storePaths(stateDir: string, kind: string, id: string): StorePaths {
  return filesOf(join(stateDir, kind, fileNameOf(id)));
}

export const DATABASE_EXTENSION = ".sqlite";
export const BLOBS_EXTENSION = ".blobs";

/** The files of the store that is at `base`. */
export function filesOf(base: string): StorePaths {
  return { database: base + DATABASE_EXTENSION, blobs: base + BLOBS_EXTENSION };
}

/** A store that has a database. */
export interface StoredFile {
  /** The name of the database's file without its extension. */
  readonly name: string;
  /** The store's id; null where the name has a hash of it. */
  readonly id: string | null;
}

/** The stores of a kind that have been used, by name, without those of these ids. */
export async function otherStoredFiles(
  stateDir: string,
  kind: string,
  ids: readonly string[],
): Promise<readonly StoredFile[]> {
  const known = new Set(ids.map(id => basename(storePaths(stateDir, kind, id).database)));
  const names = await readdir(join(stateDir, kind)).catch((error: unknown) => {
    if (hasErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  });
  return names
    .filter(file => file.endsWith(DATABASE_EXTENSION) && !known.has(file))
    .sort()
    .map(file => {
      const name = file.slice(0, -DATABASE_EXTENSION.length);
      return { name, id: name.includes("~") ? null : name };
    });
}
