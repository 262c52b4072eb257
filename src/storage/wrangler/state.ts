/** What wrangler and Miniflare 3 and 4 keep under `.wrangler/state/v3`: read only, also while they use it. */
import { createHash, createHmac } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import type BetterSqlite3 from "better-sqlite3";
import { hasErrno, UserError } from "../../errors.ts";
import { explain } from "../sqlite.ts";

/** The class of Durable Object that keeps a kind's data, which its databases are named after. */
const CLASSES = {
  cache: "miniflare-CacheObject",
  d1: "miniflare-D1DatabaseObject",
  kv: "miniflare-KVNamespaceObject",
  r2: "miniflare-R2BucketObject",
} as const;

export type WranglerKind = keyof typeof CLASSES;

/** Where the state may be below a folder that a user names. */
const BELOW = [".", "v3", "state/v3", ".wrangler/state/v3"];
const FOREIGN_KINDS = ["do", "workflows", "analytics-engine", "secrets-store", "images", "stream", "email"];

type Connection = BetterSqlite3.Database;

export interface WranglerDatabase {
  readonly kind: WranglerKind;
  /** What it is the database of: a namespace's id, a bucket's name. */
  readonly name: string;
  readonly file: string;
}

export class WranglerState {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Finds the state in a folder: `.wrangler`, one of those below it, or a project's. */
  static async find(directory: string): Promise<WranglerState> {
    const kinds = [...Object.keys(CLASSES), ...FOREIGN_KINDS];
    for (const below of BELOW) {
      const candidate = join(directory, below);
      const names = await namesIn(candidate);
      if (names.some(name => kinds.includes(name))) return new WranglerState(candidate);
    }
    throw new UserError(
      "FILE_UNREADABLE",
      `There is no state of wrangler's or Miniflare's in ${directory}.`,
      "Name the folder that it is in: .wrangler/state/v3 of a project, or what Miniflare's defaultPersistRoot names.",
    );
  }

  /**
   * The databases of a kind whose names are known: files are named by a hash, so a name is found where it is a folder's
   * beside them or among `candidates`. The others are counted.
   */
  async databases(
    kind: WranglerKind,
    candidates: Iterable<string>,
  ): Promise<{ readonly known: readonly WranglerDatabase[]; readonly unknown: readonly string[] }> {
    const folder = join(this.directory, kind, CLASSES[kind]);
    const files = (await namesIn(folder)).filter(
      name => name.endsWith(".sqlite") && name !== "metadata.sqlite",
    );
    const names = new Map<string, string>();
    for (const name of [...candidates, ...(await this.#folders(kind))]) {
      const file = `${objectId(CLASSES[kind], name)}.sqlite`;
      if (files.includes(file)) names.set(file, name);
    }
    const known = [...names].map(([file, name]) => ({ kind, name, file: join(folder, file) }));
    return { known, unknown: files.filter(file => !names.has(file)).map(file => join(folder, file)) };
  }

  /** Reads a database as it is at this moment. */
  async read<T>(file: string, use: (connection: Connection) => T | Promise<T>): Promise<T> {
    const { default: Sqlite } = await import("better-sqlite3");
    let connection: Connection | undefined;
    try {
      connection = new Sqlite(file, { readonly: true, fileMustExist: true });
      connection.exec("BEGIN");
      return await use(connection);
    } catch (error) {
      throw this.#explain(file, error);
    } finally {
      connection?.close();
    }
  }

  /** A large value. Throws where it is not there. */
  async blob({ kind, name, file }: WranglerDatabase, id: string): Promise<Readable> {
    for (const folder of [name, ...(await this.#folders(kind))]) {
      const path = join(this.directory, kind, folder, "blobs", basename(id));
      try {
        const handle = await open(path);
        await handle.close();
        return createReadStream(path);
      } catch (error) {
        if (!hasErrno(error, "ENOENT", "ENOTDIR", "EINVAL")) throw error;
      }
    }
    throw new UserError(
      "STATE_DAMAGED",
      `The file ${id} is missing, which ${file} refers to.`,
      "If wrangler dev is running there, stop it, and import again; else start from a copy of that state.",
    );
  }

  /** What is there and cannot be imported: kinds and classes, each with the number of its objects. */
  async others(): Promise<readonly { readonly name: string; readonly count: number }[]> {
    const found: { name: string; count: number }[] = [];
    for (const kind of FOREIGN_KINDS) {
      for (const name of await namesIn(join(this.directory, kind))) {
        const folder = join(this.directory, kind, name);
        if (!(await stat(folder)).isDirectory()) continue;
        const files = (await namesIn(folder)).filter(file => /^(?!metadata).*\.sqlite$/.test(file));
        if (files.length > 0) found.push({ name: `${kind}/${name}`, count: files.length });
      }
    }
    return found;
  }

  /** Folders of blobs: each has the name of a namespace or bucket, as far as file systems allow it. */
  async #folders(kind: WranglerKind): Promise<string[]> {
    const names = await namesIn(join(this.directory, kind));
    const folders = names.filter(name => name !== CLASSES[kind]);
    return kind === "cache"
      ? [...folders, ...folders.map(name => name.replace(/^named_/, "named:"))]
      : folders;
  }

  #explain(file: string, error: unknown): unknown {
    const explained = explain(file, error);
    if (!(explained instanceof UserError) || explained === error) return explained;
    return new UserError(
      explained.code,
      explained.message,
      "If wrangler dev is running there, stop it, and import again; else start from a copy of that state.",
      { cause: error },
    );
  }
}

/** workerd names an object's files by its id: a keyed hash of its name, and a keyed hash of that. */
export function objectId(uniqueKey: string, name: string): string {
  const key = createHash("sha256").update(uniqueKey).digest();
  const half = createHmac("sha256", key).update(name).digest().subarray(0, 16);
  const check = createHmac("sha256", key).update(half).digest().subarray(0, 16);
  return Buffer.concat([half, check]).toString("hex");
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
