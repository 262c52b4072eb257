import { describe, expect, test } from "vitest";
import { failure, loadValue } from "../../config/helpers.ts";
import { cli, folder, startServer } from "../../helpers/cli.ts";
import { eachEngine } from "../../helpers/each-engine.ts";
import { ILLEGAL_INVOCATION } from "../../helpers/illegal-invocation.ts";

const SECRET = { type: "secrets_store_secret", name: "KEY", id: "../store", secret: "API_KEY" };

eachEngine("SecretsStoreSecret", (_run, { load }) => {
  test("is refused in Miniflare's words where the store has none", async () => {
    const worker = await load({
      bindings: [SECRET],
      limits: { subrequests: 2 },
      script: `export default {
        async run({ KEY }) {
          const { get } = KEY;
          const refusals = [String(KEY)];
          for (const call of [
            () => KEY.get(),
            () => get(),
            () => new KEY.constructor(Symbol("construction"), {}),
            () => KEY.get(),
            () => KEY.get(),
          ]) try { await call(); } catch (error) { refusals.push(String(error)); }
          return refusals;
        },
      }`,
    });
    expect(await worker.invoke("run")).toEqual([
      "[object SecretsStoreSecret]",
      'Error: Secret "API_KEY" not found',
      ILLEGAL_INVOCATION,
      "TypeError: Illegal constructor",
      'Error: Secret "API_KEY" not found',
      expect.stringContaining("subrequests"),
    ]);
    await worker.dispose();
  });
});

test("the configuration names store and secret", async () => {
  const { config, warnings } = await loadValue({
    secrets_store_secrets: [{ binding: "KEY", store_id: "s", secret_name: "API_KEY", remote: true }],
  });
  expect(config.bindings).toEqual([
    { type: "secrets_store_secret", name: "KEY", id: "s", secret: "API_KEY" },
  ]);
  expect(warnings).toEqual([expect.stringContaining('"secrets_store_secrets[0].remote" is ignored')]);
  const error = await failure({
    "wrangler.json": JSON.stringify({ secrets_store_secrets: [{ binding: "KEY", store_id: "s" }] }),
  });
  expect(error.message).toContain('"secrets_store_secrets[0].secret_name" should be a string, not absent');
});

describe("worker secrets-store secret", () => {
  const cwd = folder({
    "wrangler.json": JSON.stringify({
      main: "index.js",
      secrets_store_secrets: [{ binding: "KEY", store_id: "My Store", secret_name: "API_KEY" }],
    }),
    "index.js": `export default {
      get: env => env.KEY.get(),
      fetch: async (_, env) => new Response(await env.KEY.get()),
    }`,
  });
  const secret = (verb: string, args: readonly string[], input?: string) =>
    cli(["secrets-store", "secret", verb, "My Store", ...args], {
      cwd,
      ...(input === undefined ? {} : { input }),
    });
  const made = async (...args: readonly string[]) => {
    const { stdout } = await secret("create", [...args, "--json"]);
    const [first] = JSON.parse(stdout) as { id: string; [key: string]: unknown }[];
    return first;
  };

  // Six commands one after another, each a process: a busy machine takes its time.
  test("makes, changes and removes what a running worker sees", { timeout: 60_000 }, async () => {
    const server = await startServer(["dev"], { cwd });
    const value = async () => {
      const response = await fetch(server.url);
      return response.status === 200 ? response.text() : response.status;
    };
    expect(await value()).toBe(500);
    const first = await made("--name", "API_KEY", "--value", "one", "--comment", "of mine");
    expect(first).toMatchObject({ name: "API_KEY", comment: "of mine", scopes: ["workers"] });
    expect(await value()).toBe("one");
    const id = first?.id ?? "";
    expect((await secret("update", ["--secret-id", id], "two\n")).code).toBe(0);
    expect(await value()).toBe("two");
    const changed = await secret("update", [
      "--secret-id",
      id,
      "--comment",
      "",
      "--scopes",
      "a, b",
      "--json",
    ]);
    expect(JSON.parse(changed.stdout)).toMatchObject([{ comment: "", scopes: ["a", "b"] }]);
    expect(await value()).toBe("two");
    const removed = await secret("delete", ["--secret-id", id]);
    expect([removed.stdout, removed.stderr, removed.code]).toEqual(["", `Deleted the secret ${id}.\n`, 0]);
    expect(await value()).toBe(500);
    server.signal("SIGTERM");
    await server.ended;
  });

  test("reads a value from stdin, lists, shows and duplicates", async () => {
    const create = await secret("create", ["--name", "FROM_STDIN"], "  a long\nvalue \n\n");
    const id = /FROM_STDIN +([0-9a-f]{32}) +workers/.exec(create.stdout)?.[1] ?? "";
    expect(create.stdout).not.toContain("value");
    const [shown, duplicated] = await Promise.all([
      secret("get", ["--secret-id", id]),
      secret("duplicate", ["--secret-id", id, "--name", "API_KEY"]),
    ]);
    expect(shown.stdout).toBe(create.stdout);
    expect(duplicated.stdout).toContain("API_KEY");
    const [invoked, list] = await Promise.all([cli(["invoke", "get"], { cwd }), secret("list", [])]);
    expect(JSON.parse(invoked.stdout)).toBe("  a long\nvalue");
    expect(list.stdout).toMatch(/^NAME +ID +SCOPES +MODIFIED \(UTC\) +COMMENT\nAPI_KEY .*\nFROM_STDIN .*\n$/);
  });

  test("another store has none of them", async () => {
    const { stderr, code } = await cli(["secrets-store", "secret", "list", "other"], { cwd });
    expect([stderr, code]).toEqual(['The store "other" has no secrets.\n', 0]);
  });

  test.each<[string, string[], string]>([
    ["create", ["--value", "x"], "A secret needs a name. (USAGE)"],
    ["create", ["--name", "a b", "--value", "x"], '"a b" cannot be the name of a secret. (USAGE)'],
    ["create", ["--name", "A"], "A secret needs a value. (USAGE)"],
    ["create", ["--name", "A", "--value", ""], "A secret needs a value. (USAGE)"],
    ["get", [], "The command needs the id of a secret. (USAGE)"],
    ["get", ["--secret-id", "x"], 'There is no secret of the id "x" in this store. (USAGE)'],
    [
      "update",
      ["--secret-id", "x", "--value", "y"],
      'There is no secret of the id "x" in this store. (USAGE)',
    ],
    ["delete", ["--secret-id", "x"], 'There is no secret of the id "x" in this store. (USAGE)'],
    [
      "duplicate",
      ["--secret-id", "x", "--name", "A"],
      'There is no secret of the id "x" in this store. (USAGE)',
    ],
  ])("%s %j says what is wrong", async (verb, args, message) => {
    const { stderr, code } = await secret(verb, args);
    expect([stderr.split("\n")[0], code]).toEqual([`error: ${message}`, 2]);
  });

  test("refuses a value that Cloudflare would not take", async () => {
    const { stderr } = await secret("create", ["--name", "LONG"], "x".repeat(65_537));
    expect(stderr).toContain("The value has 65537 bytes, and a secret has at most 65536. (SIZE_LIMIT)");
  });
});
