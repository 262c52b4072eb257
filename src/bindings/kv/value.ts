/** Values of entries, whole. */
import { Readable } from "node:stream";
import { collect } from "../../storage/collect.ts";
import type { KVEntry } from "./store.ts";

export async function bytesOf({ value }: Pick<KVEntry, "value">): Promise<Buffer> {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return collect(value);
}

/** As UTF-8; a byte order mark is a character like others. */
export async function textOf(entry: KVEntry): Promise<string> {
  return (await bytesOf(entry)).toString("utf8");
}

/** Lets go of a value that nobody reads. */
export function discard(entry: KVEntry | null): void {
  if (entry?.value instanceof Readable) entry.value.destroy();
}
