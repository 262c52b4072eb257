import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("AbortController and AbortSignal", run => {
  test("abort gives the signal a reason, once", async () => {
    const facts = await run(() => {
      const controller = new AbortController();
      const before = [controller.signal.aborted, controller.signal.reason === undefined];
      let events = 0;
      controller.signal.addEventListener("abort", event => {
        if (event.isTrusted) events++;
      });
      controller.abort();
      controller.abort("again");
      const { reason } = controller.signal;
      return [before, events, reason.name, reason.message, reason.code, reason instanceof DOMException];
    });
    expect(facts).toEqual([[false, true], 1, "AbortError", "The operation was aborted", 20, true]);
  });

  test("any reason is kept, and throwIfAborted throws it", async () => {
    const thrown = await run(() => {
      const signal = AbortSignal.abort({ mine: true });
      new AbortController().signal.throwIfAborted();
      try {
        signal.throwIfAborted();
      } catch (error) {
        return [error === signal.reason, error];
      }
      return "nothing";
    });
    expect(thrown).toEqual([true, { mine: true }]);
  });

  test("timeout aborts with a TimeoutError", async () => {
    const facts = await run(async () => {
      const signal = AbortSignal.timeout(1);
      const before = signal.aborted;
      await new Promise(resolve => signal.addEventListener("abort", resolve));
      return [before, signal.aborted, signal.reason.name, signal.reason.code];
    });
    expect(facts).toEqual([false, true, "TimeoutError", 23]);
  });

  test("any follows the first of its sources, through other dependent signals", async () => {
    const facts = await run(() => {
      const one = new AbortController();
      const two = new AbortController();
      const inner = AbortSignal.any([one.signal, two.signal]);
      const outer = AbortSignal.any([inner]);
      const order: string[] = [];
      outer.addEventListener("abort", () => order.push("outer"));
      inner.addEventListener("abort", () => order.push(`inner ${outer.aborted}`));
      two.signal.addEventListener("abort", () => order.push(`source ${inner.aborted}`));
      two.abort("two");
      one.abort("one");
      return [order, inner.reason, outer.reason, AbortSignal.any([]).aborted];
    });
    expect(facts).toEqual([["source true", "inner true", "outer"], "two", "two", false]);
  });

  test("any of a signal that is aborted already", async () => {
    const facts = await run(() => {
      const signal = AbortSignal.any([
        new AbortController().signal,
        AbortSignal.abort(1),
        AbortSignal.abort(2),
      ]);
      return [signal.aborted, signal.reason];
    });
    expect(facts).toEqual([true, 1]);
  });

  test("a dependent signal that only its listener knows still aborts", async () => {
    const heard = await run(async () => {
      const controller = new AbortController();
      let heard = 0;
      for (let index = 0; index < 200; index++) {
        AbortSignal.any([controller.signal]).addEventListener("abort", () => heard++);
        AbortSignal.any([controller.signal]);
      }
      await new Promise(resolve => setTimeout(resolve, 0));
      controller.abort();
      return heard;
    });
    expect(heard).toBe(200);
  });

  test("times out at once where there is no such time, as on workerd", async () => {
    const aborted = await run(async () => {
      const signals = [-1, undefined, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60].map(delay =>
        AbortSignal.timeout(delay as number),
      );
      await new Promise(resolve => setTimeout(resolve, 20));
      return signals.map(signal => signal.aborted);
    });
    expect(aborted).toEqual([true, true, true, false, false]);
  });

  test("cannot be constructed, and checks what it is given", async () => {
    const names = await run(() =>
      [
        () => new (AbortSignal as unknown as new () => AbortSignal)(),
        () => AbortSignal.any([1] as never),
        () => AbortSignal.any(undefined as never),
        () => AbortSignal.timeout(1n as never),
        () => (AbortSignal.timeout as unknown as () => void)(),
        () => Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted")?.get?.call({}),
        () => AbortController.prototype.abort.call({} as never),
      ].map(attempt => {
        try {
          attempt();
          return "no error";
        } catch (error) {
          return (error as Error).name;
        }
      }),
    );
    expect(names).toEqual(Array(7).fill("TypeError"));
  });

  test("an exception of a listener does not reach the caller of abort", async () => {
    const survived = await run(() => {
      const controller = new AbortController();
      const quiet = (event: Event) => event.preventDefault();
      addEventListener("error", quiet);
      controller.signal.onabort = () => {
        throw new Error("mine");
      };
      controller.abort();
      removeEventListener("error", quiet);
      return true;
    });
    expect(survived).toBe(true);
  });
});
