/** Workers that do not come to life: each is told why, and in time. */
import { expect, test } from "vitest";
import { eachEngine } from "../helpers/each-engine.ts";

eachEngine("loading", (_run, { load }) => {
  test.each([
    ["loops", "for (;;);", "TIME_LIMIT"],
    ["loops in microtasks", "for (;;) await 1;", "TIME_LIMIT"],
    ["awaits what nothing settles", "await new Promise(() => {});", "WORKER_LOAD_FAILED"],
    ["takes all memory", "const a = []; for (;;) a.push({ a: [1.5] });", "MEMORY_LIMIT"],
    ["recurses", "(function f() { f(); })();", "RangeError"],
    ["throws null", "throw null;", "Error"],
    ["sets a timer", "setTimeout(() => {}, 1);", "Error"],
    ["fetches", "await fetch('http://127.0.0.1:1/');", "Error"],
    ["asks for randomness", "crypto.getRandomValues(new Uint8Array(1));", "Error"],
  ])("a worker that %s at its top level", async (_, code, expected) => {
    const script = `${code}\nexport default { fetch: () => new Response("ok") };`;
    // Only what ends by time need not wait long for its limit.
    const wallMilliseconds = expected === "TIME_LIMIT" ? 500 : 10_000;
    const limits = { wallMilliseconds, memoryBytes: 32 * 1024 * 1024 };
    const error = (await load({ script, limits, onUncaught() {} }).catch((error: unknown) => error)) as {
      code?: string;
      name?: string;
    };
    expect(error.code ?? error.name).toBe(expected);
  });

  test("the next one lives", async () => {
    const worker = await load({ script: "export default { fetch: () => new Response('ok') };" });
    expect(await (await worker.fetch("http://worker/")).text()).toBe("ok");
  });
});
