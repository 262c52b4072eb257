import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parsePairs } from "../../src/config/pairs.ts";
import { failure, load, loadValue } from "./helpers.ts";

describe("normalising", () => {
  test("nothing but an entry gives every default", async () => {
    const { config, warnings, notes } = await load({});
    const { root } = config;
    expect(config).toEqual({
      name: "worker",
      main: join(root, "src/index.ts"),
      root,
      configPath: null,
      environment: null,
      compatibilityDate: "2026-11-17",
      compatibilityFlags: [],
      nodeCompat: "full",
      populateProcessEnv: true,
      bindings: [],
      assets: null,
      site: null,
      moduleGlobals: [],
      triggers: { crons: [] },
      limits: { cpuMs: null, subrequests: null },
      rules: [],
      findAdditionalModules: false,
      baseDir: join(root, "src"),
      define: {},
      alias: {},
      tsconfig: null,
      jsxFactory: null,
      jsxFragment: null,
      minify: false,
      noBundle: false,
      keepNames: true,
      customBuild: null,
      dev: {
        ip: "127.0.0.1",
        port: null,
        inspectorIp: "127.0.0.1",
        inspectorPort: null,
        localProtocol: "http",
        upstreamProtocol: "http",
        host: null,
      },
    });
    expect(warnings).toEqual([]);
    expect(notes).toEqual(["no compatibility_date: using 2026-11-17, the newest that is known here"]);
  });

  test("TOML and JSON give the same", async () => {
    const toml = await load({
      "wrangler.toml": [
        'name = "a"',
        'compatibility_date = "2026-01-01"',
        "[[rules]]",
        'type = "Text"',
        'globs = ["**/*.md"]',
        "fallthrough = true",
        "[limits]",
        "cpu_ms = 50",
        "[dev]",
        "port = 9000",
        "[build]",
        'command = "make"',
        'watch_dir = ["a", "b"]',
        'cwd = "sub"',
      ].join("\n"),
    });
    const json = await loadValue({
      main: undefined,
      name: "a",
      compatibility_date: "2026-01-01",
      rules: [{ type: "Text", globs: ["**/*.md"], fallthrough: true }],
      limits: { cpu_ms: 50 },
      dev: { port: 9000 },
      build: { command: "make", watch_dir: ["a", "b"], cwd: "sub" },
    });
    const relative = ({ config: { configPath: _, ...config } }: typeof json) =>
      JSON.parse(JSON.stringify(config).replaceAll(config.root, "ROOT"));
    expect(relative(toml)).toEqual(relative(json));
    expect(relative(json).customBuild).toEqual({
      command: "make",
      cwd: "ROOT/sub",
      watchDirs: ["ROOT/a", "ROOT/b"],
    });
  });

  test("the command line wins, its paths being relative to the working directory", async () => {
    const { config } = await loadValue(
      {
        name: "a",
        minify: true,
        define: { A: "1", B: "2" },
        tsconfig: "t.json",
        dev: { port: 1, ip: "::1" },
      },
      {
        overrides: {
          name: "b",
          minify: false,
          define: { B: "3" },
          tsconfig: "x/t.json",
          port: 2,
          compatibilityDate: "2025-01-01",
          compatibilityFlags: ["nodejs_als"],
        },
      },
    );
    expect(config).toMatchObject({
      name: "b",
      minify: false,
      define: { A: "1", B: "3" },
      tsconfig: join(config.root, "x/t.json"),
      compatibilityDate: "2025-01-01",
      nodeCompat: "als",
      dev: { port: 2, ip: "::1" },
    });
  });

  test("KV namespaces: with an id, a preview id, none", async () => {
    const { config, warnings } = await loadValue({
      name: "app",
      kv_namespaces: [
        { binding: "A", id: "1" },
        { binding: "B", id: "1", preview_id: "2" },
        { binding: "C", remote: true },
      ],
    });
    expect(config.bindings).toEqual([
      { type: "kv", name: "A", id: "1" },
      { type: "kv", name: "B", id: "2", previewId: "2", productionId: "1" },
      { type: "kv", name: "C", id: "C-app" },
    ]);
    expect(warnings).toEqual([
      'wrangler.json:16:7: "kv_namespaces[2].remote" is ignored: this program only has local data',
    ]);
  });
  test("D1 databases: with ids, a name, none", async () => {
    const { config, warnings } = await loadValue({
      name: "app",
      d1_databases: [
        {
          binding: "A",
          database_name: "shop",
          database_id: "1",
          migrations_dir: "sql",
          migrations_table: "done",
        },
        {
          binding: "B",
          database_id: "1",
          preview_database_id: "2",
          migrations_pattern: "migrations/*/migration.sql",
        },
        { binding: "C", remote: true },
      ],
    });
    const defaults = {
      type: "d1",
      databaseName: null,
      databaseId: null,
      migrationsDir: "migrations",
      migrationsTable: "d1_migrations",
      migrationsPattern: null,
    };
    expect(config.bindings).toEqual([
      {
        ...defaults,
        name: "A",
        id: "1",
        databaseName: "shop",
        databaseId: "1",
        migrationsDir: "sql",
        migrationsTable: "done",
      },
      { ...defaults, name: "B", id: "2", databaseId: "1", migrationsPattern: "migrations/*/migration.sql" },
      { ...defaults, name: "C", id: "C-app" },
    ]);
    expect(warnings).toEqual([expect.stringContaining('"d1_databases[2].remote" is ignored')]);
  });
});

describe("compatibility", () => {
  test.each([
    ["2026-08-04", [], "full"],
    ["2026-08-03", [], "off"],
    ["2026-08-04", ["no_nodejs_compat"], "off"],
    ["2026-08-04", ["no_nodejs_compat_v2"], "prefixed"],
    ["2024-09-23", ["nodejs_compat"], "full"],
    ["2024-09-22", ["nodejs_compat"], "prefixed"],
    ["2023-01-01", ["nodejs_compat", "nodejs_compat_v2"], "full"],
    ["2024-01-01", ["nodejs_als"], "als"],
    ["2024-01-01", ["nodejs_compat_v2"], "off"],
  ])("date %s and flags %j give Node.js compatibility %s", async (compatibility_date, flags, expected) => {
    const { config } = await loadValue({ compatibility_date, compatibility_flags: flags });
    expect(config.nodeCompat).toBe(expected);
  });

  test("a date in the future is noted", async () => {
    const { config, notes } = await loadValue({ compatibility_date: "2099-01-01" });
    expect(config.compatibilityDate).toBe("2099-01-01");
    expect(notes).toEqual([
      "compatibility_date 2099-01-01 is newer than 2026-11-17, the newest that is known here",
    ]);
  });

  test.each(["2026-02-30", "today", "2026-1-1", "20260101", ""])("%j is not a date", async date => {
    const error = await failure({ "wrangler.json": JSON.stringify({ compatibility_date: date }) });
    expect(error.message).toContain('"compatibility_date" should be a date such as');
  });

  test("a flag that nobody knows is a warning", async () => {
    const { warnings } = await loadValue({ compatibility_flags: ["nodejs_compt", "rtti_api"] });
    expect(warnings).toHaveLength(1);
    expect(warnings.join("\n")).toContain(
      'has no effect with "nodejs_compt", which is no known flag; did you mean "nodejs_compat"?',
    );
    expect(warnings.join("\n")).not.toContain("rtti_api");
  });

  test("flags that contradict each other", async () => {
    const flags = ["nodejs_compat", "no_nodejs_compat"];
    const error = await failure({ "wrangler.json": JSON.stringify({ compatibility_flags: flags }) });
    expect(error.message).toContain('cannot have both "nodejs_compat" and "no_nodejs_compat"');
  });
});

describe("problems", () => {
  test("all at once, each with its place", async () => {
    const error = await failure({
      "wrangler.json": JSON.stringify(
        {
          name: "a b",
          main: 3,
          rules: [{ type: "Python", globs: ["x"] }],
          dev: { port: 70_000, local_protocol: "ftp" },
          build: { watch_dir: 1 },
          kv_namespaces: [{}, { binding: "" }],
          vars: [],
          triggers: { crons: ["* * * *"] },
          compatibility_date: "2026-02-31",
          compatibility_flags: ["nodejs_compat", "no_nodejs_compat"],
        },
        null,
        1,
      ),
    });
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toBe("wrangler.json has 12 problems");
    const lines = error.details
      ?.split("\n")
      .map(line => line.replace(/^.*?\d: /, ""))
      .sort();
    expect(lines).toEqual([
      '"build.watch_dir" should be a string or a list, not the number 1',
      '"compatibility_date" should be a date such as "2026-11-17"',
      '"compatibility_flags" cannot have both "nodejs_compat" and "no_nodejs_compat"',
      '"dev.local_protocol" should be one of "http", "https", not the string "ftp"',
      '"dev.port" should be at most 65535, not the number 70000',
      '"kv_namespaces[0].binding" should be a string, not absent',
      '"kv_namespaces[1].binding" should not be empty',
      '"main" should be a string, not the number 3',
      '"name" should be letters, digits, hyphens and underscores',
      '"rules[0].type" should be one of "ESModule", "CommonJS", "CompiledWasm", "Text", "Data", not the string "Python"',
      '"triggers.crons[0]" is not a valid cron expression: "* * * *": it has 4 fields and not five',
      '"vars" should be an object, not a list',
    ]);
  });

  test("the same mistake a thousand times is told in short, and quickly", async () => {
    const namespaces = Array.from({ length: 5_000 }, (_, index) => ({
      binding: index,
      padding: "x".repeat(500),
    }));
    const error = await failure({ "wrangler.json": JSON.stringify({ kv_namespaces: namespaces }) });
    expect(error.message).toBe("wrangler.json has 5000 problems");
    expect(error.details?.split("\n")).toHaveLength(51);
    expect(error.details).toMatch(/… and 4950 more$/);
    const unknown = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key${index}`, 1]));
    const { warnings } = await loadValue(unknown);
    expect(warnings).toHaveLength(51);
    expect(warnings.at(-1)).toBe("wrangler.json: 4950 more warnings");
  });

  test("unknown keys are warnings with the nearest name", async () => {
    const { warnings, config } = await loadValue({
      compatability_date: "2026-01-01",
      "compatibility-flags": [],
      frobnicate: 1,
      dev: { prot: 1 },
      kv_namespaces: [{ biding: "A", binding: "B" }],
    });
    expect(warnings.map(warning => warning.replace(/^.*?\d: /, "")).sort()).toEqual([
      '"compatability_date" is not a known key; did you mean "compatibility_date"?',
      '"compatibility-flags" is not a known key; did you mean "compatibility_flags"?',
      '"dev.prot" is not a known key; did you mean "port"?',
      '"frobnicate" is not a known key',
      '"kv_namespaces[0].biding" is not a known key; did you mean "binding"?',
    ]);
    expect(config.bindings).toEqual([{ type: "kv", name: "B", id: "B-worker" }]);
  });

  test("a name that two bindings have", async () => {
    const error = await failure({
      "wrangler.json": JSON.stringify({ vars: { A: "1" }, kv_namespaces: [{ binding: "A" }] }),
    });
    expect(error.message).toBe("wrangler.json: the name A is given to two bindings (var, kv)");
  });

  test("deployment keys are accepted in silence", async () => {
    const { warnings } = await loadValue({
      $schema: "x",
      account_id: "x",
      workers_dev: true,
      route: "a.b/*",
      routes: [{ pattern: "a", custom_domain: true }],
      observability: { enabled: true },
      logpush: true,
      placement: { mode: "smart" },
      upload_source_maps: true,
      migrations: [{ tag: "v1", new_classes: ["A"] }],
      tail_consumers: [{ service: "x" }],
    });
    expect(warnings).toEqual([]);
  });

  test("kinds without a local form are one warning, and stand-ins on env", async () => {
    const { warnings, config } = await loadValue({
      services: [{ binding: "AUTH", service: "auth" }],
      durable_objects: { bindings: [{ name: "ROOMS", class_name: "Room" }] },
      queues: { producers: [{ binding: "Q", queue: "q" }], consumers: [] },
      ai: { binding: "AI" },
      d1_databases: [],
    });
    expect(warnings).toEqual([
      "wrangler.json: no local form: ROOMS (durable_objects), Q (queues), AUTH (services), AI (ai); what the worker calls on them throws",
    ]);
    const ai = { ai: { binding: "AI" } };
    expect((await loadValue(ai, { needsEntry: false })).warnings).toEqual([]);
    expect(config.bindings.map(({ type, name }) => `${type} ${name}`)).toEqual([
      "unavailable ROOMS",
      "unavailable Q",
      "unavailable AUTH",
      "unavailable AI",
    ]);
  });

  test.each(["* * * *", "@daily", "61 * * * *", "* * * * 8", "a b c d e", "* * * * * *"])(
    "the cron expression %j",
    async cron => {
      const error = await failure({
        "wrangler.json": JSON.stringify({ triggers: { crons: ["0 0 * * *", cron] } }),
      });
      expect(error.message).toContain(`"triggers.crons[1]" is not a valid cron expression: "${cron}": `);
    },
  );

  test("cron expressions of Cloudflare's syntax", async () => {
    const crons = [
      "*/5 * * * *",
      "0 17 * * sun",
      "10 7 * * mon-fri",
      "0 15 1 * *",
      "0 18 * * 6L",
      "59 23 LW * *",
      "0 0 * * 2#1",
      "0 0 15W * *",
    ];
    const { config } = await loadValue({ triggers: { crons } });
    expect(config.triggers.crons).toEqual(crons);
  });
});

describe("KEY:VALUE", () => {
  test("the value may have colons, and be empty", () => {
    expect(parsePairs("--var", ["A:1:2", "B:", "A:3"])).toEqual({ A: "3", B: "" });
  });

  test.each(["A", ":1", "", "A=1"])("%j is not one", text => {
    expect(() => parsePairs("--var", [text])).toThrow(`--var takes KEY:VALUE, not "${text}"`);
  });
});
