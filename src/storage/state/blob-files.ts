/** The files of a blob folder, whatever room it is of: `<id>`, with or without an extension. */
import { constants, copyFile, link, mkdir, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { hasErrno } from "../../errors.ts";
import { claimTemporary } from "../blobs.ts";

const BLOB_FILE = /^([0-9a-f]{32})(?:\.\w+)?$/;
const ADOPTED_AT_ONCE = 16;

export class BlobFiles {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The names of the files by their ids; undefined where there is no such folder. */
  async list(): Promise<Map<string, string> | undefined> {
    const names = await readdir(this.directory).catch((error: unknown) => {
      if (hasErrno(error, "ENOENT")) return undefined;
      throw error;
    });
    if (names === undefined) return undefined;
    const files = new Map<string, string>();
    for (const name of names) {
      const id = BLOB_FILE.exec(name)?.[1];
      if (id !== undefined) files.set(id, name);
    }
    return files;
  }

  /**
   * Takes over files of another folder: as links where the file system has them, since a blob never changes, else as
   * copies. Returns the ids that the other folder lacks.
   */
  async adopt(ids: Iterable<string>, other: BlobFiles): Promise<string[]> {
    const rest = [...ids];
    if (rest.length === 0) return [];
    await mkdir(this.directory, { recursive: true });
    const files = (await other.list()) ?? new Map<string, string>();
    const lacking: string[] = [];
    const work = async (): Promise<void> => {
      for (let id = rest.pop(); id !== undefined; id = rest.pop()) {
        const name = files.get(id);
        const adopted = name !== undefined && (await this.#adopt(id, name, join(other.directory, name)));
        if (!adopted) lacking.push(id);
      }
    };
    await Promise.all(Array.from({ length: ADOPTED_AT_ONCE }, work));
    return lacking;
  }

  /** Removes a file. One that has gone already is no error. */
  async remove(name: string): Promise<void> {
    await unlink(join(this.directory, name)).catch((error: unknown) => {
      if (!hasErrno(error, "ENOENT")) throw error;
    });
  }

  async #adopt(id: string, name: string, source: string): Promise<boolean> {
    const target = join(this.directory, name);
    try {
      await link(source, target);
      return true;
    } catch (error) {
      if (hasErrno(error, "EEXIST")) return true;
      if (hasErrno(error, "ENOENT")) return false;
    }
    const claim = claimTemporary(id);
    const temporary = join(this.directory, claim.name);
    try {
      await copyFile(source, temporary, constants.COPYFILE_FICLONE);
      await rename(temporary, target);
      return true;
    } catch (error) {
      await unlink(temporary).catch(() => {});
      if (hasErrno(error, "ENOENT")) return false;
      throw error;
    } finally {
      claim.release();
    }
  }
}
