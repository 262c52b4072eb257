/** Which file answers for which path, case by case: https://developers.cloudflare.com/workers/static-assets/routing/advanced/html-handling/ */
import { describe, expect, test } from "vitest";
import { MemoryAssetsSource } from "../../../src/bindings/assets/memory-source.ts";
import { RoutedAssets } from "../../../src/bindings/assets/routed-assets.ts";
import { type AssetsRouting, DEFAULT_ROUTING } from "../../../src/bindings/assets/settings.ts";
import { bodyOf, headerOf } from "./fetcher-suite.ts";

/** A path, and the file that answers; `-> /path` where the client is to ask for that; "404". */
type Case = readonly [path: string, outcome: string];

const SITE = ["/index.html", "/file.html", "/folder/index.html", "/both.html", "/both/index.html"];
const BINARY = ["/file-bin", "/file-bin.html", "/bin/index.html", "/bin%2F"];
const ENCODED = [
  "/[boop].html",
  "/%5Bboop%5D.html",
  "/beep/[bòop].html",
  "/q?x.html",
  "/@2x.png",
  "/a b/c.txt",
];

const TABLE: Readonly<Record<AssetsRouting["htmlHandling"], readonly Case[]>> = {
  "auto-trailing-slash": [
    ["/", "/index.html"],
    ["/index", "-> /"],
    ["/index.html", "-> /"],
    ["/file", "/file.html"],
    ["/file.html", "-> /file"],
    ["/file/", "-> /file"],
    ["/file/index", "-> /file"],
    ["/file/index.html", "-> /file"],
    ["/folder", "-> /folder/"],
    ["/folder.html", "-> /folder/"],
    ["/folder/", "/folder/index.html"],
    ["/folder/index", "-> /folder/"],
    ["/folder/index.html", "-> /folder/"],
    ["/both", "/both.html"],
    ["/both.html", "-> /both"],
    ["/both/", "/both/index.html"],
    ["/both/index", "-> /both/"],
    ["/both/index.html", "-> /both/"],
    ["/file-bin", "/file-bin"],
    ["/file-bin.html", "/file-bin.html"],
    ["/file-bin/", "404"],
    ["/file-bin/index", "404"],
    ["/file-bin/index.html", "404"],
    ["/bin", "-> /bin/"],
    ["/bin/", "/bin/index.html"],
    ["/bin%2F", "-> /bin/"],
    ["/bin%252F", "/bin%2F"],
    ["/[boop]", "-> /%5Bboop%5D"],
    ["/[boop].html", "-> /%5Bboop%5D"],
    ["/%5Bboop%5D", "/[boop].html"],
    ["/%5Bboop%5D/", "-> /%5Bboop%5D"],
    ["/%255Bboop%255D", "/%5Bboop%5D.html"],
    ["/%255Bboop%255D.html", "-> /%255Bboop%255D"],
    ["/beep/[b%C3%B2op]", "-> /beep/%5Bb%C3%B2op%5D"],
    ["/q?x", "404"],
    ["/q%3Fx", "/q?x.html"],
    ["/@2x.png", "-> /%402x.png"],
    ["/%402x.png", "/@2x.png"],
    ["/a%20b/c.txt", "/a b/c.txt"],
    ["/a%20b/c.txt/", "404"],
    ["//file", "-> /file"],
    ["/folder//index.html", "-> /folder/"],
    ["/%ZZ", "404"],
    ["/FILE", "404"],
    ["/none", "404"],
  ],
  "force-trailing-slash": [
    ["/", "/index.html"],
    ["/index", "-> /"],
    ["/index.html", "-> /"],
    ["/file", "-> /file/"],
    ["/file.html", "-> /file/"],
    ["/file/", "/file.html"],
    ["/file/index", "-> /file/"],
    ["/file/index.html", "-> /file/"],
    ["/folder", "-> /folder/"],
    ["/folder.html", "-> /folder/"],
    ["/folder/", "/folder/index.html"],
    ["/folder/index", "-> /folder/"],
    ["/folder/index.html", "-> /folder/"],
    ["/both", "-> /both/"],
    ["/both.html", "/both.html"],
    ["/both/", "/both/index.html"],
    ["/both/index", "-> /both/"],
    ["/both/index.html", "-> /both/"],
    ["/file-bin", "/file-bin"],
    ["/file-bin.html", "-> /file-bin/"],
    ["/file-bin/", "/file-bin.html"],
    ["/file-bin/index", "-> /file-bin/"],
    ["/bin", "-> /bin/"],
    ["/%5Bboop%5D/", "/[boop].html"],
    ["/[boop]/", "-> /%5Bboop%5D/"],
    ["/%255Bboop%255D", "-> /%255Bboop%255D/"],
    ["/q%3Fx/", "/q?x.html"],
    ["/none", "404"],
  ],
  "drop-trailing-slash": [
    ["/", "/index.html"],
    ["/index", "-> /"],
    ["/index.html", "-> /"],
    ["/file", "/file.html"],
    ["/file.html", "-> /file"],
    ["/file/", "-> /file"],
    ["/file/index", "-> /file"],
    ["/file/index.html", "-> /file"],
    ["/folder", "/folder/index.html"],
    ["/folder.html", "-> /folder"],
    ["/folder/", "-> /folder"],
    ["/folder/index", "-> /folder"],
    ["/folder/index.html", "-> /folder"],
    ["/both", "/both.html"],
    ["/both.html", "-> /both"],
    ["/both/", "-> /both"],
    ["/both/index", "-> /both"],
    ["/both/index.html", "/both/index.html"],
    ["/file-bin", "/file-bin"],
    ["/file-bin.html", "/file-bin.html"],
    ["/file-bin/", "404"],
    ["/file-bin/index", "404"],
    ["/bin", "/bin/index.html"],
    ["/bin/", "-> /bin"],
    ["/bin%2F", "-> /bin"],
    ["/[boop]", "-> /%5Bboop%5D"],
    ["/%5Bboop%5D", "/[boop].html"],
    ["/q%3Fx/", "-> /q%3Fx"],
    ["/none", "404"],
  ],
  none: [
    ["/", "404"],
    ["/index", "404"],
    ["/index.html", "/index.html"],
    ["/file", "404"],
    ["/file.html", "/file.html"],
    ["/folder/", "404"],
    ["/folder/index.html", "/folder/index.html"],
    ["/file-bin", "/file-bin"],
    ["/[boop].html", "-> /%5Bboop%5D.html"],
    ["/%5Bboop%5D.html", "/[boop].html"],
  ],
};

function site(files: readonly string[], routing: Partial<AssetsRouting>) {
  const source = new MemoryAssetsSource(Object.fromEntries(files.map(file => [file, file])));
  const assets = new RoutedAssets(source, { ...DEFAULT_ROUTING, ...routing }, { onProblem: () => {} });
  return async (path: string, headers: readonly string[] = [], method = "GET") => {
    const url = `http://localhost${path}`;
    const answer = await assets.route({ method, url, headers });
    if (answer === null) return "404";
    const location = headerOf(answer, "location");
    if (location !== undefined) return `-> ${location}`;
    const body = (await bodyOf(answer)).toString();
    return answer.status === 200 ? body : `${answer.status} ${body}`.trim();
  };
}

describe.each(Object.entries(TABLE))("html_handling %s", (htmlHandling, cases) => {
  const ask = site([...SITE, ...BINARY, ...ENCODED], { htmlHandling: htmlHandling as "none" });
  test.each(cases)("%s: %s", async (path, outcome) => {
    expect(await ask(path)).toBe(outcome);
  });
});

describe("not_found_handling", () => {
  const files = ["/index.html", "/404.html", "/docs/404.html", "/docs/a.html"];
  const navigate = ["Sec-Fetch-Mode", "navigate"];

  test("the nearest 404 page answers", async () => {
    const ask = site(files, { notFoundHandling: "404-page" });
    expect(await ask("/docs/x/y", navigate)).toBe("404 /docs/404.html");
    expect(await ask("/other/x", navigate)).toBe("404 /404.html");
    expect(await ask("/docs/a", navigate)).toBe("/docs/a.html");
    expect(await ask("/404", navigate)).toBe("/404.html");
  });

  test("a single-page application answers every navigation", async () => {
    const ask = site(files, { notFoundHandling: "single-page-application" });
    expect(await ask("/any/path", navigate)).toBe("/index.html");
    expect(await ask("/any/[path]", navigate)).toBe("-> /any/%5Bpath%5D");
    expect(await ask("/any/path")).toBe("404");
    expect(await ask("/any/path", navigate, "POST")).toBe("405");
  });

  test("where navigations have no effect, they are the worker's", async () => {
    const ask = site(files, { notFoundHandling: "single-page-application", navigationPrefersAssets: false });
    expect(await ask("/any/path", navigate)).toBe("404");
  });
});

describe("run_worker_first", () => {
  const files = ["/index.html", "/api/public/a.txt", "/api/b.txt", "/c.txt"];

  test("for all paths", async () => {
    expect(await site(files, { runWorkerFirst: true })("/c.txt")).toBe("404");
  });

  test("for some, with exceptions", async () => {
    const ask = site(files, {
      runWorkerFirst: ["/api/*", "!/api/public/*"],
      notFoundHandling: "single-page-application",
    });
    expect(await ask("/api/b.txt")).toBe("404");
    expect(await ask("/api/public/a.txt")).toBe("/api/public/a.txt");
    expect(await ask("/api/public/none")).toBe("/index.html");
    expect(await ask("/c.txt")).toBe("/c.txt");
    // What the rules do not name is the assets' to answer.
    expect(await ask("/none")).toBe("/index.html");
    // Another spelling of a path leads to that path, and with it to the worker.
    expect(await ask("/%61pi/b.txt")).toBe("-> /api/b.txt");
  });
});

describe("base_path", () => {
  const files = ["/index.html", "/page.html", "/路.html", "/_redirects"];
  const at = (htmlHandling: AssetsRouting["htmlHandling"]) =>
    site(files, { htmlHandling, basePath: "/base/" });

  test.each([
    ["auto-trailing-slash", "/base", "-> /base/"],
    ["auto-trailing-slash", "/base?q=1", "-> /base/?q=1"],
    ["auto-trailing-slash", "/base/", "/index.html"],
    ["auto-trailing-slash", "/base/page", "/page.html"],
    ["auto-trailing-slash", "/base/page.html", "-> /base/page"],
    ["auto-trailing-slash", "/base%2Fpage", "-> /base/page"],
    ["auto-trailing-slash", "/base//page", "-> /base/page"],
    ["auto-trailing-slash", "/base/%E8%B7%AF", "/路.html"],
    ["auto-trailing-slash", "/page", "404"],
    ["auto-trailing-slash", "/base-other/page", "404"],
    ["force-trailing-slash", "/base", "-> /base/"],
    ["drop-trailing-slash", "/base/", "-> /base"],
    ["drop-trailing-slash", "/base", "/index.html"],
    ["none", "/base", "404"],
    ["none", "/base/page.html", "/page.html"],
  ] as const)("%s: %s: %s", async (handling, path, outcome) => {
    expect(await at(handling)(path)).toBe(outcome);
  });
});
