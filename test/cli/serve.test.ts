import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { cli, folder, startServer } from "../helpers/cli.ts";
import { ENGINES } from "../helpers/each-engine.ts";
import { write } from "../helpers/project.ts";

const answering = (text: string) => `const twice = new Response("once");
export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/twice") return twice;
    if (pathname === "/throw") throw new Error("secret detail");
    console.log("seen", pathname);
    return new Response(${JSON.stringify(text)});
  },
};`;

const get = async (url: string) => {
  const response = await fetch(url);
  return [response.status, await response.text()];
};

describe.each(ENGINES)("servers (%s)", engine => {
  test.concurrent("dev serves, reloads, tells what is wrong, recovers, and ends", async () => {
    const cwd = folder({ "index.js": answering("first") });
    const server = await startServer(["dev", "--engine", engine], { cwd });
    expect(await get(server.url)).toEqual([200, "first"]);
    expect((await server.says(/^seen \/$/m)).input).toContain("Ready on http://127.0.0.1:");
    await server.says(/^GET \/ 200 OK \(\d+ ms\)$/m);

    write(cwd, { "index.js": answering("second") });
    await server.says(/^Reloaded in \d+ ms$/m);
    expect(await get(server.url)).toEqual([200, "second"]);

    write(cwd, { "index.js": "export default {" });
    await server.says(/^error: .*\(BUILD_FAILED\)\nindex\.js:1:\d+: /m);
    write(cwd, { "index.js": answering("third") });
    await server.says(/(Reloaded[\s\S]*){2}/);
    expect(await get(server.url)).toEqual([200, "third"]);

    const [status, text] = await get(`${server.url}/throw`);
    expect(status).toBe(500);
    expect(text).toMatch(/^Error: secret detail\n {4}at .*fetch \(index\.js:6:\d+\)\n/);
    server.signal("SIGINT");
    expect(await server.ended).toBe(130);
  });

  test.concurrent("run serves, and keeps exceptions to itself", async () => {
    const cwd = folder({ "index.js": answering("run") });
    const server = await startServer(["run", "--engine", engine, "--isolates", "1"], { cwd });
    expect(await get(`${server.url}/throw`)).toEqual([500, "Internal Server Error\n"]);
    await server.says(/^error: Error: secret detail\n {4}at .*fetch \(index\.js:6:\d+\)$/m);
    expect(await get(`${server.url}/twice`)).toEqual([200, "once"]);
    const [status, text] = await get(`${server.url}/twice`);
    expect(status).toBe(500);
    expect(text).toMatch(/^Body has already been used\. .* \(NO_RESPONSE\)\n$/);
    expect(server.output).not.toContain("GET /");
    server.signal("SIGTERM");
    expect(await server.ended).toBe(130);
  });

  test.concurrent("dev outlives a worker that throws at the top level, run does not", async () => {
    const cwd = folder({ "index.js": 'throw new Error("top"); export default {};' });
    const server = await startServer(["dev", "--engine", engine], { cwd });
    expect(server.output).toContain("error: Error: top (WORKER_LOAD_FAILED)\n");
    expect((await get(server.url))[0]).toBe(500);
    const run = await cli(["run", "--engine", engine, "--port", "0"], { cwd });
    expect([run.stderr, run.code]).toEqual(["", 1]);
    expect(run.stdout).toContain("error: Error: top (WORKER_LOAD_FAILED)\n");
  });
});

describe.concurrent("the port", () => {
  /** A port that is taken for as long as `use` runs. */
  async function withTakenPort<T>(use: (port: number) => Promise<T>): Promise<T> {
    const server = createServer();
    await new Promise<void>(listening => server.listen(0, "127.0.0.1", listening));
    try {
      return await use((server.address() as { port: number }).port);
    } finally {
      server.close();
    }
  }
  const FILES = { "index.js": answering("ok") };

  test.each([["dev"], ["run"]])("%s: one that was asked for and is taken", async command => {
    await withTakenPort(async port => {
      expect(await cli([command, "--port", String(port)], { cwd: folder(FILES) })).toEqual({
        stdout: "",
        stderr:
          `error: Port ${port} on 127.0.0.1 is in use. (PORT_IN_USE)\n` +
          "Stop the program that uses it, or choose another with --port (0 takes any that is free).\n",
        code: 2,
      });
    });
  });

  test("an address that is not of this machine", async () => {
    const { stdout, stderr, code } = await cli(["run", "--ip", "192.0.2.1", "--port", "0"], {
      cwd: folder(FILES),
    });
    expect([stdout, code]).toEqual(["", 2]);
    expect(stderr).toContain("(ADDRESS_UNAVAILABLE)\n");
  });

  test("https, with a certificate made here", async () => {
    const server = await startServer(["dev", "--local-protocol", "https"], { cwd: folder(FILES) });
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  });

  test("half a certificate", async () => {
    const args = ["dev", "--local-protocol", "https", "--https-key-path", "k"];
    const { stderr, code } = await cli(args, { cwd: folder(FILES) });
    expect(code).toBe(2);
    expect(stderr).toContain("--https-key-path and --https-cert-path belong together. (USAGE)\n");
  });
});
