import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildCached } from "../../src/bundle/cache.ts";
import type { BundleOptions, BundleSuccess } from "../../src/bundle/types.ts";
import { digest } from "../../src/digest.ts";
import { project, write } from "../helpers/project.ts";
import { optionsFor } from "./helpers.ts";

const FILES = {
  "wrangler.json": '{"main": "src/index.ts"}',
  "src/index.ts": 'import { a } from "./a"; import p from "pkg"; export default [a, p];',
  "src/a.ts": "export const a = 1;",
  "node_modules/pkg/package.json": '{"name": "pkg", "main": "one.js"}',
  "node_modules/pkg/one.js": "export default 'one';",
  "node_modules/pkg/two.js": "export default 'two';",
};

/** What was written in the moment of a build is not kept: lets that moment pass. */
async function settle(): Promise<void> {
  const until = Date.now() + 40;
  while (Date.now() < until) await new Promise(setImmediate);
}

async function start(files: Record<string, string> = FILES, setup = {}) {
  const cwd = project(files);
  const cacheDir = join(cwd, ".worker/cache/bundles");
  const options = await optionsFor(cwd, setup);
  await settle();
  const build = async (changed: BundleOptions = options): Promise<BundleSuccess> => {
    const result = await buildCached(changed, cacheDir);
    if (!result.ok) throw new Error(result.errors[0]?.text);
    return result;
  };
  /** Builds, and tells whether the answer came from the disk. */
  const cached = async (): Promise<boolean> => {
    signEntries(cacheDir);
    return (await build()).program.main.endsWith(SIGNATURE);
  };
  return { cwd, cacheDir, options, build, cached };
}

const SIGNATURE = "// from the disk";

/** Rewrites the entries, validly, so that their code tells where it is from. */
function signEntries(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const bytes = readFileSync(join(folder, name));
    const end = bytes.indexOf("\n");
    const header = JSON.parse(bytes.toString("utf8", 0, end));
    const [main, ...rest] = header.lengths;
    const at = end + 1 + main;
    const body = Buffer.concat([bytes.subarray(end + 1, at), Buffer.from(SIGNATURE), bytes.subarray(at)]);
    const signed = { ...header, checksum: digest(body), lengths: [main + SIGNATURE.length, ...rest] };
    writeFileSync(join(folder, name), Buffer.concat([Buffer.from(`${JSON.stringify(signed)}\n`), body]));
  }
}

describe("buildCached", () => {
  test("gives the same from the disk", async () => {
    const { build, cached } = await start();
    const first = await build();
    expect(await build()).toEqual(first);
    expect(await cached()).toBe(true);
  });

  test.each<[string, (cwd: string) => void]>([
    ["an input changes", cwd => write(cwd, { "src/a.ts": "export const a = 2;" })],
    [
      "an input changes, but neither its size nor its modification time",
      cwd => {
        const path = join(cwd, "src/a.ts");
        const { atime, mtime } = statSync(path);
        writeFileSync(path, "export const a = 3;");
        utimesSync(path, atime, mtime);
      },
    ],
    [
      "a package changes what it exports",
      cwd => write(cwd, { "node_modules/pkg/package.json": '{"name": "pkg", "main": "two.js"}' }),
    ],
    ["a package is replaced", cwd => write(cwd, { "node_modules/pkg/one.js": "export default 'new';" })],
    ["a file that is preferred appears", cwd => write(cwd, { "src/a.tsx": "export const a = 'tsx';" })],
    [
      "a tsconfig appears",
      cwd =>
        write(cwd, {
          "tsconfig.json": '{"compilerOptions": {"paths": {"pkg": ["./node_modules/pkg/two.js"]}}}',
        }),
    ],
    [
      "a nearer package appears",
      cwd => write(cwd, { "src/node_modules/pkg/index.js": "export default 'near';" }),
    ],
    ["an install happens", cwd => write(cwd, { "node_modules/.package-lock.json": "{}" })],
  ])("builds anew when %s", async (_, change) => {
    const { cwd, build, cached } = await start();
    await build();
    expect(await cached()).toBe(true);
    change(cwd);
    expect(await cached()).toBe(false);
  });

  test("an extended tsconfig counts", async () => {
    const { cwd, build, cached } = await start({
      ...FILES,
      "tsconfig.json": '{"extends": ["./base", "@t/config"]}',
      "base.json": "{}",
      "node_modules/@t/config/tsconfig.json": "{}",
    });
    await build();
    expect(await cached()).toBe(true);
    write(cwd, { "base.json": '{"compilerOptions": {"jsx": "react"}}' });
    expect(await cached()).toBe(false);
    await settle();
    await build();
    write(cwd, { "node_modules/@t/config/tsconfig.json": '{"compilerOptions": {}}' });
    expect(await cached()).toBe(false);
  });

  test("other options have an entry of their own", async () => {
    const { build, options, cacheDir } = await start();
    const first = await build();
    const small = await build({ ...options, config: { ...options.config, minify: true } });
    expect(small.hash).not.toBe(first.hash);
    expect(readdirSync(cacheDir)).toHaveLength(2);
    expect((await build()).hash).toBe(first.hash);
  });

  test("files outside the project do not matter to it, nor does this program's state", async () => {
    const { cwd, build, cached } = await start();
    await build();
    write(cwd, { ".worker/state/x": "", "readme.md": "" });
    expect(await cached()).toBe(true);
  });

  test.each([
    ["is cut short", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    [
      "has a flipped bit",
      (bytes: Buffer) =>
        Buffer.from(bytes.map((byte, index) => (index === bytes.length - 9 ? byte ^ 1 : byte))),
    ],
    ["is empty", () => Buffer.alloc(0)],
    ["is garbage", () => Buffer.from("{}\n")],
  ])("an entry that %s is not used", async (_, damage) => {
    const { cacheDir, build } = await start();
    const first = await build();
    const path = join(cacheDir, readdirSync(cacheDir)[0]!);
    writeFileSync(path, damage(readFileSync(path)));
    expect(await build()).toEqual(first);
  });

  test("a folder that cannot be written costs nothing but time", async () => {
    const { cacheDir, build } = await start();
    mkdirSync(join(cacheDir, ".."), { recursive: true });
    writeFileSync(cacheDir, "a file");
    expect((await build()).ok).toBe(true);
    expect(readFileSync(cacheDir, "utf8")).toBe("a file");
  });

  test("an input written during the build is not trusted", async () => {
    const { cwd, cacheDir, options } = await start();
    const building = buildCached(options, cacheDir);
    write(cwd, { "src/a.ts": "export const a = 'late';" });
    await building;
    expect(existsSync(cacheDir)).toBe(false);
    const result = await buildCached(options, cacheDir);
    expect(result).toMatchObject({ ok: true, program: { main: expect.stringContaining("late") } });
  });

  test("failures are not kept", async () => {
    const { cwd, cacheDir, options, build } = await start({ ...FILES, "src/a.ts": "export const a = ;" });
    expect(await buildCached(options, cacheDir)).toMatchObject({ ok: false });
    write(cwd, { "src/a.ts": "export const a = 1;" });
    expect((await build()).ok).toBe(true);
  });

  test("at most 64 entries are kept, the newest", async () => {
    const { cwd, cacheDir, build } = await start();
    const old = Array.from({ length: 70 }, (_, index) => [`.worker/cache/bundles/${index}.bundle`, ""]);
    write(cwd, Object.fromEntries(old));
    await build();
    expect(readdirSync(cacheDir)).toHaveLength(64);
    await build();
    expect(readdirSync(cacheDir)).toHaveLength(64);
  });
});
