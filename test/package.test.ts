/** What `npm pack` puts into the package. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MEGABYTE = 1024 * 1024;

interface Packed {
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

let packed: Packed;
let paths: readonly string[];

beforeAll(async () => {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: ROOT });
  // npm before version 12 answers with a list, later ones with an object by name.
  const [answer] = Object.values(JSON.parse(stdout) as Record<string, Packed>);
  packed = answer as Packed;
  paths = packed.files.map(file => file.path);
});

test("has what it needs", () => {
  for (const path of [
    "LICENSE",
    "README.md",
    "package.json",
    "bin/worker.js",
    "dist/main.js",
    "dist/index.js",
    "dist/host-process.js",
    "dist/quickjs-thread.cjs",
    "dist/quickjs.wasm",
    "dist/sql-process.js",
    "dist/guest.js",
    "docs/cli.md",
    "docs/configuration.md",
    "templates/hello/wrangler.jsonc",
    "templates/hono/src/index.ts",
  ])
    expect(paths).toContain(path);
  expect(packed.files.find(({ path }) => path === "bin/worker.js")?.mode).toBe(0o755);
});

test("has nothing else", () => {
  const known = /^(LICENSE|README\.md|package\.json|(bin|dist|docs|templates)\/.*)$/;
  expect(paths.filter(path => !known.test(path))).toEqual([]);
  expect(
    paths.filter(path => /(^|\/)(node_modules|\.worker|\.[^/]+)(\/|$)|\.test\.|\.tgz$/.test(path)),
  ).toEqual([]);
});

test("is small", () => {
  expect(packed.unpackedSize).toBeLessThan(5 * MEGABYTE);
});

test("has the files that its manifest names", () => {
  const named = [manifest.bin.worker, manifest.exports["."].default];
  expect(named.filter(path => !existsSync(`${ROOT}/${path}`))).toEqual([]);
});
