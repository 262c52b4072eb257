/** What a save does to a server under load, and to the requests that are there when it happens. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ENGINES } from "../helpers/each-engine.ts";
import { get, startLoad } from "../helpers/load.ts";
import { type Files, write } from "../helpers/project.ts";
import { eventually, folderWith, RawConnection, startServer } from "../helpers/server.ts";

const CONFIG = `{ "main": "index.js", "compatibility_date": "2026-11-01", "kv_namespaces": [{ "binding": "KV" }] }`;

const version = (name: string | number) => `
const answers = {
  "/": () => "${name}",
  "/body": async request => "${name} " + await request.text(),
  "/put": async (request, env) => { await env.KV.put("key", "${name}"); return "put"; },
  "/get": (request, env) => env.KV.get("key"),
};
export default { fetch: async (request, env) => new Response(await answers[new URL(request.url).pathname](request, env)) };
`;

describe.each(ENGINES)("reloads (%s)", engine => {
  const start = async (files: Files = {}) => {
    const folder = folderWith({ "index.js": version("v0"), "wrangler.json": CONFIG, ...files });
    const launch = async (command = "dev") => {
      const server = await startServer(folder, command, "--engine", engine);
      onTestFinished(async () => void (await server.stop()));
      return server;
    };
    return { folder, server: await launch(), launch };
  };
  const until = (url: string, body: string) =>
    eventually(async () => (await get(url)).join(" ") === `200 ${body}`);

  test("fifty saves under a steady load lose no request", async () => {
    const { folder, server } = await start();
    const load = startLoad(server.url, 4);
    for (let save = 1; save <= 50; save++) {
      write(folder, { "index.js": version(`v${save}`) });
      await until(server.url, `v${save}`);
    }
    const { answers, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(answers.flat().length).toBeGreaterThan(50);
    for (const client of answers) {
      const versions = client.map(answer => Number(answer.slice(1)));
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    }
  });

  test("a request in flight finishes on the old code", async () => {
    const { folder, server } = await start();
    const connection = await RawConnection.open(server.port);
    connection.send(
      "POST /body HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n",
    );
    await until(server.url, "v0");
    write(folder, { "index.js": version("v1") });
    await until(server.url, "v1");
    connection.send("3\r\ntwo\r\n0\r\n\r\n");
    expect(await connection.rest()).toMatch(/^HTTP\/1\.1 200 [\s\S]*v0 onetwo$/);
  });

  test("requests that come while new code is made wait for it", async () => {
    // The build command goes on when the file "go" is there.
    const build = `import { existsSync, watch, rmSync } from "node:fs";
      if (existsSync("armed")) {
        console.log("building");
        const watcher = watch(".", () => { if (existsSync("go")) watcher.close(); });
        if (existsSync("go")) watcher.close();
      }`;
    const { folder, server } = await start({
      "tools/build.mjs": build,
      "src/x": "",
      "wrangler.json": CONFIG.replace(
        "{",
        `{ "build": { "command": "node tools/build.mjs", "watch_dir": "src" },`,
      ),
    });
    write(folder, { armed: "", "index.js": version("v1") });
    write(folder, { "src/x": "changed" });
    await server.waitFor(/building/);
    let answered = false;
    const held = Promise.all(
      Array.from({ length: 10 }, async () => {
        const answer = await get(server.url);
        answered = true;
        return answer;
      }),
    );
    // Another request's whole way through the server, which the held ones would have gone as well.
    expect((await get(`${server.url}/cdn-cgi/nothing`))[0]).toBe(404);
    expect(answered).toBe(false);
    writeFileSync(join(folder, "go"), "");
    expect(await held).toEqual(Array(10).fill([200, "v1"]));
  });

  test("a save that does not build keeps the old code, and the next one is served", async () => {
    const { folder, server } = await start();
    write(folder, { "index.js": "export default { fetch( {" });
    await server.waitFor(/BUILD_FAILED[\s\S]*index\.js:1/);
    expect(await get(server.url)).toEqual([200, "v0"]);
    write(folder, { "index.js": version("v2") });
    await until(server.url, "v2");
  });

  test("a save that throws when it is loaded says so, and the next one is served", async () => {
    const { folder, server } = await start();
    write(folder, { "index.js": `const broken = undefined;\nbroken.property;\n${version("v1")}` });
    await server.waitFor(/TypeError.*WORKER_LOAD_FAILED[\s\S]*index\.js:2:/);
    const [status, body] = await get(server.url);
    expect(status).toBe(500);
    expect(body).toContain("TypeError");
    write(folder, { "index.js": version("v2") });
    await until(server.url, "v2");
  });

  test("a project that is broken from the start is served when it is mended", async () => {
    const { folder, server } = await start({ "index.js": "export default {" });
    const [status, body] = await get(server.url);
    expect(status).toBe(500);
    expect(body).toContain("index.js:1");
    write(folder, { "index.js": version("v1") });
    await until(server.url, "v1");
  });

  test("stored data outlives reloads and restarts", async () => {
    const { folder, server, launch } = await start();
    expect(await get(`${server.url}/put`)).toEqual([200, "put"]);
    write(folder, { "index.js": version("v1") });
    await until(server.url, "v1");
    expect(await get(`${server.url}/get`)).toEqual([200, "v0"]);
    expect(await server.stop()).toBe(130);
    const next = await launch("run");
    expect(await get(`${next.url}/get`)).toEqual([200, "v0"]);
  });
});
