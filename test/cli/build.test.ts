import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cli, folder, startCli } from "../helpers/cli.ts";
import { write } from "../helpers/project.ts";

const FILES = {
  "wrangler.json": '{"main":"src/index.ts"}',
  "src/index.ts":
    'import { text } from "./text"; export default { fetch: (): Response => new Response(text) };',
  "src/text.ts": 'export const text: string = "first";',
};

const SIZE = /^Total: \d+\.\d\d KiB \/ gzip: \d+\.\d\d KiB$/m;

describe.concurrent("build", () => {
  test("writes to dist, and says what", async () => {
    const cwd = folder(FILES);
    const { stdout, stderr, code } = await cli(["build"], { cwd });
    expect([stdout.replace(SIZE, "SIZE"), stderr, code]).toEqual(["dist/index.js\nSIZE\n", "", 0]);
    expect(readdirSync(join(cwd, "dist"))).toEqual(["index.js"]);
  });

  test("with a source map and the metafile, minified, to another folder", async () => {
    const cwd = folder(FILES);
    const args = ["--outdir", "out/here", "--minify", "--sourcemap", "--metafile"];
    const { stdout, code } = await cli(["build", ...args], { cwd });
    expect(code).toBe(0);
    const files = ["bundle-meta.json", "index.js", "index.js.map"];
    expect(stdout.trim().split("\n").slice(0, -1).sort()).toEqual(files.map(file => `out/here/${file}`));
    expect(readdirSync(join(cwd, "out/here")).sort()).toEqual(files);
    expect(readFileSync(join(cwd, "out/here/index.js"), "utf8").trim().split("\n").length).toBeLessThan(4);
  });

  test("--dry-run writes nothing", async () => {
    const cwd = folder(FILES);
    const { stdout, code } = await cli(["build", "--dry-run"], { cwd });
    expect([stdout.replace(SIZE, "SIZE"), code]).toEqual(["SIZE\n", 0]);
    expect(readdirSync(cwd).sort()).toEqual(["src", "wrangler.json"]);
  });

  test("to a place that is a file", async () => {
    const { stdout, stderr, code } = await cli(["build", "--outdir", "wrangler.json"], {
      cwd: folder(FILES),
    });
    expect([stdout, code]).toEqual(["", 2]);
    expect(stderr).toContain("(OUTPUT_UNWRITABLE)");
  });

  test("--watch builds again on every save, and outlives a bad one", async () => {
    const cwd = folder(FILES);
    const watching = startCli(["build", "--watch"], { cwd });
    await watching.says(/Watching for changes/);
    write(cwd, { "src/text.ts": "export const text = ;" });
    await watching.says(/src\/text\.ts:1:21: Unexpected ";"/);
    write(cwd, { "src/text.ts": 'export const text = "second";' });
    await watching.says(/(Total:[\s\S]*){2}/);
    expect(readFileSync(join(cwd, "dist/index.js"), "utf8")).toContain("second");
    watching.signal("SIGINT");
    expect(await watching.ended).toBe(130);
  });
});
