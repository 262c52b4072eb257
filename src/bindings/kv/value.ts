/** Values of entries, whole. */
import { Readable } from "node:stream";
import type { KVEntry } from "./store.ts";

export async function bytesOf({ value }: Pick<KVEntry, "value">): Promise<Buffer> {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const chunks: Uint8Array[] = [];
  for await (const chunk of value as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** As UTF-8; a byte order mark is a character like others. */
export async function textOf(entry: KVEntry): Promise<string> {
  return (await bytesOf(entry)).toString("utf8");
}

/** Lets go of a value that nobody reads. */
export function discard(entry: KVEntry | null): void {
  if (entry?.value instanceof Readable) entry.value.destroy();
}
