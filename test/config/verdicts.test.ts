import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { UserError } from "../../src/errors.ts";
import { project, rejection, write } from "../helpers/project.ts";
import { ENTRY, variables } from "./helpers.ts";

const CONFIG = {
  name: "app",
  main: "src/index.ts",
  vars: { A: "1", J: { x: [1] } },
  kv_namespaces: [{ binding: "KV" }],
  triggers: { crons: ["0 0 * * *"] },
  env: { live: { vars: { A: "live", J: {} }, kv_namespaces: [{ binding: "KV", id: "live" }] } },
};

function start(config: object = CONFIG) {
  const cwd = project({ ...ENTRY, "wrangler.json": JSON.stringify(config) });
  const cacheDir = join(cwd, "cache");
  const load = (options: object = {}) => loadConfig({ cwd, processEnv: {}, cacheDir, ...options });
  const entries = () =>
    readdirSync(cwd).includes("cache") ? readdirSync(cacheDir).map(name => join(cacheDir, name)) : [];
  return { cwd, load, entries };
}

describe("verdicts on disk", () => {
  test.each([{}, { env: "live" }, { overrides: { name: "other", minify: true } }])(
    "with %j the second load gives the same",
    async options => {
      const { load, entries } = start();
      const first = await load(options);
      expect(entries()).toHaveLength(1);
      expect(await load(options)).toEqual(first);
      expect(entries()).toHaveLength(1);
    },
  );

  test("it is the entry that is read: its name and bindings are found again in it", async () => {
    const { load, entries } = start();
    await load();
    const [path] = entries();
    expect(readFileSync(path!, "utf8")).toContain('"KV-app"');
  });

  test("other text, another environment, other options are other questions", async () => {
    const { cwd, load } = start();
    expect((await load()).config.name).toBe("app");
    expect((await load({ env: "live" })).config.name).toBe("app-live");
    expect((await load({ overrides: { name: "cli" } })).config.bindings).toContainEqual({
      type: "kv",
      name: "KV",
      id: "KV-cli",
    });
    write(cwd, { "wrangler.json": JSON.stringify({ ...CONFIG, name: "new" }) });
    expect((await load()).config.name).toBe("new");
  });

  test("secrets and the entry are looked at each time", async () => {
    const { cwd, load } = start();
    await load();
    write(cwd, { ".dev.vars": "S=1" });
    expect(variables((await load()).config)).toMatchObject({ S: "1", A: "1" });
    write(cwd, { "wrangler.json": JSON.stringify({ ...CONFIG, main: "gone.ts" }) });
    for (let run = 0; run < 2; run++)
      expect((await rejection(load(), UserError)).code).toBe("ENTRY_NOT_FOUND");
  });

  test("a file with a warning, an error, or required secrets is checked each time", async () => {
    for (const extra of [{ nonsense: 1 }, { secrets: { required: ["S"] } }]) {
      const { load, entries } = start({ ...CONFIG, ...extra });
      const first = await load();
      expect(first.warnings).toHaveLength(1);
      expect((await load()).warnings).toEqual(first.warnings);
      expect(entries()).toEqual([]);
    }
    const { load, entries } = start({ ...CONFIG, minify: 3 });
    for (let run = 0; run < 2; run++)
      expect((await rejection(load(), UserError)).code).toBe("CONFIG_INVALID");
    expect(entries()).toEqual([]);
  });

  test.each(["", "garbage", "{}"])("a damaged entry (%j) is not used", async damage => {
    const { load, entries } = start();
    const first = await load();
    const [path] = entries();
    writeFileSync(path!, damage);
    expect(await load()).toEqual(first);
    const text = readFileSync(path!, "utf8");
    writeFileSync(path!, text.replace("KV-app", "KV-bad"));
    expect(await load()).toEqual(first);
  });
});
