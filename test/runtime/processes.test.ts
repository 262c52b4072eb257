/** The two processes of a server: what happens to one when the other dies, and what is left when it ends. */
import { describe, expect, onTestFinished, test } from "vitest";
import { ENGINES } from "../helpers/each-engine.ts";
import { get, startLoad } from "../helpers/load.ts";
import {
  eventually,
  folderWith,
  hostProcessOf,
  isAlive,
  RawConnection,
  startServer,
} from "../helpers/server.ts";

const WORKER = `
let count = 0;
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/body") return new Response(await request.text());
    if (pathname === "/put") { const key = "key" + count++; await env.KV.put(key, "value of " + key); return new Response(key); }
    if (pathname.startsWith("/get/")) return new Response(await env.KV.get(pathname.slice(5)));
    return new Response("ok");
  },
};`;
const CONFIG = `{ "main": "index.js", "compatibility_date": "2026-11-01", "kv_namespaces": [{ "binding": "KV" }] }`;

describe.each(ENGINES)("processes (%s)", engine => {
  const start = async (
    command: string,
    folder = folderWith({ "index.js": WORKER, "wrangler.json": CONFIG }),
  ) => {
    const isolates = command === "run" ? ["--isolates", "1"] : [];
    const server = await startServer(folder, command, "--engine", engine, ...isolates);
    onTestFinished(async () => void (await server.stop("SIGKILL")));
    return { folder, server, host: await hostProcessOf(server.process.pid ?? 0) };
  };
  const gone = (pid: number) => eventually(async () => !(await isAlive(pid)));

  test("a host process that is killed has a successor on the same port at once", async () => {
    const { server, host } = await start("run");
    expect(await get(server.url)).toEqual([200, "ok"]);
    process.kill(host, "SIGKILL");
    await gone(host);
    // The socket never closes: this waits in its queue, and is not refused.
    const startedAt = performance.now();
    expect(await get(server.url)).toEqual([200, "ok"]);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(await hostProcessOf(server.process.pid ?? 0)).not.toBe(host);
    await server.waitFor(/a new one takes over/);
  });

  test("a host process that stops answering is replaced", async () => {
    const { server, host } = await start("run");
    process.kill(host, "SIGSTOP");
    expect(await get(server.url)).toEqual([200, "ok"]);
    await gone(host);
  });

  test("a host process does not outlive its supervisor", async () => {
    const { server, host } = await start("dev");
    await server.stop("SIGKILL");
    await gone(host);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s leaves no process", async signal => {
    const { server, host } = await start("dev");
    const connection = await RawConnection.open(server.port);
    connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    await connection.received(/ok$/);
    expect(await server.stop(signal)).toBe(130);
    expect(await isAlive(host)).toBe(false);
    await expect(get(server.url)).rejects.toThrow("ECONNREFUSED");
  });

  test("requests in flight finish before it ends", async () => {
    const { server } = await start("run");
    const connection = await RawConnection.open(server.port);
    connection.send("POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    await get(server.url);
    const stopped = server.stop("SIGTERM");
    connection.send("3\r\ntwo\r\n0\r\n\r\n");
    expect(await connection.rest()).toMatch(/^HTTP\/1\.1 200 [\s\S]*one[\s\S]*two/);
    expect(await stopped).toBe(130);
  });

  test("kill -9 during writes loses none that was acknowledged", async () => {
    const { folder, server, host } = await start("run");
    const load = startLoad(`${server.url}/put`, 8);
    await eventually(async () => Number((await get(`${server.url}/put`))[1].slice(3)) >= 500);
    process.kill(server.process.pid ?? 0, "SIGKILL");
    process.kill(host, "SIGKILL");
    const { answers } = await load.stop();
    const acknowledged = answers.flat();
    await gone(host);
    expect(acknowledged.length).toBeGreaterThan(100);
    const next = await start("run", folder);
    const values = await Promise.all(acknowledged.map(key => get(`${next.server.url}/get/${key}`)));
    expect(values).toEqual(acknowledged.map(key => [200, `value of ${key}`]));
  });
});
