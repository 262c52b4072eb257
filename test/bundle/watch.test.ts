import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createBundler } from "../../src/bundle/bundle.ts";
import { watchInputs } from "../../src/bundle/watch.ts";
import { project, write } from "../helpers/project.ts";
import { optionsFor } from "./helpers.ts";

/** A watcher whose changes can be awaited. */
function observe(handle: (paths: readonly string[]) => unknown = () => {}) {
  const errors: Error[] = [];
  const batches: (readonly string[])[] = [];
  let wake = Promise.withResolvers<readonly string[]>();
  const watcher = watchInputs(
    async paths => {
      batches.push(paths);
      wake.resolve(paths);
      wake = Promise.withResolvers();
      await handle(paths);
    },
    { onError: error => errors.push(error) },
  );
  onTestFinished(() => watcher.close());
  return { watcher, batches, errors, next: () => wake.promise };
}

describe("watchInputs", () => {
  test.each<[string, (path: string) => void]>([
    ["is written", path => writeFileSync(path, "2")],
    [
      "is replaced by a rename, as editors do",
      path => {
        writeFileSync(`${path}~`, "2");
        renameSync(`${path}~`, path);
      },
    ],
    ["is deleted", path => rmSync(path)],
  ])("tells when an input %s", async (_, change) => {
    const cwd = project({ "a/x.ts": "1", "a/other.ts": "1" });
    const { watcher, next } = observe();
    const path = join(cwd, "a/x.ts");
    await watcher.update([path]);
    const told = next();
    writeFileSync(join(cwd, "a/other.ts"), "2");
    change(path);
    expect(await told).toEqual([path]);
  });

  test("tells when an input that did not exist appears, and its folder with it", async () => {
    const cwd = project({ "x.ts": "" });
    const { watcher, next } = observe();
    const path = join(cwd, "new/a.ts");
    await watcher.update([path, join(cwd, "b.ts")]);
    const first = next();
    write(cwd, { "b.ts": "" });
    expect(await first).toEqual([join(cwd, "b.ts")]);
    const second = next();
    write(cwd, { "new/a.ts": "" });
    expect(await second).toEqual([path]);
  });

  test("a folder as an input means every entry of it", async () => {
    const cwd = project({ "a/x.ts": "" });
    const { watcher, next } = observe();
    await watcher.update([join(cwd, "a") + sep]);
    const told = next();
    write(cwd, { "a/new.ts": "" });
    expect(await told).toEqual([join(cwd, "a/new.ts")]);
  });

  test("a tree as an input means everything below, but hidden and installed files", async () => {
    const cwd = project({ "a/b/c/x.ts": "", "a/node_modules/p/x.js": "", "a/.git/x": "" });
    const { watcher, next } = observe();
    await watcher.update([join(cwd, "a", "**")]);
    const told = next();
    write(cwd, { "a/node_modules/p/x.js": "2", "a/.git/x": "2", "a/b/c/x.ts": "2" });
    expect(await told).toEqual([join(cwd, "a/b/c/x.ts")]);
  });

  test("several saves in a moment are one call; saves during a call are the next", async () => {
    const cwd = project({ "a.ts": "", "b.ts": "", "c.ts": "" });
    const gate = Promise.withResolvers<void>();
    const { watcher, next, batches } = observe(() => gate.promise);
    await watcher.update(["a.ts", "b.ts", "c.ts"].map(name => join(cwd, name)));
    const first = next();
    write(cwd, { "a.ts": "1", "b.ts": "1" });
    expect([...(await first)].sort()).toEqual([join(cwd, "a.ts"), join(cwd, "b.ts")]);
    const second = next();
    write(cwd, { "c.ts": "1" });
    gate.resolve();
    expect(await second).toEqual([join(cwd, "c.ts")]);
    expect(batches).toHaveLength(2);
  });

  test("a write between the build and the watching of its inputs is told", async () => {
    const cwd = project({ "a.ts": "" });
    const path = join(cwd, "a.ts");
    const { watcher, next } = observe();
    const told = next();
    await watcher.update([path], statSync(path).mtimeMs - 1);
    expect(await told).toEqual([path]);
  });

  test("a callback that throws is an error of the watcher, which goes on", async () => {
    const cwd = project({ "a.ts": "" });
    const path = join(cwd, "a.ts");
    const { watcher, next, errors } = observe(() => {
      throw new Error("no");
    });
    await watcher.update([path]);
    const first = next();
    writeFileSync(path, "1");
    await first;
    const second = next();
    writeFileSync(path, "2");
    await second;
    expect(errors[0]?.message).toBe("no");
  });

  test("with a bundler: an error, a missing file, its appearance", async () => {
    const cwd = project({ "index.ts": "import { a } from './lib/a'; export default a;" });
    const bundler = createBundler(await optionsFor(cwd));
    onTestFinished(() => bundler.dispose());
    const { watcher, next } = observe();
    const build = async () => {
      const since = Date.now();
      const result = await bundler.build();
      await watcher.update(result.inputs, since);
      return result.ok;
    };
    expect(await build()).toBe(false);
    for (const [files, expected] of [
      [{ "lib/a.ts": "export const a = ;" }, false],
      [{ "lib/a.ts": "export const a = 1;" }, true],
      [{ "lib/a.ts": "export const a = 2;" }, true],
    ] as const) {
      let told = next();
      write(cwd, files);
      await told;
      // The folder may be told of before the file in it.
      while ((await build()) !== expected) {
        told = next();
        await told;
      }
    }
  });
});
