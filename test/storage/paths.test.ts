import { join, relative, sep } from "node:path";
import { describe, expect, test } from "vitest";
import { fileNameOf, storePaths } from "../../src/storage/paths.ts";

describe("file names of ids", () => {
  test.each(["a", "my-namespace", "cache_v2", "0123456789abcdef", "a.b", "KV-hello".toLowerCase()])(
    "%s stays as it is",
    id => {
      expect(fileNameOf(id)).toBe(id);
    },
  );

  const HOSTILE = [
    "",
    ".",
    "..",
    "../../x",
    "..\\..\\x",
    "/etc/passwd",
    "C:\\x",
    "a/b",
    "a\0b",
    "a\nb",
    ".hidden",
    "trailing.",
    "trailing ",
    "con",
    "NUL.txt",
    "com1",
    "aux.b",
    "Upper",
    "upper~0",
    "é",
    "日本語",
    "🧨",
    "\uD800",
    "x".repeat(81),
    "x".repeat(100_000),
    "%2e%2e%2f",
    "a*b?c",
  ];

  test.each(HOSTILE)("%j becomes a safe one", id => {
    const name = fileNameOf(id);
    expect(name).toMatch(/^[a-z0-9_-]{0,40}~[0-9a-f]{24}$/);
    const { database, blobs } = storePaths(join(sep, "state"), "kv", id);
    expect(relative(join(sep, "state", "kv"), database)).toBe(`${name}.sqlite`);
    expect(relative(join(sep, "state", "kv"), blobs)).toBe(`${name}.blobs`);
  });

  test("differ where ids differ, in letters' case too", () => {
    const ids = [...HOSTILE, "upper", "UPPER", "a-b", "e\u0301", "\uD801", "\uDC00", "\uFFFD"];
    const names = ids.map(id => fileNameOf(id).toLowerCase());
    expect(new Set(names).size).toBe(ids.length);
  });

  test("tell what they stand for", () => {
    expect(fileNameOf("My Namespace/prod")).toMatch(/^my-namespace-prod~/);
  });
});
