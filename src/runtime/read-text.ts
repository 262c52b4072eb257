/** All of a stream as text. node:stream/consumers does the same, and loads all of Web Streams and fetch for it. */
export async function readText(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** A text without the mark that some programs begin UTF-8 with. */
export const withoutMark = (text: string): string => text.replace(/^\uFEFF/, "");
