import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

const TIME = new Date("2026-01-01T12:00:00Z");

eachEngine("scheduled()", (_, context) => {
  const { load } = context;

  async function scheduled(script: string) {
    const lines: string[] = [];
    const worker = await load({ script, onConsole: (_level, text) => lines.push(text) });
    const outcome = await worker.scheduled({ cron: "0 12 * * *", scheduledTime: TIME }).then(
      ({ noRetry }) => ({ noRetry }),
      (error: Error) => `${error.name}: ${error.message}`,
    );
    await worker.dispose();
    return { outcome, lines };
  }

  test("gets the controller, env and ctx", async () => {
    const { outcome, lines } = await scheduled(`
      export default {
        scheduled(controller, env, ctx) {
          console.log(controller.constructor.name, controller.cron, controller.scheduledTime);
          console.log(Object.keys(controller).join(), typeof env, typeof ctx.waitUntil);
          try { controller.cron = "x"; } catch (error) { console.log(error.name); }
          try { controller.noRetry.call({}); } catch (error) { console.log(error.name); }
        },
      };
    `);
    expect(outcome).toEqual({ noRetry: false });
    expect(lines).toEqual([
      `ScheduledController 0 12 * * * ${TIME.getTime()}`,
      "scheduledTime,cron object function",
      "TypeError",
      "TypeError",
    ]);
  });

  test("tells noRetry, also when a waitUntil promise asks for it", async () => {
    const { outcome } = await scheduled(`
      export default {
        scheduled(controller, env, ctx) {
          ctx.waitUntil(new Promise(resolve => setTimeout(resolve, 5)).then(() => controller.noRetry()));
        },
      };
    `);
    expect(outcome).toEqual({ noRetry: true });
  });

  test("what it throws, or a waitUntil promise does, is the outcome", async () => {
    const throwing = await scheduled(`
      export default { async scheduled() { throw new RangeError("thrown"); } };
    `);
    expect(throwing.outcome).toBe("RangeError: thrown");
    const waiting = await scheduled(`
      export default {
        scheduled(controller, env, ctx) { ctx.waitUntil(Promise.reject(new TypeError("waited for"))); },
      };
    `);
    expect(waiting.outcome).toBe("TypeError: waited for");
  });

  test("a worker without the handler is an error that says so", async () => {
    const { outcome } = await scheduled("export default { fetch() {} };");
    expect(outcome).toContain("scheduled()");
  });

  test("in service-worker syntax it is an event", async () => {
    const { outcome, lines } = await scheduled(`
      addEventListener("scheduled", event => {
        console.log(event instanceof ScheduledEvent, event.type, event.cron, event.scheduledTime);
        event.waitUntil((async () => {
          await null;
          event.noRetry();
        })());
      });
    `);
    expect(lines).toEqual([`true scheduled 0 12 * * * ${TIME.getTime()}`]);
    expect(outcome).toEqual({ noRetry: true });
  });
});
