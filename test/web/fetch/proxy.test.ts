import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { OpContext } from "../../../src/engine/ops.ts";
import { StreamTable } from "../../../src/web/streams/host.ts";
import { startOrigin } from "../../helpers/origin.ts";

const VARIABLES = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"];

beforeEach(() => {
  vi.resetModules();
  for (const name of VARIABLES) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

/** A proxy that tunnels, and counts what it sees. */
async function startProxy() {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`plain ${request.url}`);
    response.end("by the proxy");
  });
  server.on("connect", (request, socket) => {
    seen.push(`tunnel ${request.url}`);
    const [host, port] = (request.url ?? "").split(":");
    const upstream = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** Fetches with a copy of the module of its own, which reads the environment at its first request. */
async function fetchOnce(url: string): Promise<string> {
  const { fetchOps } = await import("../../../src/web/fetch/host.ts");
  const context = {
    event: 1,
    signal: new AbortController().signal,
    streams: new StreamTable(),
    countSubrequest() {},
  } as unknown as OpContext;
  const [, , , body] = await fetchOps["fetch.send"](context, 1, "GET", url, [], null, {
    decompress: true,
    cf: null,
  });
  return Buffer.from(body as Uint8Array).toString();
}

const ORIGIN_ANSWER = "by the origin";
const startPlainOrigin = () =>
  startOrigin((_request, response) =>
    response.setHeader("content-length", ORIGIN_ANSWER.length).end(ORIGIN_ANSWER),
  );

test("goes through the proxy that the environment names", async () => {
  const proxy = await startProxy();
  const origin = await startPlainOrigin();
  vi.stubEnv("HTTP_PROXY", proxy.url);
  await fetchOnce(origin.url);
  expect(proxy.seen.length).toBe(1);
});

test("NO_PROXY names what is reached directly", async () => {
  const proxy = await startProxy();
  const origin = await startPlainOrigin();
  vi.stubEnv("http_proxy", proxy.url);
  vi.stubEnv("no_proxy", "127.0.0.1");
  expect(await fetchOnce(origin.url)).toBe(ORIGIN_ANSWER);
  expect(proxy.seen).toEqual([]);
});

test("goes straight there when the environment names none", async () => {
  const origin = await startPlainOrigin();
  expect(await fetchOnce(origin.url)).toBe(ORIGIN_ANSWER);
});
