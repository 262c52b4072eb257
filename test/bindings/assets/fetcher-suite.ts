/** What every implementation of `AssetsFetcher` must do. */
import { Readable } from "node:stream";
import { beforeAll, describe, expect, test } from "vitest";
import type { AssetsFetcher, AssetsResponse } from "../../../src/bindings/assets/fetcher.ts";
import { type AssetsRouting, DEFAULT_ROUTING } from "../../../src/bindings/assets/settings.ts";

/** Contents by path. */
export type SiteFiles = Readonly<Record<string, string | Uint8Array>>;

/** Opens assets of these files; they are closed after the test file. */
export type OpenAssets = (
  files: SiteFiles,
  routing: AssetsRouting,
) => Promise<{ assets: AssetsFetcher; problems: string[] }>;

export async function bodyOf({ body }: AssetsResponse): Promise<Buffer> {
  if (body === null) return Buffer.alloc(0);
  if (!(body instanceof Readable)) return Buffer.from(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export function headerOf({ headers }: AssetsResponse, name: string): string | undefined {
  const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name.toLowerCase());
  return at < 0 ? undefined : headers[at + 1];
}

const request = (path: string, method = "GET", headers: readonly string[] = []) => ({
  method,
  url: `http://localhost${path}`,
  headers,
});

const LARGE = Buffer.alloc(300_000, "0123456789");
const FILES: SiteFiles = {
  "index.html": "home",
  "404.html": "lost",
  "page.html": "page",
  "folder/index.html": "folder",
  "data.json": "{}",
  "a b.txt": "spaced",
  empty: "",
  "large.bin": LARGE,
  _headers: "/page\n  X-Page: yes\nbroken",
  _redirects: "/old /page 301\n/rewritten /data.json 200\nbroken",
};

export function describeAssetsFetcher(name: string, open: OpenAssets): void {
  describe(`${name} is an AssetsFetcher`, () => {
    let assets: AssetsFetcher;
    let problems: string[];
    beforeAll(async () => {
      ({ assets, problems } = await open(FILES, { ...DEFAULT_ROUTING, notFoundHandling: "404-page" }));
    });
    const outcome = async (answer: AssetsResponse | null) =>
      answer && [answer.status, headerOf(answer, "location") ?? (await bodyOf(answer)).toString()];

    test("the assets that there are, and nothing of other paths, come before the worker", async () => {
      const routes: [string, unknown][] = [
        ["/", [200, "home"]],
        ["/page", [200, "page"]],
        ["/page.html?q=1", [307, "/page?q=1"]],
        ["/folder", [307, "/folder/"]],
        ["/a%20b.txt", [200, "spaced"]],
        ["/empty", [200, ""]],
        ["/old?q=1", [301, "/page?q=1"]],
        ["/rewritten", [200, "{}"]],
        ["/none", null],
        ["/_headers", null],
        ["/_redirects", null],
        ["/folder/../page", [200, "page"]],
        ["/..%2f..%2fetc%2fpasswd", null],
      ];
      for (const [path, expected] of routes)
        expect([path, await outcome(await assets.route(request(path)))]).toEqual([path, expected]);
    });

    test("a request for the assets has an answer in any case", async () => {
      expect(await outcome(await assets.fetch(request("/none")))).toEqual([404, "lost"]);
      expect(await outcome(await assets.fetch(request("/page")))).toEqual([200, "page"]);
    });

    test("a navigation gets the page for what is not found", async () => {
      const navigation = request("/none", "GET", ["Sec-Fetch-Mode", "navigate"]);
      expect(await outcome(await assets.route(navigation))).toEqual([404, "lost"]);
    });

    test("headers of an asset, and those of the rules", async () => {
      const answer = await assets.fetch(request("/page"));
      expect(headerOf(answer, "content-type")).toBe("text/html; charset=utf-8");
      expect(headerOf(answer, "cache-control")).toBe("public, max-age=0, must-revalidate");
      expect(headerOf(answer, "etag")).toMatch(/^"[0-9a-f]{32}"$/);
      expect(headerOf(answer, "x-page")).toBe("yes");
      const json = await assets.fetch(request("/data.json"));
      expect(headerOf(json, "content-type")).toBe("application/json");
      expect(headerOf(await assets.fetch(request("/empty")), "content-type")).toBeUndefined();
    });

    test("other methods", async () => {
      const head = await assets.fetch(request("/large.bin", "HEAD"));
      expect([head.status, head.body, head.length]).toEqual([200, null, LARGE.length]);
      expect((await assets.fetch(request("/page", "POST"))).status).toBe(405);
      expect(await assets.route(request("/none", "POST"))).toBeNull();
    });

    test("a client that has the asset is told so", async () => {
      const tag = headerOf(await assets.fetch(request("/page")), "etag") ?? "";
      const ask = async (value: string) =>
        (await assets.fetch(request("/page", "GET", ["If-None-Match", value]))).status;
      expect(
        await Promise.all([tag, `W/${tag}`, `"x", ${tag}`, "*", '"x"', tag.slice(1, -1)].map(ask)),
      ).toEqual([304, 304, 304, 304, 200, 200]);
      const onTwoLines = request("/page", "GET", ["If-None-Match", '"x"', "If-None-Match", tag]);
      expect((await assets.fetch(onTwoLines)).status).toBe(304);
    });

    test.each([
      ["bytes=0-9", 206, 0, 10],
      ["bytes=10-", 206, 10, 300_000],
      ["bytes=-5", 206, 299_995, 300_000],
      ["bytes=299999-400000", 206, 299_999, 300_000],
      ["bytes=-400000", 206, 0, 300_000],
      ["bytes=300000-", 416, 0, 0],
      ["bytes=-0", 416, 0, 0],
      ["bytes=0-1,5-6", 200, 0, 300_000],
      ["bytes=9-5", 200, 0, 300_000],
      ["lines=0-1", 200, 0, 300_000],
      ["bytes=a-b", 200, 0, 300_000],
    ])("the range %s", async (range, status, start, end) => {
      const answer = await assets.fetch(request("/large.bin", "GET", ["Range", range]));
      expect([answer.status, answer.length]).toEqual([status, end - start]);
      expect((await bodyOf(answer)).equals(LARGE.subarray(start, end))).toBe(true);
      const expected = { 206: `bytes ${start}-${end - 1}/300000`, 416: "bytes */300000" };
      expect(headerOf(answer, "content-range")).toBe(expected[status as 206]);
    });

    test("a range of another version is the whole", async () => {
      const tag = headerOf(await assets.fetch(request("/page")), "etag") ?? "";
      const ask = async (value: string) =>
        (await assets.fetch(request("/page", "GET", ["Range", "bytes=0-0", "If-Range", value]))).status;
      expect(await Promise.all([tag, '"x"', `W/${tag}`].map(ask))).toEqual([206, 200, 200]);
    });

    test("each line of the rules that is wrong is told once", async () => {
      await assets.fetch(request("/page"));
      expect(problems.map(problem => problem.replace(/:.*/s, "")).sort()).toEqual([
        "_headers 3",
        "_redirects 3",
      ]);
    });
  });
}
