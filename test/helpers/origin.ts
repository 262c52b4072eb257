/** A real HTTP server on a port of its own, for what goes out. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type OriginHandler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => unknown;

export interface Origin {
  /** Without a slash at its end. */
  readonly url: string;
  /** The requests so far: method, path, headers as they came, body. */
  readonly requests: { method: string; path: string; headers: string[]; body: string }[];
}

/** Starts a server that ends with the test. The handler runs when the request's body is complete. */
export async function startOrigin(handler: OriginHandler): Promise<Origin> {
  const requests: Origin["requests"] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    requests.push({
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.rawHeaders,
      body: body.toString("utf8"),
    });
    await handler(request, response, body);
  });
  return { url: await listen(server), requests };
}

/** Starts a server whose handler sees the request while its body is still coming. */
export async function startRawOrigin(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  return listen(createServer(handler));
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
