/**
 * Images of engines that have the guest library in them, kept on disk between runs.
 *
 * An image is a cache and nothing more: missing, damaged or unwritable, it is made again. Each file ends in a time and the
 * digest of what precedes it, and is renamed into its place when it is complete. Its own time is set to the one in it: as
 * long as they agree nobody has touched the file, and it is not read through for its digest.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { digest } from "../digest.ts";

/** Sixteen digits of a time in seconds, sixteen of the digest. */
const TIME_BYTES = 16;
const TRAILER_BYTES = 32;
/** Images kept: those of both engines, of some versions of this program. */
const MOST_IMAGES = 8;

/** `WORKER_CACHE_DIR`, else `worker` in the user's cache folder. */
export function cacheDirectory(): string {
  const { WORKER_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  return WORKER_CACHE_DIR || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "worker");
}

/** Where Node.js keeps the compiled code of this program. */
export function compileCacheDirectory(): string {
  return process.env["NODE_COMPILE_CACHE"] || join(cacheDirectory(), "compiled");
}

const folder = () => join(cacheDirectory(), "images");
const imagePath = (key: string) => join(folder(), key);

/**
 * The image kept under `key`, in memory that threads can share; undefined when there is none that is whole. It is read at
 * once: a short command would hear of the end of an asynchronous read long after it.
 */
export function readImage(key: string): Uint8Array<SharedArrayBuffer> | undefined {
  let file: KeptFile;
  try {
    file = readShared(imagePath(key));
  } catch {
    return undefined;
  }
  const { bytes, seconds } = file;
  const end = bytes.length - TRAILER_BYTES;
  if (end <= 0) return undefined;
  const image = bytes.subarray(0, end);
  const trailer = Buffer.from(bytes.buffer, end, TRAILER_BYTES).toString("latin1");
  if (Number(trailer.slice(0, TIME_BYTES)) === seconds) return image;
  return digest(image) === trailer.slice(TIME_BYTES) ? image : undefined;
}

interface KeptFile {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** When it was last changed. */
  readonly seconds: number;
}

function readShared(path: string): KeptFile {
  const file = openSync(path, "r");
  try {
    const { size, mtimeMs } = fstatSync(file);
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    return { bytes: bytes.subarray(0, readSync(file, bytes, 0, size, 0)), seconds: mtimeMs / 1000 };
  } finally {
    closeSync(file);
  }
}

/** Keeps an image for later runs. A folder that cannot be written costs speed, never correctness. */
export async function writeImage(key: string, image: Uint8Array): Promise<void> {
  const path = imagePath(key);
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  try {
    await mkdir(folder(), { recursive: true });
    const seconds = Math.floor(Date.now() / 1000);
    const trailer = String(seconds).padStart(TIME_BYTES, "0") + digest(image);
    const file = await open(temporary, "w");
    try {
      await file.writeFile(Buffer.concat([image, Buffer.from(trailer, "latin1")]));
      await file.sync();
      await file.utimes(seconds, seconds);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await prune();
  } catch {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

/** Removes the oldest images: each version of this program and of its engines makes its own. */
async function prune(): Promise<void> {
  const names = await readdir(folder());
  if (names.length <= MOST_IMAGES) return;
  const paths = names.map(name => join(folder(), name));
  const times = await Promise.all(paths.map(path => stat(path).then(({ mtimeMs }) => mtimeMs)));
  const byAge = paths
    .map((path, index) => ({ path, time: times[index] ?? 0 }))
    .sort((a, b) => b.time - a.time);
  await Promise.all(byAge.slice(MOST_IMAGES).map(({ path }) => rm(path, { force: true })));
}
