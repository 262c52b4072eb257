import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exchange, folderWith, type RunningServer, startServer } from "../../helpers/server.ts";

const WORKER = `export default { async fetch(request, { FILES }) {
  const url = new URL(request.url);
  const key = url.searchParams.get("key");
  if (request.method === "PUT") {
    const object = await FILES.put(key, request.body, {
      httpMetadata: request.headers,
      customMetadata: { a: "b" },
    });
    return Response.json({ etag: object.httpEtag, public: FILES.publicUrl(key) });
  }
  const options = JSON.parse(url.searchParams.get("options") ?? "{}");
  return new Response(await FILES.createSignedUrl(key, options));
} }`;

describe.each(["quickjs", "v8"])("public objects and signed URLs (%s)", engine => {
  let server: RunningServer;
  beforeAll(async () => {
    const folder = folderWith({
      "wrangler.jsonc": JSON.stringify({
        name: "shop",
        main: "index.js",
        r2_buckets: [{ binding: "FILES", bucket_name: "files" }],
      }),
      "index.js": WORKER,
    });
    server = await startServer(folder, "run", "--engine", engine);
  });
  afterAll(() => server?.stop());

  const put = async (key: string, body: string, headers: Record<string, string> = {}) => {
    const url = `${server.url}/?key=${encodeURIComponent(key)}`;
    return (await fetch(url, { method: "PUT", body, headers })).json() as Promise<{
      etag: string;
      public: string;
    }>;
  };
  const signed = async (key: string, options: object = {}) => {
    const query = new URLSearchParams({ key, options: JSON.stringify(options) });
    return (await fetch(`${server.url}/?${query}`)).text();
  };

  test("an object with its headers, for GET and HEAD", async () => {
    const { etag, public: url } = await put("a b/é.css", "body { }", {
      "content-type": "text/css",
      "cache-control": "max-age=60",
      "content-language": "de",
      "content-disposition": "inline",
      expires: "Wed, 21 Oct 2065 07:28:00 GMT",
    });
    expect(url).toBe(`${server.url}/cdn-cgi/local/r2/public/files/a%20b/%C3%A9.css`);
    for (const method of ["GET", "HEAD"]) {
      const answer = await fetch(url, { method });
      expect(answer.status).toBe(200);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "content-type": "text/css",
        "cache-control": "max-age=60",
        "content-language": "de",
        "content-disposition": "inline",
        expires: "Wed, 21 Oct 2065 07:28:00 GMT",
        etag,
        "accept-ranges": "bytes",
        "content-length": "8",
        "last-modified": expect.stringMatching(/GMT$/),
      });
      expect(await answer.text()).toBe(method === "GET" ? "body { }" : "");
    }
  });

  test("ranges", async () => {
    const { etag, public: url } = await put("ranges", "0123456789");
    const get = async (range: string, more: Record<string, string> = {}) => {
      const answer = await fetch(url, { headers: { range, ...more } });
      return [answer.status, answer.headers.get("content-range"), await answer.text()];
    };
    expect(await get("bytes=2-4")).toEqual([206, "bytes 2-4/10", "234"]);
    expect(await get("bytes=8-")).toEqual([206, "bytes 8-9/10", "89"]);
    expect(await get("bytes=-3")).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await get("bytes=5-99")).toEqual([206, "bytes 5-9/10", "56789"]);
    expect((await get("bytes=10-"))[0]).toBe(416);
    expect((await get("bytes=-0"))[0]).toBe(416);
    for (const malformed of ["bytes=4-2", "bytes=0-1,3-4", "bytes=-", "lines=1-2", "x"])
      expect([malformed, (await get(malformed))[0]]).toEqual([malformed, 400]);
    expect((await get("bytes=0-1", { "if-range": etag }))[0]).toBe(206);
    expect(await get("bytes=0-1", { "if-range": '"other"' })).toEqual([200, null, "0123456789"]);
    expect((await get("bytes=0-1", { "if-range": new Date(0).toUTCString() }))[0]).toBe(200);
    const { public: empty } = await put("empty", "");
    expect((await fetch(empty, { headers: { range: "bytes=0-" } })).status).toBe(416);
    expect((await fetch(empty)).status).toBe(200);
  });

  test("conditions", async () => {
    const { etag, public: url } = await put("conditions", "x");
    const modified = (await fetch(url)).headers.get("last-modified") ?? "";
    const status = async (headers: Record<string, string>) => (await fetch(url, { headers })).status;
    expect(await status({ "if-none-match": etag })).toBe(304);
    expect(await status({ "if-none-match": `"x", W/${etag}` })).toBe(304);
    expect(await status({ "if-none-match": '"x"' })).toBe(200);
    expect(await status({ "if-match": etag })).toBe(200);
    expect(await status({ "if-match": '"x"' })).toBe(412);
    expect(await status({ "if-modified-since": modified })).toBe(304);
    expect(await status({ "if-modified-since": new Date(0).toUTCString() })).toBe(200);
    expect(await status({ "if-unmodified-since": modified })).toBe(200);
    expect(await status({ "if-unmodified-since": new Date(0).toUTCString() })).toBe(412);
    expect(await status({ "if-none-match": 'W"' })).toBe(400);
    const unchanged = await fetch(url, { headers: { "if-none-match": etag } });
    expect([unchanged.headers.get("etag"), await unchanged.text()]).toEqual([etag, ""]);
  });

  test("what is not there, or not allowed", async () => {
    const base = `${server.url}/cdn-cgi/local/r2/public`;
    for (const path of ["/files/none", "/other/none", "/files/", "/files", "/"])
      expect([path, (await fetch(base + path)).status]).toEqual([path, 404]);
    expect((await fetch(`${base}/files/x`, { method: "PUT", body: "x" })).status).toBe(405);
    expect((await fetch(`${base}/files/%zz`)).status).toBe(400);
    const foreign = `GET /cdn-cgi/local/r2/public/files/ranges HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`;
    expect(await exchange(server.port, foreign)).toMatch(/^HTTP\/1.1 403 /);
  });

  test("a page of another local server may read them", async () => {
    const { public: url } = await put("cors", "x");
    const origin = "http://localhost:5173";
    const answer = await fetch(url, { headers: { origin } });
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    const preflight = await fetch(url, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-headers": "range" },
    });
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([204, "range"]);
  });

  test("metadata that no header can have breaks nothing", async () => {
    const { public: url } = await put("odd", "x", { "content-disposition": 'attachment; filename="Ã©.txt"' });
    expect((await fetch(url)).status).toBe(200);
  });

  test("signed URLs to read and to write, for a time", async () => {
    await put("signed", "content");
    const url = await signed("signed");
    expect(await (await fetch(url)).text()).toBe("content");
    expect((await fetch(await signed("signed", { method: "HEAD" }), { method: "HEAD" })).status).toBe(200);
    expect((await fetch(url.replace("signed", "other"))).status).toBe(403);
    expect((await fetch(`${url}0`)).status).toBe(403);
    expect((await fetch(url.replace(/X-Amz-Expires=\d+/, "X-Amz-Expires=9999"))).status).toBe(403);
    expect((await fetch(url.replace(/X-Amz-Date=\w+/, "X-Amz-Date=20200101T000000Z"))).status).toBe(403);
    const write = await signed("uploaded", { method: "PUT", expiresIn: 60 });
    expect((await fetch(write, { method: "PUT", body: "by a browser" })).status).toBe(200);
    expect(await (await fetch(await signed("uploaded"))).text()).toBe("by a browser");
    expect((await fetch(write)).status).toBe(403);
    const remove = await signed("uploaded", { method: "DELETE" });
    expect((await fetch(remove, { method: "DELETE" })).status).toBe(204);
    expect((await fetch(await signed("uploaded"))).status).toBe(404);
  });
});
