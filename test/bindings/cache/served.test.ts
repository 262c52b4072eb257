/** Kept responses on their way to a client: by a real server, with its own framing. */
import { request } from "node:http";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ENGINES } from "../../helpers/each-engine.ts";
import { folderWith, startServer } from "../../helpers/server.ts";

const WORKER = `
  const large = "0123456789".repeat(50_000);
  export default {
    async fetch(request, env, ctx) {
      const cache = caches.default;
      const found = await cache.match(request);
      if (found) return found;
      const { pathname } = new URL(request.url);
      const headers = { "Cache-Control": "max-age=600", ETag: '"v1"' };
      if (pathname === "/gzip") headers["Content-Encoding"] = "gzip";
      const response = new Response(pathname === "/small" ? "0123456789" : large, { headers });
      ctx.waitUntil(cache.put(request, response.clone()));
      return response;
    },
  };`;

interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

function get(url: string, headers: Record<string, string> = {}, method = "GET"): Promise<Received> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, async response => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
    });
    sent.on("error", reject).end();
  });
}

test.each(ENGINES)(
  "%s: whole, in part, unchanged and encoded",
  async engine => {
    const folder = folderWith({
      "index.js": WORKER,
      "wrangler.jsonc": '{ "main": "index.js", "compatibility_date": "2026-07-01" }',
    });
    const { url, stop } = await startServer(folder, "run", "--engine", engine);
    for (const [path, length] of [
      ["/small", 10],
      ["/large", 500_000],
    ] as const) {
      const first = await get(url + path);
      expect(first.headers).not.toHaveProperty("cf-cache-status");
      await expect
        .poll(async () => (await get(url + path)).headers)
        .toMatchObject({ "cf-cache-status": "HIT", age: "0", "content-length": String(length) });
      const again = await get(url + path);
      expect(again.body.equals(first.body)).toBe(true);
      const part = await get(url + path, { Range: "bytes=2-5" });
      expect([part.status, part.body.toString()]).toEqual([206, "2345"]);
      expect(part.headers).toMatchObject({ "content-length": "4", "content-range": `bytes 2-5/${length}` });
      expect(await get(url + path, { "If-None-Match": '"v1"' })).toMatchObject({
        status: 304,
        body: Buffer.alloc(0),
      });
      expect(await get(url + path, { Range: `bytes=${length}-` })).toMatchObject({ status: 416 });
    }
    const encoded = async () => get(`${url}/gzip`, { "Accept-Encoding": "gzip" });
    await encoded();
    await expect.poll(async () => (await encoded()).headers["cf-cache-status"]).toBe("HIT");
    const { headers, body } = await encoded();
    expect(headers).toMatchObject({ "content-encoding": "gzip" });
    expect(gunzipSync(body).length).toBe(500_000);
    await stop();
  },
  30_000,
);
