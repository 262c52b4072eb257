/** Timers with Node.js compatibility, and without; `node:timers` and `node:timers/promises`. */
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

const SCRIPT = `
  import * as timers from "node:timers";
  import promises, { scheduler as nodeScheduler, setImmediate as soon, setInterval as ticks, setTimeout as sleep } from "node:timers/promises";
  const failure = async promise => {
    try { return await promise; } catch (error) { return [error.name, error.code, error.message, String(error.cause)]; }
  };
  export default {
    async objects() {
      const timeout = setTimeout(() => {}, 1);
      const facts = [
        timeout.constructor.name, timeout.hasRef(), timeout.unref() === timeout, timeout.hasRef(), timeout.ref().hasRef(),
        typeof timeout[Symbol.toPrimitive](), typeof timeout[Symbol.dispose], timeout.close() === timeout,
        timers.setTimeout === setTimeout, timers.promises === promises, Object.keys(timers).join(),
      ];
      const seen = [];
      const once = setTimeout((...args) => seen.push(args.join()), 1, "a", "b");
      await sleep(5);
      once.refresh();
      await sleep(5);
      const late = setTimeout(() => seen.push("too early"), 20);
      await sleep(10);
      late.refresh();
      await sleep(15);
      seen.push("refreshed");
      late[Symbol.dispose]();
      await sleep(15);
      return [...facts, seen];
    },
    async waits() {
      const start = Date.now();
      const value = await sleep(20, "value");
      const seen = [];
      for await (const tick of ticks(1, "tick")) if (seen.push(tick) === 3) break;
      return [value, Date.now() - start >= 20, await soon("soon"), seen, await nodeScheduler.wait(1), await nodeScheduler.yield()];
    },
    async fails() {
      const controller = new AbortController();
      const aborted = failure(sleep(60_000, 1, { signal: controller.signal }));
      controller.abort("why");
      return [
        await aborted,
        await failure(sleep(1, 1, { signal: AbortSignal.abort() })),
        await failure(sleep("1")),
        await failure(sleep(1, 1, null)),
        await failure(sleep(1, 1, { signal: {} })),
        await failure(sleep(1, 1, { ref: 1n })),
        await failure((async () => setTimeout())()),
        await failure((async () => setInterval(class A {}.name))()),
      ];
    },
    plain: () => [typeof setTimeout(() => {}, 0), (() => { try { setTimeout(1); } catch (error) { return error.message; } })()],
  };
`;

eachEngine("Timers of Node.js", (_, { load }) => {
  test("are objects that can be refreshed, cleared and disposed of", async () => {
    const worker = await load({ script: SCRIPT });
    expect(await worker.invoke("objects")).toEqual([
      ...["Timeout", true, true, false, true, "number", "function", true, true, true],
      "active,clearImmediate,clearInterval,clearTimeout,default,enroll,promises,setImmediate,setInterval,setTimeout,unenroll",
      ["a,b", "a,b", "refreshed"],
    ]);
  });

  test("wait, and give their values", async () => {
    const worker = await load({ script: SCRIPT });
    expect(await worker.invoke("waits")).toEqual([
      "value",
      true,
      "soon",
      ["tick", "tick", "tick"],
      null,
      null,
    ]);
  });

  test("reject in the words of Node.js", async () => {
    const worker = await load({ script: SCRIPT });
    const invalid = (message: string) => ["TypeError", "ERR_INVALID_ARG_TYPE", message, "undefined"];
    expect(await worker.invoke("fails")).toEqual([
      ["AbortError", "ABORT_ERR", "The operation was aborted", "why"],
      ["AbortError", "ABORT_ERR", "The operation was aborted", "AbortError: The operation was aborted"],
      invalid(`The "delay" argument must be of type number. Received type string ('1')`),
      invalid('The "options" argument must be of type object. Received null'),
      invalid(
        'The "options.signal" property must be an instance of AbortSignal. Received an instance of Object',
      ),
      invalid('The "options.ref" property must be of type boolean. Received type bigint (1n)'),
      invalid('The "callback" argument must be of type function. Received undefined'),
      invalid(`The "callback" argument must be of type function. Received type string ('A')`),
    ]);
  });

  test("are numbers before 2026-02-10, and where flags say so", async () => {
    const plain = async (options: object) => (await load({ script: SCRIPT, ...options })).invoke("plain");
    const numbers = [
      "number",
      "Failed to execute 'setTimeout' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'function'.",
    ];
    expect(await plain({ compatibilityDate: "2026-02-09", compatibilityFlags: ["nodejs_compat"] })).toEqual(
      numbers,
    );
    expect(await plain({ compatibilityDate: "2026-02-10" })).toEqual(numbers);
    expect(await plain({ compatibilityFlags: ["no_nodejs_global_timers"] })).toEqual(numbers);
    const [type] = (await plain({
      compatibilityDate: "2026-02-10",
      compatibilityFlags: ["nodejs_compat"],
    })) as unknown[];
    expect(type).toBe("object");
  });
});
