/**
 * Images of engines that have the guest library in them, kept on disk between runs.
 *
 * An image is a cache and nothing more: missing, damaged or unwritable, it is made again. Each file ends in the
 * CRC-32 of what precedes it, and is renamed into its place when it is complete.
 */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { crc32 } from "node:zlib";

const CHECKSUM_BYTES = 4;

/** Temporary files made so far. */
let temporaries = 0;

/** `WORKER_CACHE_DIR`, else `worker` in the user's cache folder. */
export function cacheDirectory(): string {
  const { WORKER_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  return WORKER_CACHE_DIR || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "worker");
}

/** Tells contents apart for a cache's key. No defence is needed there, and node:crypto takes longer to load than this. */
export function fingerprint(bytes: Uint8Array): string {
  return `${crc32(bytes).toString(16)}-${bytes.length.toString(16)}`;
}

const imagePath = (key: string) => join(cacheDirectory(), "images", key);

/** The image kept under `key`; undefined when there is none that is whole. */
export async function readImage(key: string): Promise<Uint8Array | undefined> {
  let file: Buffer;
  try {
    file = await readFile(imagePath(key));
  } catch {
    return undefined;
  }
  const end = file.length - CHECKSUM_BYTES;
  if (end <= 0) return undefined;
  const image = new Uint8Array(file.buffer, file.byteOffset, end);
  return crc32(image) === file.readUInt32LE(end) ? image : undefined;
}

/** Keeps an image for later runs. A folder that cannot be written costs speed, never correctness. */
export async function writeImage(key: string, image: Uint8Array): Promise<void> {
  const path = imagePath(key);
  const temporary = `${path}.${process.pid}.${threadId}.${temporaries++}`;
  try {
    await mkdir(join(cacheDirectory(), "images"), { recursive: true });
    const checksum = Buffer.alloc(CHECKSUM_BYTES);
    checksum.writeUInt32LE(crc32(image));
    await writeFile(temporary, Buffer.concat([image, checksum]));
    await rename(temporary, path);
  } catch {
    await rm(temporary, { force: true }).catch(() => {});
  }
}
