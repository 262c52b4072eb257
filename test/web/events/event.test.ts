import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("Event", run => {
  test("before, while and after it is dispatched", async () => {
    const phases = await run(() => {
      const target = new EventTarget();
      const event = new Event("x", { bubbles: true, cancelable: true });
      const look = () => [
        event.eventPhase,
        event.target === target,
        event.composedPath().length,
        event.isTrusted,
      ];
      const phases: unknown[] = [look()];
      target.addEventListener("x", () => phases.push(look()));
      target.dispatchEvent(event);
      phases.push(look());
      return phases;
    });
    expect(phases).toEqual([
      [0, false, 0, false],
      [2, true, 1, false],
      [0, true, 0, false],
    ]);
  });

  test("its members are enumerable accessors of the prototype", async () => {
    const facts = await run(() => {
      const descriptor = Object.getOwnPropertyDescriptor(Event.prototype, "type");
      const keys: string[] = [];
      for (const key in new Event("x")) keys.push(key);
      return [
        descriptor?.enumerable,
        typeof descriptor?.get,
        keys.includes("preventDefault"),
        Reflect.get(Event, "NONE"),
        Event.length,
      ];
    });
    expect(facts).toEqual([true, "function", true, 0, 1]);
  });

  test("preventDefault counts only where it is allowed", async () => {
    const facts = await run(() => {
      const firm = new Event("x");
      firm.preventDefault();
      const soft = new Event("x", { cancelable: true });
      soft.preventDefault();
      soft.stopPropagation();
      return [
        firm.defaultPrevented,
        soft.defaultPrevented,
        soft.returnValue,
        soft.cancelBubble,
        firm.timeStamp,
      ];
    });
    expect(facts).toEqual([false, true, false, true, 0]);
  });

  test("refuses to be called, to lack a type, and foreign receivers", async () => {
    const names = await run(() =>
      [
        () => (Event as unknown as (type: string) => void)("x"),
        () => new (Event as new () => Event)(),
        () => new Event(Symbol("x") as never),
        () => Object.getOwnPropertyDescriptor(Event.prototype, "type")?.get?.call({}),
        () => new (Reflect.get(globalThis, "PromiseRejectionEvent"))("x"),
      ].map(attempt => {
        try {
          attempt();
          return "no error";
        } catch (error) {
          return (error as Error).name;
        }
      }),
    );
    expect(names).toEqual(Array(5).fill("TypeError"));
  });

  test("kinds with data", async () => {
    const facts = await run(() => {
      const custom = new CustomEvent("x", { detail: { a: 1 } });
      const message = new MessageEvent("message", { data: [1], lastEventId: "7" });
      const close = new CloseEvent("close", { code: 1000, reason: "bye", wasClean: true });
      const error = new ErrorEvent("error", { message: "m", lineno: 3, colno: -1, error: 5 });
      return [
        custom.detail,
        [message.data, message.origin, message.lastEventId, message.source, message.ports],
        [close.code, close.reason, close.wasClean],
        [error.message, error.filename, error.lineno, error.colno, error.error],
        String(custom),
      ];
    });
    expect(facts).toEqual([
      { a: 1 },
      [[1], "", "7", null, []],
      [1000, "bye", true],
      ["m", "", 3, 4294967295, 5],
      "[object CustomEvent]",
    ]);
  });
});

eachEngine("reportError", (run, context) => {
  test("fires the global error event with the place", async () => {
    const facts = await run(() => {
      let facts: unknown;
      const listener = (event: Event) => {
        const error = event as ErrorEvent;
        facts = [
          error.constructor.name,
          error.message,
          error.lineno > 0,
          error.error instanceof RangeError,
          error.isTrusted,
        ];
        error.preventDefault();
      };
      addEventListener("error", listener);
      reportError(new RangeError("far"));
      removeEventListener("error", listener);
      return facts;
    });
    expect(facts).toEqual(["ErrorEvent", "Uncaught RangeError: far", true, true, true]);
  });

  test("what nobody prevents is logged, even when a listener throws", async () => {
    await run(() => {
      const listener = () => {
        throw new Error("in the listener");
      };
      addEventListener("error", listener);
      reportError(new Error("reported"));
      reportError({
        toString() {
          throw new Error("hostile");
        },
      });
      removeEventListener("error", listener);
    });
    const messages = context.uncaught.map(error => error.message);
    expect(messages).toContain("reported");
    expect(messages).toContain("in the listener");
  });
});
