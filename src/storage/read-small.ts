/** Tells small streams from large ones, for stores that keep the two in different places. */
import type { ByteSource } from "./blobs.ts";

/** Larger values are files: SQLite reads and writes them more slowly than the file system, and whole. */
const LARGEST_INLINE_BYTES = 100 * 1024;

/** Whether a value is one that a row is to hold, and in one piece. */
export function isInline(value: Uint8Array | ByteSource): value is Uint8Array {
  return value instanceof Uint8Array && value.byteLength <= LARGEST_INLINE_BYTES;
}

/** A value that a row is to hold, in one piece; or what gives one that is to be a file. */
export type SizedValue = { readonly inline: Uint8Array } | { readonly large: Uint8Array | ByteSource };

/** Finds out where a value is to be kept, for which no more of it is read than a row can hold. */
export async function sized(value: Uint8Array | ByteSource): Promise<SizedValue> {
  const read = value instanceof Uint8Array ? value : await readSmall(value, LARGEST_INLINE_BYTES);
  return isInline(read) ? { inline: read } : { large: read };
}

/** All of a source that has at most `most` bytes, or a source that gives what a larger one gives. */
async function readSmall(source: ByteSource, most: number): Promise<Uint8Array | ByteSource> {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size <= most) {
    const next = await iterator.next();
    if (next.done) return Buffer.concat(chunks);
    chunks.push(next.value);
    size += next.value.byteLength;
  }
  return (async function* () {
    try {
      yield* chunks;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}
