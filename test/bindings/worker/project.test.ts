/** A project in service-worker syntax, from its files to its answer. */
import { describe, expect, test } from "vitest";
import { cli, folder } from "../../helpers/cli.ts";
import { ENGINES } from "../../helpers/each-engine.ts";

const cwd = folder({
  "wrangler.json": '{ "name": "older", "main": "worker.js", "vars": { "GREETING": "hello" } }',
  "worker.js": `
    const text = GREETING.toUpperCase();
    addEventListener("fetch", event => event.respondWith(new Response(text)));
  `,
});

describe.each(ENGINES)("a project in service-worker syntax (%s)", engine => {
  test("finds its bindings while it is evaluated", async () => {
    const result = await cli(["run", "--request", "/", "--engine", engine], { cwd });
    expect(result.stdout).toBe("HELLO");
  });
});
