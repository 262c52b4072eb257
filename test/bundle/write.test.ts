import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { bundleOnce } from "../../src/bundle/bundle.ts";
import { writeBundle } from "../../src/bundle/write.ts";
import { project } from "../helpers/project.ts";
import { built, optionsFor } from "./helpers.ts";

const FILES = { "src/index.ts": "export default { fetch: () => new Response('hi') };\n" };

async function start() {
  const cwd = project(FILES);
  const bundle = await bundleOnce(await optionsFor(cwd));
  if (!bundle.ok) throw new Error("the build failed");
  return { cwd, bundle };
}

describe("writeBundle", () => {
  test("writes the code, and tells its sizes", async () => {
    const { cwd, bundle } = await start();
    const written = await writeBundle(bundle, join(cwd, "dist"));
    const path = join(cwd, "dist/index.js");
    expect(written.files).toEqual([path]);
    expect(readFileSync(path, "utf8")).toBe(bundle.program.main);
    expect(written.bytes).toBe(Buffer.byteLength(bundle.program.main));
    expect(written.gzipBytes).toBe(gzipSync(bundle.program.main).length);
    expect(gunzipSync(gzipSync(bundle.program.main)).toString()).toBe(bundle.program.main);
  });

  test("a source map whose sources are right from where it lies", async () => {
    const { cwd, bundle } = await start();
    const { files } = await writeBundle(bundle, join(cwd, "out/deep"), { sourcemap: true });
    expect(files).toEqual([join(cwd, "out/deep/index.js"), join(cwd, "out/deep/index.js.map")]);
    expect(readFileSync(files[0]!, "utf8")).toMatch(/\n\/\/# sourceMappingURL=index\.js\.map\n$/);
    const map = JSON.parse(readFileSync(files[1]!, "utf8"));
    expect(map.sources).toEqual(["../../src/index.ts"]);
  });

  test("a metafile", async () => {
    const { cwd, bundle } = await start();
    const { files } = await writeBundle(bundle, join(cwd, "dist"), { metafile: true });
    expect(Object.keys(JSON.parse(readFileSync(files[1]!, "utf8")).inputs)).toEqual(["src/index.ts"]);
    await writeBundle(bundle, join(cwd, "dist"), { metafile: join(cwd, "meta.json") });
    expect(existsSync(join(cwd, "meta.json"))).toBe(true);
  });

  test("a dry run writes nothing", async () => {
    const { cwd, bundle } = await start();
    const written = await writeBundle(bundle, join(cwd, "dist"), { dryRun: true });
    expect(written).toMatchObject({ files: [], bytes: expect.any(Number), gzipBytes: expect.any(Number) });
    expect(existsSync(join(cwd, "dist"))).toBe(false);
  });

  test("a folder that cannot be made", async () => {
    const { cwd, bundle } = await start();
    writeFileSync(join(cwd, "dist"), "");
    await expect(writeBundle(bundle, join(cwd, "dist"))).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
  });

  test("a bundle reads the same after it was written", async () => {
    const bundle = await built({ "src/index.ts": "export default 'ü\\u2028';" });
    const cwd = project({});
    await writeBundle(bundle, cwd);
    expect(readFileSync(join(cwd, "index.js"), "utf8")).toBe(bundle.program.main);
  });
});
