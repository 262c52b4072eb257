/** Each limit, met and not met. */
import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import type { WorkerHandle, WorkerOptions } from "../../src/index.ts";
import { eachEngine } from "../helpers/each-engine.ts";
import { eventually } from "../helpers/server.ts";

const SCRIPT = `
const spin = milliseconds => { const until = Date.now() + milliseconds; while (Date.now() < until); };
const busy = rounds => { let sum = 0; for (let i = 0; i < rounds; i++) sum += Math.sqrt(i); return sum; };
let state = 0;
let waited = 0;
export default { async fetch(request, env, ctx) {
  const { pathname, searchParams } = new URL(request.url);
  switch (pathname) {
    case "/state": return new Response(String(state++));
    case "/sleep": await new Promise(resolve => setTimeout(resolve, 60_000)); break;
    case "/turns": for (;;) await new Promise(resolve => setTimeout(resolve, 200));
    case "/busy": for (;;) busy(1e5);
    case "/busy-turns": for (;;) { busy(1e6); await new Promise(resolve => setTimeout(resolve, 0)); }
    case "/put": for (let i = 0; i < Number(searchParams.get("n")); i++) await env.KV.put("k" + i, "v"); return new Response("put");
    case "/catch": for (let i = 0; ; i++) try { await env.KV.get("k"); } catch (error) { return new Response(i + " " + error.message); }
    case "/later": ctx.waitUntil(new Promise(resolve => setTimeout(resolve, 20)).then(() => { waited++; })); break;
    case "/waited": return new Response(String(waited));
    case "/overrun": ctx.waitUntil(new Promise(resolve => setTimeout(resolve, 60_000))); break;
    case "/goes-on": { let last = Promise.resolve(); for (let i = 0; i < 50; i++) last = last.then(() => {}); last.then(() => { for (;;); }); break; }
    case "/late-throw": ctx.waitUntil(Promise.reject(new TypeError("late"))); break;
    case "/late-loop": ctx.waitUntil(new Promise(resolve => setTimeout(resolve, 5)).then(() => { for (;;); })); break;
  }
  return new Response("ok");
} };`;

eachEngine("limits", (_run, { load }) => {
  const uncaught: string[] = [];
  const start = (limits: NonNullable<WorkerOptions["limits"]>) =>
    load({
      script: SCRIPT,
      limits,
      bindings: [{ type: "kv", name: "KV", id: "KV" }],
      onUncaught: error => uncaught.push(error.message),
    });
  const get = async (worker: WorkerHandle, path: string) => {
    try {
      const response = await worker.fetch(`http://worker${path}`);
      return `${response.status} ${await response.text()}`;
    } catch (error) {
      const { code, status, message } = error as Error & { code?: string; status?: number };
      return `${code ?? message} ${status}`;
    }
  };

  describe("of time", () => {
    let worker: WorkerHandle;
    beforeAll(async () => {
      worker = await start({ wallMilliseconds: 300 });
    });

    test.each(["/sleep", "/turns"])("a worker that waits too long: %s", async path => {
      const before = Number((await get(worker, "/state")).slice(4));
      expect(await get(worker, path)).toBe("TIME_LIMIT 503");
      // Nothing ran when time was up: the isolate, and what it holds, lives on.
      expect(await get(worker, "/state")).toBe(`200 ${before + 1}`);
    });

    test("a worker that runs too long costs its isolate, and those that were in it are told so", async () => {
      await get(worker, "/state");
      const other = get(worker, "/sleep");
      expect(await get(worker, "/busy")).toBe("TIME_LIMIT 503");
      expect(await other).toMatch(/^(ISOLATE_LOST|TIME_LIMIT) 503$/);
      expect(await get(worker, "/state")).toBe("200 0");
    });

    test("is watched again after nothing has happened for a while", async () => {
      await get(worker, "/state");
      // Far longer than it takes until nothing is watched any more.
      await delay(300);
      expect(await get(worker, "/busy")).toBe("TIME_LIMIT 503");
      await delay(300);
      expect(await get(worker, "/sleep")).toBe("TIME_LIMIT 503");
    });

    test("a turn that goes on after its event holds up nobody for good", async () => {
      // QuickJS tells what a turn has done when it is over, V8 at once.
      expect(await get(worker, "/goes-on")).toMatch(/^(200 ok|TIME_LIMIT 503)$/);
      await eventually(async () => (await get(worker, "/state")) === "200 0");
    });

    test("waitUntil goes on after the answer, and is ended in time", async () => {
      expect(await get(worker, "/later")).toBe("200 ok");
      await eventually(async () => (await get(worker, "/waited")) === "200 1");
      uncaught.length = 0;
      expect(await get(worker, "/overrun")).toBe("200 ok");
      await eventually(async () => uncaught.some(message => message.includes("waitUntil()")));
      expect(await get(worker, "/overrun")).toBe("200 ok");
    });

    test("what waitUntil rejects with is reported", async () => {
      expect(await get(worker, "/late-throw")).toBe("200 ok");
      await eventually(async () => uncaught.includes("late"));
    });

    test("a loop in waitUntil is ended and reported", async () => {
      uncaught.length = 0;
      expect(await get(worker, "/late-loop")).toBe("200 ok");
      await eventually(async () => uncaught.some(message => message.includes("did not answer within")));
      expect(await get(worker, "/state")).toBe("200 0");
    });

    test("events in flight finish before the worker is disposed of, for so long", async () => {
      const patient = await start({});
      const answer = get(patient, "/later");
      await answer;
      await patient.dispose(5000);
      expect(await get(patient, "/waited")).toBe("ISOLATE_LOST 503");
    });
  });

  describe("of CPU time", () => {
    test.each(["/busy", "/busy-turns"])("a worker that computes too long: %s", async path => {
      const worker = await start({ cpuMilliseconds: 100, wallMilliseconds: 15_000 });
      expect(await get(worker, path)).toBe("CPU_LIMIT 503");
      expect(await get(worker, "/state")).toBe("200 0");
    });

    test("waiting costs none", async () => {
      const worker = await start({ cpuMilliseconds: 100, wallMilliseconds: 400 });
      expect(await get(worker, "/sleep")).toBe("TIME_LIMIT 503");
    });
  });

  describe("of subrequests", () => {
    test("are counted for each event by itself", async () => {
      const worker = await start({ subrequests: 5 });
      expect(await get(worker, "/put?n=5")).toBe("200 put");
      expect(await get(worker, "/put?n=5")).toBe("200 put");
      expect(await get(worker, "/put?n=6")).toMatch(/Too many subrequests/);
      expect(await get(worker, "/catch")).toMatch(/^200 5 .*Too many subrequests/);
    });
  });
});
