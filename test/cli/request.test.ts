import { describe, expect, test } from "vitest";
import { cli, cliBytes, folder } from "../helpers/cli.ts";
import { ENGINES } from "../helpers/each-engine.ts";

const FILES = {
  "body.txt": "from a file",
  "index.js": `
export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/echo": return new Response(request.body, { headers: { "x-type": request.headers.get("content-type") } });
      case "/status": return new Response("status\\n", { status: Number(searchParams.get("s")) });
      case "/bytes": return new Response(new Uint8Array([0, 255, 10, 128]));
      case "/throw": throw new Error("bad");
      case "/log":
        console.log("while"); context.waitUntil(scheduler.wait(1).then(() => console.log("after")));
        return new Response("logged\\n");
      case "/break": {
        let count = 0;
        return new Response(new ReadableStream({
          pull(controller) {
            if (count++ === 2) throw new Error("broke");
            controller.enqueue(new TextEncoder().encode("part\\n"));
          },
        }));
      }
      case "/nothing": return;
    }
    return Response.json([request.method, request.url, Object.fromEntries(request.headers)]);
  },
};
`,
};

describe.each(ENGINES)("run --request (%s)", engine => {
  const request = (path: string, ...args: string[]) =>
    cli(["run", "--engine", engine, "--request", path, ...args], { cwd: folder(FILES) });

  test.concurrent("a path, and a URL", async () => {
    const path = await request("/a?b=c");
    expect(path).toEqual({
      stdout: '["GET","http://localhost:8787/a?b=c",{"host":"localhost:8787"}]',
      stderr: "",
      code: 0,
    });
    const url = await request("https://example.com/x", "-X", "put", "-H", "A: b", "-H", "a:c");
    expect(JSON.parse(url.stdout)).toEqual([
      "PUT",
      "https://example.com/x",
      { a: "b, c", host: "example.com" },
    ]);
  });

  test.concurrent("bodies: text, a file, stdin", async () => {
    expect((await request("/echo", "-d", "hellö")).stdout).toBe("hellö");
    expect((await request("/echo", "-d", "@body.txt")).stdout).toBe("from a file");
    const options = { cwd: folder(FILES), input: "piped" };
    expect((await cli(["run", "--request", "/echo", "-d", "@-", "--engine", engine], options)).stdout).toBe(
      "piped",
    );
    const { stdout } = await request("/", "-d", "é");
    expect(JSON.parse(stdout)).toEqual([
      "POST",
      "http://localhost:8787/",
      { "content-length": "2", "content-type": "application/x-www-form-urlencoded", host: "localhost:8787" },
    ]);
  });

  test.concurrent("-i writes the head as well", async () => {
    expect((await request("/echo", "-d", "x", "-H", "Content-Type: text/x", "-i")).stdout).toBe(
      "HTTP/1.1 200 OK\r\nx-type: text/x\r\nContent-Length: 1\r\n\r\nx",
    );
  });

  test.concurrent("bytes stay what they are", async () => {
    const { stdout } = await cliBytes(["run", "--request", "/bytes", "--engine", engine], {
      cwd: folder(FILES),
    });
    expect([...stdout]).toEqual([0, 255, 10, 128]);
  });

  test.concurrent("the console goes to stderr, and waitUntil is waited for", async () => {
    expect(await request("/log")).toEqual({ stdout: "logged\n", stderr: "while\nafter\n", code: 0 });
    expect(await request("/log", "--log-level", "warn")).toEqual({ stdout: "logged\n", stderr: "", code: 0 });
  });

  test.concurrent("--fail", async () => {
    expect(await request("/status?s=404", "--fail")).toEqual({
      stdout: "status\n",
      stderr: "The worker answered with the status 404.\n",
      code: 1,
    });
    expect((await request("/status?s=404")).code).toBe(0);
    expect((await request("/status?s=302", "--fail")).code).toBe(0);
  });

  test.concurrent("a handler that throws", async () => {
    const { stdout, stderr, code } = await request("/throw");
    expect([stdout, code]).toEqual(["", 1]);
    expect(stderr).toMatch(/^error: Error: bad \(WORKER_EXCEPTION\)\n {4}at .*fetch \(index\.js:\d+:\d+\)\n/);
  });

  test.concurrent("a handler that returns no Response", async () => {
    expect(await request("/nothing")).toEqual({
      stdout: "",
      stderr:
        "error: Incorrect type for Promise: the Promise did not resolve to 'Response'. (NO_RESPONSE)\n" +
        "Return a Response, or a promise of one, and return each Response only once.\n",
      code: 1,
    });
  });

  test.concurrent("a body that breaks off", async () => {
    const { stdout, stderr, code } = await request("/break");
    expect([stdout, code]).toEqual(["part\npart\n", 1]);
    expect(stderr).toMatch(/^error: The response's body broke off: .*broke \(WORKER_EXCEPTION\)\n/);
  });
});

describe.concurrent("wrong requests", () => {
  const request = (...args: string[]) => cli(["run", "--request", ...args], { cwd: folder(FILES) });

  test.each([["ftp://example.com/"], [""], ["http://["]])("to %j", async target => {
    expect(await request(target)).toEqual({
      stdout: "",
      stderr: `error: "${target}" is neither a path nor an HTTP URL. (USAGE)\nFor example: --request /api/users\n`,
      code: 2,
    });
  });

  test("with a body that is not there", async () => {
    expect(await request("/", "-d", "@nope")).toEqual({
      stdout: "",
      stderr:
        'error: Cannot read the request\'s body: there is no file "nope". (FILE_UNREADABLE)\n' +
        "-d @FILE names a file; -d TEXT is the body itself.\n",
      code: 2,
    });
  });
});
