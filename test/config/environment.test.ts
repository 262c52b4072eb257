import { describe, expect, test } from "vitest";
import { failure, load, loadValue, variables } from "./helpers.ts";

const CONFIG = {
  name: "app",
  compatibility_date: "2026-01-01",
  minify: true,
  define: { X: "1" },
  alias: { a: "b" },
  vars: { A: "top", B: "top" },
  kv_namespaces: [{ binding: "KV", id: "top" }],
  triggers: { crons: ["0 0 * * *"] },
  limits: { cpu_ms: 10 },
  env: {
    staging: {},
    production: {
      name: "app-live",
      minify: false,
      vars: { A: "live" },
      kv_namespaces: [{ binding: "KV", id: "live" }],
      triggers: { crons: [] },
    },
  },
};

describe("environments", () => {
  test("without one, the top level", async () => {
    const { config, warnings } = await loadValue(CONFIG);
    expect(config).toMatchObject({ name: "app", environment: null, minify: true, define: { X: "1" } });
    expect(variables(config)).toEqual({ A: "top", B: "top" });
    expect(warnings).toEqual([]);
  });

  test("inherited keys come from the top level; the others are absent, with a warning each", async () => {
    const { config, warnings } = await loadValue(CONFIG, { env: "staging" });
    expect(config).toMatchObject({
      name: "app-staging",
      environment: "staging",
      compatibilityDate: "2026-01-01",
      minify: true,
      alias: { a: "b" },
      triggers: { crons: ["0 0 * * *"] },
      limits: { cpuMs: 10 },
      define: {},
      bindings: [],
    });
    expect(warnings.map(warning => warning.replace(/^.*?\d: /, "")).sort()).toEqual([
      '"define" is not inherited: env.staging lacks "define.X"',
      '"kv_namespaces" is not inherited: add it to env.staging to have it there',
      '"vars" is not inherited: env.staging lacks "vars.A", "vars.B"',
    ]);
  });

  test("its own keys win", async () => {
    const { config, warnings } = await loadValue(CONFIG, { env: "production" });
    expect(config).toMatchObject({ name: "app-live", minify: false, triggers: { crons: [] } });
    expect(config.bindings).toEqual([
      { type: "var", name: "A", value: "live", secret: false },
      { type: "kv", name: "KV", id: "live" },
    ]);
    expect(warnings.map(warning => warning.replace(/^.*?\d: /, "")).sort()).toEqual([
      '"define" is not inherited: env.production lacks "define.X"',
      '"vars" is not inherited: env.production lacks "vars.B"',
    ]);
  });

  test("CLOUDFLARE_ENV chooses one; --env wins", async () => {
    const processEnv = { CLOUDFLARE_ENV: "production" };
    expect((await loadValue(CONFIG, { processEnv })).config.environment).toBe("production");
    expect((await loadValue(CONFIG, { processEnv, env: "staging" })).config.environment).toBe("staging");
  });

  test("an unknown one is an error that lists those that exist", async () => {
    const error = await failure({ "wrangler.json": JSON.stringify(CONFIG) }, { env: "prodution" });
    expect(error).toMatchObject({
      code: "CONFIG_UNKNOWN_ENV",
      message: 'wrangler.json has no environment "prodution"',
      hint: 'It has: staging, production. Did you mean "production"?',
    });
  });

  test.each(["toString", "__proto__", "constructor"])("%s is not an environment", async env => {
    const error = await failure({ "wrangler.json": JSON.stringify(CONFIG) }, { env });
    expect(error.code).toBe("CONFIG_UNKNOWN_ENV");
  });

  test("without a configuration file the name only picks files of secrets", async () => {
    const { config } = await load({ ".env.staging": "A=1" }, { env: "staging" });
    expect(variables(config)).toEqual({ A: "1" });
  });

  test("keys of the top level only are ignored in one, with a warning", async () => {
    const { config, warnings } = await loadValue(
      { env: { a: { dev: { port: 1 }, alias: {} } } },
      { env: "a" },
    );
    expect(config.dev.port).toBeNull();
    expect(warnings.map(warning => warning.replace(/^.*?\d: /, ""))).toContain(
      '"env.a.dev" is read at the top level only, and ignored here',
    );
  });

  test("problems inside one have its path; other environments are not looked at", async () => {
    const text = JSON.stringify({ env: { a: { minify: 1 }, b: { minify: 2, nonsense: true } } });
    const error = await failure({ "wrangler.json": text }, { env: "a" });
    expect(error.message).toContain('"env.a.minify" should be true or false');
    const { warnings } = await load({ "wrangler.json": text });
    expect(warnings).toEqual([]);
  });

  test("env that is not an object, and an environment that is not one", async () => {
    expect((await failure({ "wrangler.json": '{"env": 3}' })).message).toContain('"env" should be an object');
    const error = await failure({ "wrangler.json": '{"env": {"a": 3}}' }, { env: "a" });
    expect(error.message).toContain('"env.a" should be an object, not the number 3');
  });
});
