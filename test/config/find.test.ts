import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfigs } from "../../src/config/load.ts";
import { project } from "../helpers/project.ts";
import { ENTRY, failure, load } from "./helpers.ts";

describe("finding the configuration", () => {
  test.each([
    [["wrangler.json", "wrangler.jsonc", "wrangler.toml"], "wrangler.json"],
    [["wrangler.jsonc", "wrangler.toml"], "wrangler.jsonc"],
    [["wrangler.toml"], "wrangler.toml"],
  ])("of %j it takes %s", async (names, expected) => {
    const files = Object.fromEntries(
      names.map(name => [
        name,
        name.endsWith("toml")
          ? `name = "${name.replace(".", "-")}"`
          : `{"name": "${name.replace(".", "-")}"}`,
      ]),
    );
    const { config } = await load(files);
    expect(config.name).toBe(expected.replace(".", "-"));
    expect(config.configPath).toBe(join(config.root, expected));
  });

  test("searches upwards from the working directory", async () => {
    const root = project({ ...ENTRY, "wrangler.json": '{"name": "top"}', "a/b/c.txt": "" });
    const { config } = await load({}, { cwd: join(root, "a/b") });
    expect(config).toMatchObject({ name: "top", root, main: join(root, "src/index.ts") });
  });

  test("searches upwards from the folder of the entry", async () => {
    const root = project({ "packages/api/wrangler.json": '{"name": "api"}', "packages/api/src/main.ts": "" });
    const { config } = await load({}, { cwd: root, entry: "packages/api/src/main.ts" });
    expect(config).toMatchObject({ name: "api", main: join(root, "packages/api/src/main.ts") });
  });

  test("takes a folder for a project", async () => {
    const root = project({
      "templates/hono/wrangler.jsonc": '{"name": "hono"}',
      "templates/hono/src/index.ts": "",
    });
    const { config } = await load({}, { cwd: root, entry: "templates/hono" });
    expect(config).toMatchObject({ name: "hono", main: join(root, "templates/hono/src/index.ts") });
  });

  test("takes the file of --config", async () => {
    const root = project({ ...ENTRY, "conf/other.json": '{"name": "other", "main": "../src/index.ts"}' });
    const { config } = await load({}, { cwd: root, configPaths: ["conf/other.json"] });
    expect(config).toMatchObject({
      name: "other",
      main: join(root, "src/index.ts"),
      root: join(root, "conf"),
    });
  });

  test("loads several --config files, the entry being the first one's", async () => {
    const root = project({
      "a/wrangler.json": '{"name": "a"}',
      "a/x.ts": "",
      "b/wrangler.toml": 'name = "b"',
      "b/index.ts": "",
    });
    const loaded = await loadConfigs({
      cwd: root,
      configPaths: ["a/wrangler.json", "b/wrangler.toml"],
      entry: "a/x.ts",
      processEnv: {},
    });
    expect(loaded.map(({ config }) => [config.name, config.main])).toEqual([
      ["a", join(root, "a/x.ts")],
      ["b", join(root, "b/index.ts")],
    ]);
  });

  test("a --config that does not exist", async () => {
    const error = await failure({}, { configPaths: ["no.toml"] });
    expect(error).toMatchObject({
      code: "CONFIG_NOT_FOUND",
      message: "There is no configuration file no.toml",
    });
  });

  test("a configuration that is a folder is not one", async () => {
    const error = await failure({ "wrangler.json/x": "" }, { configPaths: ["wrangler.json"] });
    expect(error.code).toBe("CONFIG_NOT_FOUND");
  });
});

describe("finding the entry", () => {
  test.each([
    [["_worker.js", "src/index.ts"], "_worker.js"],
    [["src/index.ts", "src/index.js", "index.ts"], "src/index.ts"],
    [["src/index.js", "index.ts"], "src/index.js"],
    [["src/index.mts"], "src/index.mts"],
    [["src/index.tsx"], "src/index.tsx"],
    [["index.mjs"], "index.mjs"],
    [["index.jsx"], "index.jsx"],
  ])("of %j it takes %s", async (names, expected) => {
    const cwd = project(Object.fromEntries(names.map(name => [name, ""])));
    const { config, files } = await load({}, { cwd });
    expect(config).toMatchObject({ main: join(cwd, expected), configPath: null, root: cwd, name: "worker" });
    expect(files).toContain(join(cwd, "wrangler.toml"));
  });

  test("an entry on the command line wins over the configuration's", async () => {
    const { config } = await load(
      { "wrangler.json": '{"main": "src/index.ts"}', "o.js": "" },
      { entry: "o.js" },
    );
    expect(config.main).toBe(join(config.root, "o.js"));
  });

  test("an entry that does not exist", async () => {
    const error = await failure({}, { entry: "src/nope.ts" });
    expect(error).toMatchObject({
      code: "ENTRY_NOT_FOUND",
      message: "The entry does not exist: src/nope.ts",
    });
  });

  test("a main that does not exist", async () => {
    const error = await failure({ "wrangler.json": '{"main": "src/nope.ts"}' });
    expect(error.message).toBe('The entry that "main" names does not exist: src/nope.ts');
  });

  test("a main that a custom build has yet to make", async () => {
    const { config } = await load({ "wrangler.json": '{"main": "dist/x.js", "build": {"command": "make"}}' });
    expect(config.main).toBe(join(config.root, "dist/x.js"));
    expect(config.customBuild).toEqual({
      command: "make",
      cwd: config.root,
      watchDirs: [join(config.root, "src")],
    });
  });

  test("no entry at all", async () => {
    const error = await failure({}, { cwd: project({ "readme.md": "" }) });
    expect(error.code).toBe("ENTRY_NOT_FOUND");
    expect(error.message).toMatch(/^There is no worker in this folder: .* no _worker\.js, src\/index\.ts/);
    expect(error.hint).toContain('add "main"');
  });
});
