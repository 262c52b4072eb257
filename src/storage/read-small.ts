/** Tells small streams from large ones, for stores that keep the two in different places. */
import type { ByteSource } from "./blobs.ts";

/** All of a source that has at most `most` bytes, or a source that gives what a larger one gives. */
export async function readSmall(source: ByteSource, most: number): Promise<Uint8Array | ByteSource> {
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
