/** The settings that a configuration and `--assets` make, and what is wrong with them. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { UserError } from "../../../src/errors.ts";
import { type Files, project, rejection } from "../../helpers/project.ts";

const FILES: Files = { "worker.js": "export default {}", "public/index.html": "home", "other/x": "" };
const main = "worker.js";

interface Options {
  readonly assets?: string;
  readonly env?: string;
  readonly entry?: string;
  readonly needsEntry?: false;
}

function load(config: object, { assets, ...options }: Options = {}) {
  const cwd = project({ ...FILES, "wrangler.json": JSON.stringify(config) });
  return loadConfig({ cwd, processEnv: {}, overrides: { assets }, ...options });
}

describe("settings", () => {
  test("a directory gives every default", async () => {
    const { config, warnings } = await load({ main, assets: { directory: "./public/" } });
    expect(config.assets).toEqual({
      directory: join(config.root, "public"),
      htmlHandling: "auto-trailing-slash",
      notFoundHandling: "none",
      runWorkerFirst: false,
      basePath: "/",
      navigationPrefersAssets: true,
    });
    expect(config.bindings).toEqual([]);
    expect(warnings).toEqual([]);
  });

  test("every value", async () => {
    const assets = {
      directory: "public",
      binding: "FILES",
      html_handling: "none",
      not_found_handling: "404-page",
      run_worker_first: ["/api/*", "!/api/docs"],
      base_path: "./a//b/../c",
    };
    const { config } = await load({ main, compatibility_date: "2025-03-31", assets });
    expect(config.assets).toMatchObject({
      htmlHandling: "none",
      notFoundHandling: "404-page",
      runWorkerFirst: ["/api/*", "!/api/docs"],
      basePath: "/a/c/",
      navigationPrefersAssets: false,
    });
    expect(config.bindings).toEqual([{ type: "assets", name: "FILES" }]);
  });

  test("--assets goes before the directory, and is enough", async () => {
    const assets = { directory: "none", html_handling: "none" };
    const both = await load({ main, assets }, { assets: "other" });
    const directory = join(both.config.root, "other");
    expect(both.config.assets).toMatchObject({ directory, htmlHandling: "none" });
    const alone = await load({ main }, { assets: "public" });
    expect(alone.config.assets?.directory).toBe(join(alone.config.root, "public"));
  });

  test("without main there is no worker, unless the command line names one", async () => {
    const config = { assets: { directory: "public" } };
    expect((await load(config)).config.main).toBeNull();
    const named = await load(config, { entry: "worker.js" });
    expect(named.config.main).toBe(join(named.config.root, "worker.js"));
  });

  test("environments inherit assets, or have their own", async () => {
    const assets = { directory: "public", binding: "ASSETS" };
    const config = { main, assets, env: { a: {}, b: { assets: { directory: "other" } } } };
    const inherited = await load(config, { env: "a" });
    expect(inherited.config.bindings).toEqual([{ type: "assets", name: "ASSETS" }]);
    expect(inherited.warnings).toEqual([]);
    const own = await load(config, { env: "b" });
    expect(own.config.assets?.directory).toBe(join(own.config.root, "other"));
    expect(own.config.bindings).toEqual([]);
  });

  test("commands on data need no folder", async () => {
    const { config } = await load({ main, assets: { directory: "none" } }, { needsEntry: false });
    expect(config.assets).toBeNull();
  });

  test("a folder that a build may make need not be there", async () => {
    const { config } = await load({ main, assets: { directory: "dist" }, build: { command: "make" } });
    expect(config.assets?.directory).toBe(join(config.root, "dist"));
  });
});

describe("what is wrong", () => {
  const directory = "public";
  test.each<[string, object, string]>([
    ["no directory", { main, assets: {} }, '"assets" needs a directory'],
    ["no folder", { main, assets: { directory: "none" } }, '"assets.directory" names a folder that does not'],
    ["a file", { main, assets: { directory: "worker.js" } }, "something that is no folder"],
    [
      "a file on the way",
      { main, assets: { directory: "worker.js/x" } },
      "names a folder that does not exist",
    ],
    ["a binding without a worker", { assets: { directory, binding: "A" } }, '"assets.binding" gives'],
    ["precedence without a worker", { assets: { directory, run_worker_first: true } }, "needs a worker"],
    ["a rule", { main, assets: { directory, run_worker_first: ["x"] } }, 'has "x"'],
    ["no rules", { main, assets: { directory, run_worker_first: [] } }, "should have a rule"],
    [
      "a base URL",
      { main, assets: { directory, base_path: "http://x" } },
      '"assets.base_path" should be a path',
    ],
    ["an encoded base path", { main, assets: { directory, base_path: "/%20" } }, "should be a plain path"],
    ["a value", { main, assets: { directory, html_handling: "x" } }, '"assets.html_handling"'],
    ["a site", { main, assets: { directory }, site: { bucket: directory } }, '"site" cannot be used beside'],
    [
      "a name given twice",
      { main, assets: { directory, binding: "A" }, kv_namespaces: [{ binding: "A" }] },
      "the name A is given to two bindings",
    ],
  ])("%s", async (_, config, message) => {
    const error = await rejection(load(config), UserError);
    expect(error.code).toBe("CONFIG_INVALID");
    expect(`${error.message}\n${error.details}`).toContain(message);
  });

  test("--assets that is no folder", async () => {
    const error = await rejection(load({ main }, { assets: "none" }), UserError);
    expect(error.message).toContain("(--assets) names a folder that does not exist");
  });

  test("a worker that comes first and cannot get at its assets is told of", async () => {
    const { warnings } = await load({ main, assets: { directory, run_worker_first: true } });
    expect(warnings).toEqual([expect.stringContaining('needs a "binding"')]);
  });

  test("a key that is not one", async () => {
    const { warnings } = await load({ main, assets: { directory, html_handeling: "none" } });
    expect(warnings).toEqual([expect.stringContaining('"html_handling"')]);
  });
});
