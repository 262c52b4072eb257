// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax under test
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expand } from "../../src/config/expand.ts";
import { project } from "../helpers/project.ts";
import { ENTRY, failure, load, loadValue, variables } from "./helpers.ts";

const ALL = {
  ".dev.vars": "A=dev\nD=dev",
  ".dev.vars.prod": "A=dev.prod",
  ".env": "A=env\nE=env",
  ".env.local": "A=env.local\nL=local",
  ".env.prod": "A=env.prod\nP=prod",
  ".env.prod.local": "A=env.prod.local",
};
const ENV = { env: { prod: { vars: { A: "config" } } }, vars: { A: "config", C: "config" } };

async function valuesOf(
  files: Record<string, string>,
  options: Parameters<typeof loadValue>[1] = {},
  config: object = ENV,
) {
  return variables((await loadValue(config, options, files)).config);
}

function without(...names: string[]) {
  return Object.fromEntries(Object.entries(ALL).filter(([name]) => !names.includes(name)));
}

describe("precedence", () => {
  test("--var over .dev.vars over the configuration", async () => {
    expect(await valuesOf(ALL, { vars: { D: "var", V: "a:b" } })).toEqual({
      A: "dev",
      C: "config",
      D: "var",
      V: "a:b",
    });
  });

  test(".dev.vars.NAME stands alone", async () => {
    expect(await valuesOf(ALL, { env: "prod" })).toEqual({ A: "dev.prod" });
  });

  test(".dev.vars where there is no .dev.vars.NAME", async () => {
    expect(await valuesOf(without(".dev.vars.prod"), { env: "prod" })).toEqual({ A: "dev", D: "dev" });
  });

  test("CLOUDFLARE_ENV picks the files as --env does", async () => {
    expect(await valuesOf(ALL, { processEnv: { CLOUDFLARE_ENV: "prod" } })).toEqual({ A: "dev.prod" });
  });

  const dotEnv = without(".dev.vars", ".dev.vars.prod");
  test("the .env family without an environment", async () => {
    expect(await valuesOf(dotEnv)).toEqual({ A: "env.local", C: "config", E: "env", L: "local" });
  });

  test("the .env family with one: .env.NAME over .env.local", async () => {
    expect(await valuesOf(dotEnv, { env: "prod" })).toEqual({
      A: "env.prod.local",
      E: "env",
      L: "local",
      P: "prod",
    });
    const { ".env.prod.local": _, ...fewer } = dotEnv as typeof ALL;
    expect(await valuesOf(fewer, { env: "prod" })).toMatchObject({ A: "env.prod" });
  });

  test("CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV=false leaves the .env family out", async () => {
    const processEnv = { CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "false" };
    expect(await valuesOf(dotEnv, { processEnv })).toEqual({ A: "config", C: "config" });
  });

  test("CLOUDFLARE_INCLUDE_PROCESS_ENV=true puts the process over .env, but not over .dev.vars", async () => {
    const processEnv = { CLOUDFLARE_INCLUDE_PROCESS_ENV: "true", A: "process" };
    expect(await valuesOf(dotEnv, { processEnv })).toMatchObject({ A: "process", E: "env" });
    expect(await valuesOf(ALL, { processEnv })).toMatchObject({ A: "dev" });
  });

  test("the process is not seen unless asked for", async () => {
    expect(await valuesOf(dotEnv, { processEnv: { SECRET: "x" } })).not.toHaveProperty("SECRET");
  });

  test("--env-file replaces them all; the later wins; relative to the working directory, else to the configuration", async () => {
    const root = project({
      ...ENTRY,
      ...ALL,
      "wrangler.json": "{}",
      "one.env": "A=1\nB=1",
      "sub/two.env": "B=2",
    });
    const { config, files } = await load({}, { cwd: join(root, "sub"), envFiles: ["one.env", "two.env"] });
    expect(variables(config)).toEqual({ A: "1", B: "2" });
    expect(files).toEqual([join(root, "wrangler.json"), join(root, "one.env"), join(root, "sub/two.env")]);
  });

  test("an --env-file that does not exist", async () => {
    expect(await failure({}, { envFiles: ["no.env"] })).toMatchObject({ code: "ENV_FILE_NOT_FOUND" });
  });

  test("a .dev.vars that cannot be read", async () => {
    expect(await failure({ ".dev.vars/x": "" })).toMatchObject({ code: "CONFIG_UNREADABLE" });
  });

  test("files that do not exist yet are to be watched", async () => {
    const { config, files } = await loadValue(ENV, { env: "prod" });
    const names = [
      "wrangler.json",
      ".dev.vars.prod",
      ".dev.vars",
      ".env",
      ".env.local",
      ".env.prod",
      ".env.prod.local",
    ];
    expect(files).toEqual(names.map(name => join(config.root, name)));
  });

  test("secrets are marked, and a binding hides one of its name", async () => {
    const { config, warnings } = await loadValue(
      { kv_namespaces: [{ binding: "KV" }] },
      {},
      { ".env": "KV=1\nS=2" },
    );
    expect(config.bindings).toEqual([
      { type: "var", name: "S", value: "2", secret: true },
      { type: "kv", name: "KV", id: "KV-worker" },
    ]);
    expect(warnings).toEqual(["wrangler.json: the variable KV is hidden by the binding of that name"]);
  });
});

describe("secrets.required", () => {
  const config = { vars: { A: "config" }, secrets: { required: ["S", "T"] } };

  test("only those, and names in vars, come from files", async () => {
    expect(await valuesOf({ ".env": "A=file\nS=1\nT=2\nOTHER=3" }, {}, config)).toEqual({
      A: "file",
      S: "1",
      T: "2",
    });
  });

  test("they may come from the process", async () => {
    expect(await valuesOf({}, { processEnv: { S: "1", T: "2", HOME: "/" } }, config)).toEqual({
      A: "config",
      S: "1",
      T: "2",
    });
  });

  test("a missing one is a warning", async () => {
    const { warnings } = await loadValue(config, { vars: { T: "1" } });
    expect(warnings[0]).toContain('"secrets.required" names S, which no .dev.vars, .env or --var gives');
  });
});

describe("expansion", () => {
  const expanded = (values: Record<string, string>, processEnv = {}) =>
    Object.fromEntries(expand(new Map(Object.entries(values)), processEnv));

  test("$NAME, ${NAME}, defaults and escapes", () => {
    const values = {
      A: "1",
      B: "$A",
      C: "${A}x${B}",
      D: "${NO:-d$A}",
      E: "\\$A",
      F: "$NO",
      G: "${NO-}",
      H: "cost: 5$",
    };
    expect(expanded(values)).toEqual({
      A: "1",
      B: "1",
      C: "1x1",
      D: "d1",
      E: "$A",
      F: "",
      G: "",
      H: "cost: 5$",
    });
  });

  test("the process wins, but only with what it has itself", () => {
    expect(expanded({ A: "file", B: "$A", C: "$toString" }, { A: "process" })).toMatchObject({
      B: "process",
      C: "",
    });
  });

  test("circles end", () => {
    expect(expanded({ A: "$B", B: "$A", C: "$C" })).toEqual({ A: "", B: "", C: "" });
  });

  test("nothing is executed", () => {
    expect(expanded({ A: "$(echo hi)", B: "`echo hi`" })).toEqual({ A: "$(echo hi)", B: "`echo hi`" });
  });

  test("doubling lines end", () => {
    const values: Record<string, string> = { V0: "xxxxxxxxxx" };
    for (let index = 1; index < 64; index++) values[`V${index}`] = `$V${index - 1}$V${index - 1}`;
    expect(expanded(values)["V63"]!.length).toBeLessThan(1 << 21);
  });

  test("in .env, and not in .dev.vars", async () => {
    expect(await valuesOf({ ".env": "A=1\nB=$A" }, {}, {})).toEqual({ A: "1", B: "1" });
    expect(await valuesOf({ ".dev.vars": "A=1\nB=$A" }, {}, {})).toEqual({ A: "1", B: "$A" });
  });
});
