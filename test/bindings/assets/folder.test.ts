/** A folder of assets: what of it is served, how fresh, and what never is. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { FolderAssetsSource } from "../../../src/bindings/assets/folder-source.ts";
import { RoutedAssets } from "../../../src/bindings/assets/routed-assets.ts";
import { DEFAULT_ROUTING } from "../../../src/bindings/assets/settings.ts";
import { surveyFolder } from "../../../src/bindings/assets/survey.ts";
import { UserError } from "../../../src/errors.ts";
import { type Files, project, write } from "../../helpers/project.ts";
import { bodyOf, headerOf } from "./fetcher-suite.ts";

function site(files: Files) {
  const outside = project({ "secret.txt": "secret", "public/.keep": "" });
  const root = join(outside, "public");
  write(root, files);
  const source = new FolderAssetsSource(root);
  const problems: string[] = [];
  const assets = new RoutedAssets(source, DEFAULT_ROUTING, {
    onProblem: (file, line, message) => problems.push(`${file}:${line} ${message}`),
  });
  const get = (path: string, headers: readonly string[] = []) =>
    assets.fetch({ method: "GET", url: `http://localhost${path}`, headers });
  const text = async (path: string) => {
    const answer = await get(path);
    const body = (await bodyOf(answer)).toString();
    return answer.status === 200 ? body : `${answer.status} ${headerOf(answer, "location") ?? body}`.trim();
  };
  return { root, outside, source, assets, problems, get, text };
}

/** Sets a file's times so far back that what was read of it may be kept. */
function age(file: string): void {
  utimesSync(file, new Date(2020, 1), new Date(2020, 1));
}

describe("what is not served", () => {
  test("hidden files, but for .well-known", async () => {
    const { text } = site({
      ".env": "secret",
      ".git/config": "secret",
      "sub/.hidden/x.txt": "secret",
      ".well-known/security.txt": "contact",
    });
    expect(await text("/.env")).toBe("404");
    expect(await text("/%2eenv")).toBe("404");
    expect(await text("/.git/config")).toBe("404");
    expect(await text("/sub/.hidden/x.txt")).toBe("404");
    expect(await text("/.well-known/security.txt")).toBe("contact");
  });

  test("the files of rules", async () => {
    const { text } = site({
      _headers: "/x\n  X: 1",
      _redirects: "/x /y",
      ".assetsignore": "z",
      "sub/_headers": "an asset",
    });
    expect(await text("/_headers")).toBe("404");
    expect(await text("/_redirects")).toBe("404");
    expect(await text("/.assetsignore")).toBe("404");
    expect(await text("/sub/_headers")).toBe("an asset");
  });

  test("a worker in the folder, unless .assetsignore decides otherwise", async () => {
    const { text, root } = site({ "_worker.js": "code", "sub/_worker.js": "an asset" });
    expect(await text("/_worker.js")).toBe("404");
    expect(await text("/sub/_worker.js")).toBe("an asset");
    write(root, { ".assetsignore": "" });
    expect(await text("/_worker.js")).toBe("code");
  });

  test("what .assetsignore names, from the next request on", async () => {
    const { text, root } = site({
      "a.map": "map",
      "keep.map": "kept",
      "drafts/x.html": "draft",
      ".nojekyll": "",
    });
    expect(await text("/a.map")).toBe("map");
    write(root, { ".assetsignore": "*.map\n!keep.map\n/drafts\n!.nojekyll\n" });
    expect(await text("/a.map")).toBe("404");
    expect(await text("/keep.map")).toBe("kept");
    expect(await text("/drafts/x")).toBe("404");
    expect(await text("/.nojekyll")).toBe("");
    write(root, { ".assetsignore": "nothing\n" });
    expect(await text("/a.map")).toBe("map");
  });

  test("anything, while .assetsignore cannot be read", async () => {
    const { get, root } = site({ "a.txt": "a" });
    writeFileSync(join(root, ".assetsignore"), Buffer.from([0xff, 0xfe, 0x61, 0x00]));
    await expect(get("/a.txt")).rejects.toBeInstanceOf(UserError);
  });

  test.each([
    "/../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/%2e%2e%2fsecret.txt",
    "/sub/..%2f..%2fsecret.txt",
    "/..%5csecret.txt",
    "/sub%5c..%5c..%5csecret.txt",
    "/a.txt%00",
    "/a.txt%00.html",
    "/%00",
    "/sub/%2e/b.txt",
    "/%2fetc/passwd",
    "/%2f%2fetc%2fpasswd",
    "//etc/passwd",
    `/${"a".repeat(5000)}`,
    `/${"a/".repeat(3000)}`,
    "/a.txt/b",
    "/%F0%28%8C%28",
  ])("%s", async path => {
    const { text } = site({ "a.txt": "a", "sub/b.txt": "b" });
    expect(await text(path)).toMatch(/^(404|307 \/(a|b|sub|etc)\S*|b)$/);
    expect(await text(path)).not.toContain("secret");
  });

  test("links that lead out of the folder", async () => {
    const { text, root, outside } = site({ "real/a.txt": "inside", ".hidden": "secret" });
    symlinkSync(join(outside, "secret.txt"), join(root, "out.txt"));
    symlinkSync(outside, join(root, "up"));
    symlinkSync("real", join(root, "alias"));
    symlinkSync("real/a.txt", join(root, "link.txt"));
    symlinkSync(".hidden", join(root, "shown.txt"));
    symlinkSync("circle", join(root, "circle"));
    expect(await text("/out.txt")).toBe("404");
    expect(await text("/up/secret.txt")).toBe("404");
    expect(await text("/shown.txt")).toBe("404");
    expect(await text("/circle")).toBe("404");
    expect(await text("/alias/a.txt")).toBe("inside");
    expect(await text("/link.txt")).toBe("inside");
  });

  test("a link that comes to lead out of the folder after it was served", async () => {
    const { text, root, outside } = site({ "real/a.txt": "inside" });
    symlinkSync("real", join(root, "link"));
    age(join(root, "real/a.txt"));
    expect(await text("/link/a.txt")).toBe("inside");
    write(outside, { "elsewhere/a.txt": "outside" });
    symlinkSync(join(outside, "elsewhere"), join(root, "next"));
    renameSync(join(root, "next"), join(root, "link"));
    expect(await text("/link/a.txt")).toBe("404");
  });

  test("folders, pipes and devices", async () => {
    const { text, root } = site({ "folder/a.txt": "a" });
    execFileSync("mkfifo", [join(root, "pipe")]);
    symlinkSync("/dev/zero", join(root, "device"));
    expect(await text("/folder")).toBe("404");
    expect(await text("/pipe")).toBe("404");
    expect(await text("/device")).toBe("404");
  });

  test.skipIf(process.getuid?.() === 0)("what may not be read is an error, not nothing", async () => {
    const { get, root } = site({ "a.txt": "a" });
    chmodSync(join(root, "a.txt"), 0);
    await expect(get("/a.txt")).rejects.toBeInstanceOf(UserError);
  });

  test("names of another case", async () => {
    const { text } = site({ "Page.html": "page", "Sub/a.txt": "a" });
    expect(await text("/Page")).toBe("page");
    expect(await text("/page")).toBe("404");
    expect(await text("/sub/a.txt")).toBe("404");
  });
});

describe("how fresh it is", () => {
  test("a change is seen at once, whatever the clock of the file system says", async () => {
    const { text, get, root } = site({ "a.txt": "0" });
    for (let index = 1; index < 20; index++) {
      const tag = headerOf(await get("/a.txt"), "etag");
      writeFileSync(join(root, "a.txt"), String(index));
      expect(await text("/a.txt")).toBe(String(index));
      expect(headerOf(await get("/a.txt"), "etag")).not.toBe(tag);
    }
  });

  test("a file that takes the place of another one of the same size and time", async () => {
    const { text, root } = site({ "a.txt": "old", "b.txt": "new" });
    for (const name of ["a.txt", "b.txt"]) age(join(root, name));
    expect(await text("/a.txt")).toBe("old");
    renameSync(join(root, "b.txt"), join(root, "a.txt"));
    expect(await text("/a.txt")).toBe("new");
  });

  test("files and folders that come and go", async () => {
    const { text, root } = site({});
    expect(await text("/new/a.txt")).toBe("404");
    write(root, { "new/a.txt": "a" });
    expect(await text("/new/a.txt")).toBe("a");
    renameSync(join(root, "new"), join(root, "other"));
    expect(await text("/new/a.txt")).toBe("404");
    expect(await text("/other/a.txt")).toBe("a");
  });

  test("a folder that is not there yet", async () => {
    const root = join(project({}), "later");
    const assets = new RoutedAssets(new FolderAssetsSource(root), DEFAULT_ROUTING, { onProblem: () => {} });
    const status = async () =>
      (await assets.fetch({ method: "GET", url: "http://h/a.txt", headers: [] })).status;
    expect(await status()).toBe(404);
    mkdirSync(root);
    write(root, { "a.txt": "a" });
    expect(await status()).toBe(200);
  });

  test("rules are read again when they change, and told about again", async () => {
    const { text, get, root, problems } = site({ "a.txt": "a", _redirects: "wrong" });
    expect(await text("/old")).toBe("404");
    expect(problems).toHaveLength(1);
    write(root, { _redirects: "/old /a.txt", _headers: "/*\n  X: 1" });
    expect(await text("/old")).toBe("302 /a.txt");
    expect(headerOf(await get("/a.txt"), "x")).toBe("1");
    write(root, { _redirects: "wrong again" });
    expect(await text("/old")).toBe("404");
    expect(problems).toHaveLength(2);
  });

  test("the tag is that of the content", async () => {
    const { get, root } = site({ "a.txt": "same", "b.txt": "same", "large.bin": Buffer.alloc(100_000, "x") });
    const tag = async (path: string) => headerOf(await get(path), "etag");
    expect(await tag("/a.txt")).toBe(await tag("/b.txt"));
    const before = await tag("/large.bin");
    age(join(root, "large.bin"));
    expect(await tag("/large.bin")).toBe(before);
  });
});

describe("large files", () => {
  test("stream, and break off when they shrink meanwhile", async () => {
    const { get, root } = site({ "large.bin": Buffer.alloc(2_000_000, "x") });
    const { body, length } = await get("/large.bin");
    expect(body).toBeInstanceOf(Readable);
    truncateSync(join(root, "large.bin"), 1000);
    expect((await bodyOf({ body } as never)).length).toBeLessThan(length ?? 0);
  });

  test("one that is too large for a deployment is served without being read for its tag", async () => {
    const { get, root } = site({ "huge.bin": "" });
    truncateSync(join(root, "huge.bin"), 3 * 1024 ** 3);
    const answer = await get("/huge.bin", ["Range", "bytes=-10"]);
    expect([answer.status, answer.length]).toEqual([206, 10]);
    expect(await bodyOf(answer)).toEqual(Buffer.alloc(10));
  });

  test("a hard link is a file like others", async () => {
    const { text, root } = site({ "a.txt": "a" });
    linkSync(join(root, "a.txt"), join(root, "b.txt"));
    expect(await text("/b.txt")).toBe("a");
  });
});

describe("what a deployment would not take", () => {
  const limits = { fileBytes: 1000, freeFiles: 3, paidFiles: 5 };
  const survey = (files: Files) => surveyFolder(project(files), limits);

  test("nothing is said of what it takes", async () => {
    expect(await survey({ "a.txt": "a", ".hidden/large": "x".repeat(2000), "b/c.txt": "c" })).toEqual([]);
    expect(await surveyFolder("/nonexistent", limits)).toEqual([]);
  });

  test("files that are too many, or too large, and a worker", async () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index % 2}/${index}.txt`, ""]));
    expect(await survey(many(4))).toEqual([expect.stringContaining("4 files")]);
    expect(await survey(many(9))).toEqual([expect.stringContaining("more than 5 files")]);
    expect(await survey({ "big.bin": "x".repeat(1001) })).toEqual([expect.stringContaining("/big.bin")]);
    expect(await survey({ "_worker.js": "" })).toEqual([expect.stringContaining("_worker.js")]);
    expect(await survey({ "_worker.js": "", ".assetsignore": "" })).toEqual([]);
  });
});
