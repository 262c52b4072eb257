/** Large values as files, written and read as streams, named by the program and never by a user's key. */
import { createHash, randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, read, renameSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, stat, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { hasErrno, UserError } from "../errors.ts";

const CHUNK_BYTES = 128 * 1024;
const BLOB_NAME = /^[0-9a-f]{32}$/;
const TEMPORARY_NAME = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{32}\.tmp$/;
/** A temporary file of another machine (or container) is given up after this time. */
const FOREIGN_TEMPORARY_MS = 24 * 60 * 60 * 1000;

/** Temporary files that this process is writing, in any folder. */
const writing = new Set<string>();

let machine: string | undefined;
const thisMachine = () => (machine ??= createHash("sha256").update(hostname()).digest("hex").slice(0, 8));

/** The name of a file that is being made, which no process takes for abandoned before it is released. */
export function claimTemporary(id: string): { readonly name: string; release(): void } {
  const name = `${thisMachine()}-${process.pid}-${id}.tmp`;
  writing.add(name);
  return { name, release: () => writing.delete(name) };
}

/** Bytes that come as they are read. */
export type ByteSource = AsyncIterable<Uint8Array>;

/** A blob that is written and fsynced, under a temporary name. */
export interface StagedBlob {
  readonly id: string;
  readonly size: number;
  /** Gives the blob its name. Called inside the transaction that refers to it; may be called again. */
  commit(): void;
  /** Takes the blob back, committed or not. What cannot be removed now is left to `collect`. */
  discard(): Promise<void>;
}

/** An open blob. It stays readable when it is removed meanwhile. */
export interface OpenBlob {
  readonly size: number;
  /** The bytes, read as they are asked for. Its end, an error or `destroy` closes the file. */
  readonly stream: Readable;
}

/** The bytes of a blob from `start` up to `end`. */
export interface BlobRange {
  readonly start: number;
  readonly end: number;
}

/** What `collect` needs of the database that refers to the blobs. */
export interface BlobReferences {
  /** Of `ids`, those that nothing refers to. */
  unreferenced(ids: readonly string[]): readonly string[];
  /** Performs `work` while no process can commit a blob. */
  exclusively(work: () => void): void;
}

/**
 * One folder of blobs. Which of them count is known to the database beside it: its columns that are named `blob` hold
 * their ids, and no other columns do.
 */
export class BlobFolder {
  readonly directory: string;
  readonly #suffix: string;
  /** Blobs that are being read, with the number of their readers, and those that are to go when they are not. */
  readonly #pins = new Map<string, number>();
  readonly #doomed = new Set<string>();

  /** `suffix` ends the names of the files, for other programs: ".eml". */
  constructor(directory: string, suffix = "") {
    this.directory = directory;
    this.#suffix = suffix;
  }

  /** Where a blob is. */
  pathOf(id: string): string {
    return join(this.directory, id + this.#suffix);
  }

  /** Writes a new blob. When the source fails nothing of it stays. */
  async stage(source: Uint8Array | ByteSource): Promise<StagedBlob> {
    const id = randomBytes(16).toString("hex");
    const claim = claimTemporary(id);
    const temporary = join(this.directory, claim.name);
    const target = this.pathOf(id);
    const forget = async (path: string): Promise<void> => {
      claim.release();
      await unlink(path).catch(() => {});
    };
    try {
      await mkdir(this.directory, { recursive: true });
      const size = await writeFile(temporary, source);
      let committed = false;
      return {
        id,
        size,
        commit: () => {
          // Again, too: a blob whose transaction was rolled back may have been collected by another process.
          renameSync(committed ? target : temporary, target);
          committed = true;
          claim.release();
        },
        discard: () => forget(committed ? target : temporary),
      };
    } catch (error) {
      await forget(temporary);
      throw this.#explain(error);
    }
  }

  /** Opens a blob, to read all of it or the bytes from `start` up to `end`; null when there is none of that name. */
  async open(id: string, range?: BlobRange): Promise<OpenBlob | null> {
    try {
      // At once: a trip to another thread costs more than the system call.
      const file = openSync(this.pathOf(id), "r");
      const { size } = fstatSync(file);
      return { size, stream: new BlobStream(file, range ?? { start: 0, end: size }) };
    } catch (error) {
      if (hasErrno(error, "ENOENT")) return null;
      throw this.#explain(error);
    }
  }

  /** Keeps blobs from being removed by this process until the function that it returns is called. */
  pin(ids: readonly string[]): () => void {
    for (const id of ids) this.#pins.set(id, (this.#pins.get(id) ?? 0) + 1);
    return () => {
      for (const id of ids) {
        const pins = this.#pins.get(id) ?? 0;
        if (pins > 1) {
          this.#pins.set(id, pins - 1);
          continue;
        }
        this.#pins.delete(id);
        if (this.#doomed.delete(id)) void this.remove(id);
      }
    };
  }

  /** Removes a blob that nothing refers to any more. What cannot be removed now is left to `collect`. */
  async remove(id: string): Promise<void> {
    if (this.#pins.has(id)) this.#doomed.add(id);
    else await unlink(this.pathOf(id)).catch(() => {});
  }

  /** Removes what killed processes left behind: blobs that nothing refers to, and unfinished ones. */
  async collect(references: BlobReferences): Promise<void> {
    const names = await readdir(this.directory).catch(() => []);
    for (const name of names) {
      if (await this.#isAbandoned(name)) await unlink(join(this.directory, name)).catch(() => {});
    }
    const ids = names.map(name => basename(name, this.#suffix)).filter(id => BLOB_NAME.test(id));
    const suspects = references.unreferenced(ids);
    if (suspects.length === 0) return;
    // Under the lock a blob is either referred to or dead: commits rename it inside their transaction.
    let orphans: readonly string[] = [];
    references.exclusively(() => {
      orphans = references.unreferenced(suspects);
    });
    for (const id of orphans) {
      // A state that is restored may have brought back what refers to it.
      if (references.unreferenced([id]).length > 0) await this.remove(id);
    }
  }

  async #isAbandoned(name: string): Promise<boolean> {
    const [, machine, pid] = TEMPORARY_NAME.exec(name) ?? [];
    if (machine === undefined || writing.has(name)) return false;
    if (machine === thisMachine()) return Number(pid) === process.pid || !isRunning(Number(pid));
    const found = await stat(join(this.directory, name)).catch(() => undefined);
    return found !== undefined && Date.now() - found.mtimeMs > FOREIGN_TEMPORARY_MS;
  }

  #explain(error: unknown): unknown {
    if (
      !hasErrno(error, "ENOSPC", "EACCES", "EPERM", "EROFS", "EDQUOT", "EMFILE", "EIO", "ENOTDIR", "EEXIST")
    )
      return error;
    return new UserError(
      "STATE_UNAVAILABLE",
      `The folder ${this.directory} cannot be used: ${(error as Error).message}.`,
      "Check its permissions and the free space, or use another one with --persist-to.",
      { cause: error },
    );
  }
}

/** Writes a chunk while the next one is being made. */
async function writeFile(path: string, source: Uint8Array | ByteSource): Promise<number> {
  const file = await open(path, "wx");
  let writing = Promise.resolve();
  try {
    let size = 0;
    for await (const chunk of source instanceof Uint8Array ? [source] : source) {
      await writing;
      writing = writeFully(file, chunk);
      // Its failure is heard of with the next chunk, or at the end.
      writing.catch(() => {});
      size += chunk.byteLength;
    }
    await writing;
    await file.sync();
    return size;
  } finally {
    await writing.catch(() => {});
    await file.close();
  }
}

async function writeFully(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) {
    const { bytesWritten } = await file.write(chunk, done, chunk.byteLength - done);
    done += bytesWritten;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasErrno(error, "ESRCH");
  }
}

/** Reads a part of a file, which it closes at its end. */
class BlobStream extends Readable {
  readonly #file: number;
  #position: number;
  #left: number;

  constructor(file: number, { start, end }: BlobRange) {
    super({ highWaterMark: CHUNK_BYTES });
    this.#file = file;
    this.#position = start;
    this.#left = end - start;
  }

  /** How many bytes `takeWhole` would give. */
  get wholeLength(): number {
    return this.#left;
  }

  /** All of it at once, where nothing has been read yet. Ends the stream. */
  async takeWhole(): Promise<Uint8Array> {
    try {
      const whole = Buffer.allocUnsafeSlow(this.#left);
      let filled = 0;
      while (filled < whole.length) filled += await this.#readInto(whole.subarray(filled));
      this.push(null);
      this.resume();
      return whole;
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  override _read(): void {
    if (this.#left === 0) {
      this.push(null);
      return;
    }
    const chunk = Buffer.allocUnsafeSlow(Math.min(this.#left, CHUNK_BYTES));
    this.#readInto(chunk).then(
      bytesRead => this.push(chunk.subarray(0, bytesRead)),
      (error: Error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#close().then(() => callback(error));
  }

  #reading: Promise<number> | undefined;

  /** Never while the file is being read: its number may be another file's by then. */
  async #close(): Promise<void> {
    await this.#reading?.catch(() => {});
    closeSync(this.#file);
  }

  #readInto(target: Uint8Array): Promise<number> {
    this.#reading = new Promise<number>((resolve, reject) => {
      read(this.#file, target, 0, target.length, this.#position, (error, bytesRead) => {
        this.#position += bytesRead;
        this.#left -= bytesRead;
        if (error !== null) reject(error);
        else if (bytesRead === 0) reject(new Error("The file ended before its value did."));
        else resolve(bytesRead);
      });
    });
    return this.#reading;
  }
}
