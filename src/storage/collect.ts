import type { ByteSource } from "./blobs.ts";

/** All that a source gives, in one piece. */
export async function collect(source: ByteSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
