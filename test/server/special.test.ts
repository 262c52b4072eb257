/** What a server answers itself: the paths under /cdn-cgi/, error pages, live reload; and HTTPS. */
import { request as httpsRequest } from "node:https";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ENGINES } from "../helpers/each-engine.ts";
import { write } from "../helpers/project.ts";
import { exchange, folderWith, type RunningServer, startServer } from "../helpers/server.ts";

const WORKER = `
let runs = [];
const secretName = () => { throw new TypeError("no such thing", { cause: new Error("the cause") }); };
export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/throw") secretName();
    if (pathname === "/page") return new Response("<p>page</p>", { headers: { "content-type": "text/html" } });
    if (pathname === "/runs") return Response.json(runs.splice(0));
    return new Response("worker " + pathname);
  },
  async scheduled(controller) {
    runs.push([controller.cron, controller.scheduledTime]);
    if (controller.cron === "bad") throw new Error("bad cron");
    if (controller.cron === "once") controller.noRetry();
  },
};`;

const CONFIG = `{ "main": "index.ts", "compatibility_date": "2026-11-01" }`;
const TIME = 1_700_000_000_000;

describe.each(ENGINES)("a server's own answers (%s)", engine => {
  describe("dev --test-scheduled --live-reload", () => {
    let folder: string;
    let server: RunningServer;
    beforeAll(async () => {
      folder = folderWith({ "index.ts": WORKER, "wrangler.json": CONFIG });
      server = await startServer(folder, "dev", "--engine", engine, "--test-scheduled", "--live-reload");
    });
    afterAll(() => server?.stop());
    const text = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(server.url + path, { headers });
      return {
        status: response.status,
        body: await response.text(),
        type: response.headers.get("content-type"),
      };
    };
    const runs = async () => (await fetch(`${server.url}/runs`)).json();

    test.each([
      "/cdn-cgi/handler/scheduled",
      "/cdn-cgi/local/scheduled",
      "/cdn-cgi/mf/scheduled",
      "/__scheduled",
    ])("%s runs the scheduled handler", async path => {
      expect(await text(`${path}?cron=${encodeURIComponent("*/5 * * * *")}&time=${TIME}`)).toMatchObject({
        status: 200,
        body: "ok",
      });
      expect(await runs()).toEqual([["*/5 * * * *", TIME]]);
    });

    test("format=json tells the outcome", async () => {
      const json = async (cron: string) => {
        const { status, body, type } = await text(`/cdn-cgi/handler/scheduled?cron=${cron}&format=json`);
        expect(type).toBe("application/json");
        return [status, JSON.parse(body)];
      };
      expect(await json("x")).toEqual([200, { outcome: "ok", noRetry: false }]);
      expect(await json("once")).toEqual([200, { outcome: "ok", noRetry: true }]);
      expect(await json("bad")).toEqual([500, { outcome: "exception", noRetry: false }]);
      await server.waitFor(/bad cron/);
      await runs();
    });

    test("a handler that throws is a failure", async () => {
      expect(await text("/__scheduled?cron=bad")).toMatchObject({ status: 500, body: "exception" });
      await runs();
    });

    test("a time that is no number is refused", async () => {
      expect((await text("/__scheduled?time=soon")).status).toBe(400);
      expect(await runs()).toEqual([]);
    });

    test("other paths under /cdn-cgi/ never reach the worker", async () => {
      for (const path of ["/cdn-cgi/", "/cdn-cgi/x", "/cdn-cgi/handler/", "/cdn-cgi/../cdn-cgi/trace"]) {
        const { status, body } = await text(path);
        expect([path, status]).toEqual([path, 404]);
        expect(body).not.toContain("worker");
      }
      expect((await text("/cdn-cgi")).body).toBe("worker /cdn-cgi");
      expect((await text("/x/cdn-cgi/")).body).toBe("worker /x/cdn-cgi/");
    });

    test.each([
      ["a foreign Host", "Host: evil.example\r\n"],
      ["a Host that looks local", "Host: localhost.evil.example\r\n"],
      ["a foreign Origin", "Host: localhost\r\nOrigin: https://evil.example\r\n"],
      ["the Origin null", "Host: localhost\r\nOrigin: null\r\n"],
    ])("%s is refused by all of them, and by nothing else", async (_, headers) => {
      const get = (path: string) =>
        exchange(server.port, `GET ${path} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`);
      for (const path of ["/cdn-cgi/handler/scheduled", "/__scheduled", "/cdn-cgi/live-reload", "/cdn-cgi/x"])
        expect(await get(path)).toMatch(/^HTTP\/1\.1 403 /);
      expect(await get("/x")).toMatch(/^HTTP\/1\.1 200 [\s\S]*worker \/x$/);
      expect(await runs()).toEqual([]);
    });

    test.each(["localhost:1", "127.0.0.1", "[::1]:80", "app.localhost"])(
      "the Host %s is this machine",
      async host => {
        const response = await exchange(
          server.port,
          `GET /__scheduled HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
        );
        expect(response).toMatch(/^HTTP\/1\.1 200 /);
        await runs();
      },
    );

    test("an exception is text for programs and a page for browsers", async () => {
      const plain = await text("/throw");
      expect(plain).toMatchObject({ status: 500, type: "text/plain; charset=utf-8" });
      expect(plain.body).toContain("TypeError: no such thing");
      expect(plain.body).toContain("index.ts:3:");
      expect(plain.body).toContain("the cause");
      const page = await text("/throw", { accept: "text/html,*/*" });
      expect(page).toMatchObject({ status: 500, type: "text/html; charset=utf-8" });
      expect(page.body).toContain("TypeError: no such thing");
      expect(page.body).toContain("secretName");
      expect(page.body).not.toContain("<p>page</p>");
    });

    test("HTML tells the browser of reloads; nothing else is touched", async () => {
      expect((await text("/page")).body).toMatch(/^<p>page<\/p><script>.*live-reload.*<\/script>$/s);
      expect((await text("/x")).body).toBe("worker /x");
      const events = await fetch(`${server.url}/cdn-cgi/live-reload`);
      expect(events.headers.get("content-type")).toBe("text/event-stream");
      const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
      write(folder, { "index.ts": WORKER.replace("<p>page</p>", "<p>new page</p>") });
      let received = "";
      while (!received.includes("event: reload")) {
        const { value, done } = (await reader?.read()) ?? { value: "", done: true };
        if (done) throw new Error(`the stream ended: ${received}`);
        received += value;
      }
      await reader?.cancel();
      expect((await text("/page")).body).toContain("<p>new page</p>");
    });
  });

  describe("run", () => {
    const start = async (...args: string[]) => {
      const folder = folderWith({ "index.ts": WORKER, "wrangler.json": CONFIG });
      const server = await startServer(folder, "run", "--engine", engine, "--isolates", "1", ...args);
      onTestFinished(async () => void (await server.stop()));
      return server;
    };

    test("tells clients nothing of a stack, and the log all of it; /__scheduled is the worker's", async () => {
      const server = await start();
      for (const accept of ["*/*", "text/html"]) {
        const response = await fetch(`${server.url}/throw`, { headers: { accept } });
        expect(response.status).toBe(500);
        const body = await response.text();
        expect(body).toContain("Internal Server Error");
        expect(body).not.toMatch(/no such thing|secretName|index\.ts|the cause|TypeError/);
      }
      await server.waitFor(/TypeError: no such thing[\s\S]*secretName \(.*index\.ts:3:/);
      expect(await (await fetch(`${server.url}/__scheduled`)).text()).toBe("worker /__scheduled");
      expect(await (await fetch(`${server.url}/page`)).text()).toBe("<p>page</p>");
      expect((await fetch(`${server.url}/cdn-cgi/live-reload`)).status).toBe(404);
    });

    test("tells them with --verbose-errors", async () => {
      const server = await start("--verbose-errors");
      expect(await (await fetch(`${server.url}/throw`)).text()).toContain("index.ts:3:");
    });

    test("serves HTTPS", async () => {
      const server = await start("--local-protocol", "https");
      expect(server.url).toMatch(/^https:/);
      const body = await new Promise<string>((resolve, reject) => {
        const request = httpsRequest(
          `${server.url}/secure`,
          { rejectUnauthorized: false, agent: false },
          response => {
            response.setEncoding("utf8").once("data", resolve);
          },
        );
        request.on("error", reject).end();
      });
      expect(body).toBe("worker /secure");
    });
  });
});
