import type { ServerResponse } from "node:http";

/** Answers a request with a text, which is plain unless the headers give it another type. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...headers,
    "Content-Type": headers["Content-Type"] ?? "text/plain; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(text)),
  });
  response.end(text);
}
