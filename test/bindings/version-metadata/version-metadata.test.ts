import { expect, test } from "vitest";
import { loadValue } from "../../config/helpers.ts";
import { eachEngine } from "../../helpers/each-engine.ts";
import { write } from "../../helpers/project.ts";
import { folderWith, startServer } from "../../helpers/server.ts";

interface Version {
  readonly id: string;
  readonly tag: string;
  readonly timestamp: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

eachEngine("version metadata", (_run, { load }) => {
  const script = "export default { version: env => env.VERSION }";
  const bindings = [{ type: "version_metadata", name: "VERSION" }];

  async function versionsOf(code: string, instances = 1): Promise<Version[]> {
    const worker = await load({ script: code, bindings, instances });
    const asked = Array.from({ length: 2 * instances }, () => worker.invoke("version"));
    const versions = await Promise.all(asked);
    await worker.dispose();
    return versions as Version[];
  }

  test("are the same for all isolates, and for the same code at another time", async () => {
    const before = Date.now();
    const [first, ...others] = await versionsOf(script, 2);
    expect(Object.keys(first as Version)).toEqual(["id", "tag", "timestamp"]);
    expect(first?.id).toMatch(UUID);
    expect(first?.tag).toBe("");
    expect(first?.timestamp).toBe(new Date(first?.timestamp ?? "").toISOString());
    expect(Date.parse(first?.timestamp ?? "")).toBeGreaterThanOrEqual(before);
    for (const other of others) expect(other).toEqual(first);
    const [again] = await versionsOf(script);
    expect(again?.id).toBe(first?.id);
  });

  test("change with the code", async () => {
    const [[first], [second]] = await Promise.all([versionsOf(script), versionsOf(`${script};`)]);
    expect(second?.id).not.toBe(first?.id);
  });

  test("are a plain object of the isolate's own", async () => {
    const worker = await load({
      bindings,
      script: `export default { run(env) {
        const { VERSION } = env;
        VERSION.tag = "mine";
        return [Object.getPrototypeOf(VERSION) === Object.prototype, structuredClone(VERSION).tag, env.VERSION.tag];
      } }`,
    });
    expect(await worker.invoke("run")).toEqual([true, "mine", "mine"]);
    await worker.dispose();
  });
});

test("the configuration names the binding", async () => {
  const { config } = await loadValue({ version_metadata: { binding: "VERSION" } });
  expect(config.bindings).toEqual([{ type: "version_metadata", name: "VERSION" }]);
});

test("dev: a save is a new version", async () => {
  const code = (text: string) =>
    `export default { fetch: (_, env) => Response.json({ ...env.VERSION, text: "${text}" }) }`;
  const folder = folderWith({
    "wrangler.json": JSON.stringify({ main: "index.js", version_metadata: { binding: "VERSION" } }),
    "index.js": code("one"),
  });
  const server = await startServer(folder, "dev");
  const ask = async () => (await fetch(server.url)).json() as Promise<Version & { text: string }>;
  const [first, same] = [await ask(), await ask()];
  expect(same).toEqual(first);
  write(folder, { "index.js": code("two") });
  let next = await ask();
  while (next.text === "one") next = await ask();
  expect(next.id).not.toBe(first.id);
  expect(next.timestamp >= first.timestamp).toBe(true);
  await server.stop();
});
