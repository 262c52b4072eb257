import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";

/** Writes a value byte for byte, and leaves the output open. */
export async function writeValue(output: NodeJS.WritableStream, value: Uint8Array | Readable): Promise<void> {
  if (value instanceof Uint8Array) {
    output.write(value);
    return;
  }
  value.pipe(output, { end: false });
  await finished(value, { writable: false });
}
