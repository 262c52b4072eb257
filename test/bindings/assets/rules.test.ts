/** `_headers`, `_redirects` and `run_worker_first`: what they mean, and what is wrong with them. */
import { describe, expect, test } from "vitest";
import { parseHeaders } from "../../../src/bindings/assets/headers-file.ts";
import { locationOf, parseRedirects } from "../../../src/bindings/assets/redirects-file.ts";
import { workerFirstProblems } from "../../../src/bindings/assets/worker-first.ts";

const lines = (problems: readonly { line: number }[]) => problems.map(({ line }) => line);

describe("_headers", () => {
  function applied(text: string, path: string, headers: string[] = ["ETag", '"x"', "Cache-Control", "old"]) {
    const rules = parseHeaders(text);
    rules.apply(new URL(path, "https://site.example"), headers);
    const pairs: string[] = [];
    for (let index = 0; index < headers.length; index += 2)
      pairs.push(`${headers[index]}: ${headers[index + 1]}`);
    return pairs;
  }

  test("rules apply in order: the first replaces a header, later ones add to it", () => {
    const text = "/*\n  Cache-Control: a\n  X: 1\n/a/*\n  Cache-Control: b\n  x: 2\n  x: 3\n";
    expect(applied(text, "/a/b")).toEqual(['ETag: "x"', "cache-control: a, b", "x: 1, 2, 3"]);
    expect(applied(text, "/c")).toEqual(['ETag: "x"', "cache-control: a", "x: 1"]);
  });

  test("a header is taken away", () => {
    expect(applied("/*\n  ! ETag\n  ! Cache-Control", "/a")).toEqual([]);
    expect(applied("/*\n  X: 1\n/a\n  ! X", "/a", [])).toEqual([]);
  });

  test("splats and placeholders, in paths and hosts", () => {
    expect(applied("/u/:id/*\n  X: :id/:splat/:none", "/u/7/a/b", [])).toEqual(["x: 7/a/b/:none"]);
    expect(applied("/u/:id\n  X: y", "/u/7/a", [])).toEqual([]);
    expect(applied("https://site.example/*\n  X: y", "/a", [])).toEqual(["x: y"]);
    expect(applied("https://:sub.example/a\n  X: :sub", "/a", [])).toEqual(["x: site"]);
    expect(applied("https://other.example/*\n  X: y", "/a", [])).toEqual([]);
    // What a placeholder stands for is not looked through for others.
    expect(applied("/:a/:b\n  X: :a", "/:b/1", [])).toEqual(["x: :b"]);
  });

  test("each cookie is a header of its own", () => {
    expect(applied("/*\n  Set-Cookie: a=1\n/a\n  Set-Cookie: b=2", "/a", [])).toEqual([
      "set-cookie: a=1",
      "set-cookie: b=2",
    ]);
  });

  test("lines that are wrong", () => {
    const text = [
      "X: before a path",
      "# a comment",
      "/empty",
      "/a",
      "  X: 1",
      "  no colon",
      "  : no name",
      "  X:",
      "  Bad Name: x",
      "  X: \x01",
      "/two/*/stars/*",
      "  X: belongs to no rule, and nothing is said of it",
      "https://host:8080/port",
      "http://host/insecure",
      "/:twice/:twice",
      "/splat/*/:splat",
      `/long\n  X: ${"x".repeat(2000)}`,
    ].join("\n");
    const { problems } = parseHeaders(text);
    expect(lines(problems)).toEqual([1, 3, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 18, 17]);
  });

  test("more rules than there can be", () => {
    const text = Array.from({ length: 102 }, (_, index) => `/${index}\n  X: 1`).join("\n");
    expect(lines(parseHeaders(text).problems)).toEqual([201]);
    expect(applied(text, "/99", [])).toEqual(["x: 1"]);
    expect(applied(text, "/100", [])).toEqual([]);
  });
});

describe("_redirects", () => {
  function target(text: string, path: string) {
    const url = new URL(path, "https://site.example");
    const found = parseRedirects(text, "auto-trailing-slash").match(url);
    return found && `${found.status} ${locationOf(found.to, url)}`;
  }

  test("paths, URLs, queries, fragments and statuses", () => {
    expect(target("/a /b", "/a")).toBe("302 /b");
    expect(target("/a /b # comment", "/a")).toBe("302 /b");
    expect(target("/a /b 301", "/a?q=1")).toBe("301 /b?q=1");
    expect(target("/a /b?own=1#x 307", "/a?q=1")).toBe("307 /b?own=1#x");
    expect(target("/a https://b.example/c?d#e 308", "/a?q")).toBe("308 https://b.example/c?d#e");
    expect(target("/a https://b.example 303", "/a?q=1")).toBe("303 https://b.example/?q=1");
    expect(target("/ü /b", "/%C3%BC")).toBe("302 /b");
    expect(target("/a /b", "/a/")).toBeNull();
  });

  test("splats and placeholders", () => {
    expect(target("/blog/* /news/:splat 301", "/blog/2026/a")).toBe("301 /news/2026/a");
    expect(target("/u/:id/:what /:what?id=:id", "/u/7/x")).toBe("302 /x?id=7");
    expect(target("/:a/:ab /:ab/:a", "/1/2")).toBe("302 /1b/1");
    expect(target("/to/* https://:splat.example/", "/to/x")).toBe("302 https://x.example/");
  });

  test("nothing that a client sends turns a path into another site's", () => {
    expect(target("/go/* /:splat", "/go//evil.example")).toBe("302 /evil.example");
    expect(target("/go/* /:splat", "/go/%5Cevil.example")).toBe("302 /%5Cevil.example");
  });

  test("the first rule that matches wins; plain ones before the first pattern are looked up before all others", () => {
    expect(target("/b /plain\n/* /any\n/a /late", "/a")).toBe("302 /any");
    expect(target("/b /plain\n/* /any", "/b")).toBe("302 /plain");
  });

  test("lines that are wrong", () => {
    const text = [
      "/one-word",
      "/a b",
      "/a /b 404",
      "/a /b 301 more",
      "https://host/a /b",
      "/ok /b",
      "/ok /c",
      "/rewrite https://b.example 200",
      "/loop/* /index.html",
      "/folder/ /folder/index",
      "/two/*/* /x",
      "/:x/:x /x",
    ].join("\n");
    expect(lines(parseRedirects(text, "auto-trailing-slash").problems)).toEqual([
      1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12,
    ]);
    expect(lines(parseRedirects("/folder/ /folder/index", "none").problems)).toEqual([]);
  });

  test("more rules than there can be", () => {
    const plain = Array.from({ length: 2001 }, (_, index) => `/${index} /x`).join("\n");
    expect(lines(parseRedirects(plain, "none").problems)).toEqual([2001]);
    const dynamic = Array.from({ length: 102 }, (_, index) => `/${index}/* /x`).join("\n");
    expect(lines(parseRedirects(dynamic, "none").problems)).toEqual([101]);
  });
});

describe("run_worker_first", () => {
  test.each([
    [["/api/*", "!/api/docs/*", "/x"], 0],
    [[], 1],
    [["!/api/*"], 1],
    [["api/*"], 1],
    [["/a", "!b"], 1],
    [["/a", "/a"], 1],
    [["/a/*", "/a/b"], 1],
    [[`/${"a".repeat(100)}`], 1],
    [Array.from({ length: 101 }, (_, index) => `/${index}`), 1],
  ])("%j has %i problems", (rules, count) => {
    expect(workerFirstProblems(rules)).toHaveLength(count);
  });
});
