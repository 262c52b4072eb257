import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("EventTarget", run => {
  test("calls listeners in order, each once, with the target as this", async () => {
    const calls = await run(() => {
      const target = new EventTarget();
      const seen: unknown[] = [];
      const listener = function (this: unknown, event: Event) {
        seen.push([
          this === target,
          event.eventPhase,
          event.currentTarget === target,
          event.composedPath().length,
        ]);
      };
      target.addEventListener("x", listener);
      target.addEventListener("x", listener);
      target.addEventListener("x", { handleEvent: () => seen.push("object") });
      target.addEventListener("y", () => seen.push("never"));
      target.dispatchEvent(new Event("x"));
      return seen;
    });
    expect(calls).toEqual([[true, 2, true, 1], "object"]);
  });

  test("honours capture, once, passive and removal", async () => {
    const result = await run(() => {
      const target = new EventTarget();
      const seen: string[] = [];
      const removed = () => seen.push("removed");
      target.addEventListener("x", () => seen.push("bubble"));
      target.addEventListener("x", () => seen.push("capture"), true);
      target.addEventListener("x", () => seen.push("once"), { once: true });
      target.addEventListener("x", event => event.preventDefault(), { passive: true });
      target.addEventListener("x", removed, { capture: true });
      target.removeEventListener("x", removed);
      target.removeEventListener("x", removed, true);
      const first = target.dispatchEvent(new Event("x", { cancelable: true }));
      target.addEventListener("x", event => event.preventDefault());
      const second = target.dispatchEvent(new Event("x", { cancelable: true }));
      return { seen, first, second };
    });
    expect(result).toEqual({
      seen: ["capture", "bubble", "once", "capture", "bubble"],
      first: true,
      second: false,
    });
  });

  test("a signal takes a listener back", async () => {
    const counts = await run(() => {
      const target = new EventTarget();
      const controller = new AbortController();
      let count = 0;
      target.addEventListener("x", () => count++, { signal: controller.signal });
      target.addEventListener("x", () => count++, { signal: AbortSignal.abort() });
      target.dispatchEvent(new Event("x"));
      controller.abort();
      target.dispatchEvent(new Event("x"));
      return count;
    });
    expect(counts).toBe(1);
  });

  test("listeners added or removed during a dispatch", async () => {
    const seen = await run(() => {
      const target = new EventTarget();
      const calls: string[] = [];
      const second = () => calls.push("second");
      target.addEventListener("x", () => {
        calls.push("first");
        target.removeEventListener("x", second);
        target.addEventListener("x", () => calls.push("late"));
      });
      target.addEventListener("x", second);
      target.addEventListener("x", () => calls.push("third"));
      target.dispatchEvent(new Event("x"));
      return calls;
    });
    expect(seen).toEqual(["first", "third"]);
  });

  test("stopImmediatePropagation ends the dispatch; the event can go again", async () => {
    const seen = await run(() => {
      const target = new EventTarget();
      const calls: unknown[] = [];
      let stop = true;
      target.addEventListener("x", event => {
        calls.push("a");
        if (stop) event.stopImmediatePropagation();
      });
      target.addEventListener("x", () => calls.push("b"));
      const event = new Event("x");
      target.dispatchEvent(event);
      calls.push(event.cancelBubble);
      stop = false;
      target.dispatchEvent(event);
      return calls;
    });
    expect(seen).toEqual(["a", false, "a", "b"]);
  });

  test("an exception of a listener is reported and the others run", async () => {
    const result = await run(() => {
      const target = new EventTarget();
      const reported: string[] = [];
      const onError = (event: Event) => {
        reported.push((event as ErrorEvent).message);
        event.preventDefault();
      };
      addEventListener("error", onError);
      let second = false;
      target.addEventListener("x", () => {
        throw new Error("boom");
      });
      target.addEventListener("x", () => {
        second = true;
      });
      const returned = target.dispatchEvent(new Event("x"));
      removeEventListener("error", onError);
      return { returned, second, reported };
    });
    expect(result).toEqual({ returned: true, second: true, reported: ["Uncaught Error: boom"] });
  });

  test("refuses wrong arguments", async () => {
    const messages = await run(() => {
      const target = new EventTarget();
      const message = (attempt: () => unknown) => {
        try {
          attempt();
          return "no error";
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      };
      return [
        message(() => target.addEventListener("x", null as never)),
        message(() => target.addEventListener("x", "code" as never)),
        message(() => target.addEventListener("x", {} as never)),
        message(() => target.dispatchEvent({} as never)),
        message(() => EventTarget.prototype.addEventListener.call({} as never, "x", () => {})),
        message(() => target.addEventListener("x", () => {}, { signal: {} as never })),
      ];
    });
    expect(messages[0]).toBe("no error");
    expect(messages[1]).toContain("parameter 2 is not of type 'function or HandlerObject'");
    expect(messages[2]).toContain("'handleEvent' field");
    expect(messages[3]).toContain("parameter 1 is not of type 'Event'");
    expect(messages[4]).toContain("Illegal invocation");
    expect(messages[5]).toContain("'AbortSignal'");
  });

  test("an event that is being dispatched cannot be dispatched again", async () => {
    const name = await run(() => {
      const target = new EventTarget();
      let thrown = "";
      target.addEventListener("x", event => {
        try {
          target.dispatchEvent(event);
        } catch (error) {
          thrown = (error as Error).name;
        }
      });
      target.dispatchEvent(new Event("x"));
      return thrown;
    });
    expect(name).toBe("InvalidStateError");
  });

  test("a plain on… property is called first; an attribute keeps its place", async () => {
    const order = await run(() => {
      const calls: string[] = [];
      const target = new EventTarget() as EventTarget & { onx?: () => void };
      target.addEventListener("x", () => calls.push("listener"));
      target.onx = () => calls.push("property");
      target.dispatchEvent(new Event("x"));
      const { signal } = new AbortController();
      signal.addEventListener("abort", () => calls.push("one"));
      signal.onabort = () => calls.push("replaced");
      signal.addEventListener("abort", () => calls.push("two"));
      signal.onabort = () => calls.push("handler");
      signal.dispatchEvent(new Event("abort"));
      signal.onabort = 5 as never;
      calls.push(String(signal.onabort));
      return calls;
    });
    expect(order).toEqual(["property", "listener", "one", "handler", "two", "null"]);
  });

  test("the global object is a target", async () => {
    const seen = await run(() => {
      const calls: unknown[] = [];
      const listener = (event: Event) => calls.push(event.type, (event.target as unknown) === globalThis);
      const add = EventTarget.prototype.addEventListener;
      add.call(globalThis as never, "custom", listener as never);
      dispatchEvent(new Event("custom"));
      removeEventListener("custom", listener);
      dispatchEvent(new Event("custom"));
      return calls;
    });
    expect(seen).toEqual(["custom", true]);
  });
});
