import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("timers", (run, context) => {
  test("run by due time, then in the order of their creation, after microtasks", async () => {
    const order = await run(async () => {
      const order: string[] = [];
      setTimeout(() => order.push("10"), 10);
      setTimeout(() => order.push("0"), 0);
      setTimeout(() => order.push("2"), 2);
      setTimeout(() => order.push("1"), 1);
      setTimeout(() => {
        order.push("no delay");
        queueMicrotask(() => order.push("between"));
      });
      setTimeout(() => order.push("negative"), -5);
      setTimeout(() => order.push("nan"), "abc" as never);
      setImmediate(() => order.push("immediate"));
      queueMicrotask(() => order.push("microtask"));
      await new Promise(resolve => setTimeout(resolve, 15));
      return order;
    });
    expect(order).toEqual([
      "microtask",
      "0",
      "negative",
      "nan",
      "immediate",
      "1",
      "no delay",
      "between",
      "2",
      "10",
    ]);
  });

  test("of one turn go by their delays, however long the turn takes", async () => {
    const order = await run(async () => {
      const order: string[] = [];
      const occupy = () => {
        const start = Date.now();
        while (Date.now() - start < 15) {}
      };
      setTimeout(() => order.push("10"), 10);
      occupy();
      setTimeout(() => order.push("2"), 2);
      occupy();
      setTimeout(() => order.push("1"), 1);
      await new Promise(resolve => setTimeout(resolve, 11));
      return order;
    });
    expect(order).toEqual(["1", "2", "10"]);
  });

  test("pass their further arguments, with the global object as this", async () => {
    const seen = await run(
      () =>
        new Promise(resolve => {
          setTimeout(
            function (this: unknown, ...args: unknown[]) {
              resolve([this === globalThis, args]);
            },
            0,
            "a",
            2,
          );
        }),
    );
    expect(seen).toEqual([true, ["a", 2]]);
  });

  test("are objects as in Node.js, with ids that are numbers; clearing forgets", async () => {
    const facts = await run(async () => {
      const calls: string[] = [];
      const first = setTimeout(() => calls.push("cleared"), 0);
      const second = setInterval(() => calls.push("interval"), 0);
      clearTimeout(first);
      clearInterval(second);
      clearTimeout(undefined as never);
      clearTimeout("nothing" as never);
      clearTimeout({} as never);
      clearImmediate(setImmediate(() => calls.push("immediate")));
      await scheduler.wait(2);
      const third = setTimeout(() => calls.push("by its id"), 1);
      clearTimeout(String(Number(third)) as never);
      await scheduler.wait(3);
      return [typeof first, Number(second) - Number(first), calls];
    });
    expect(facts).toEqual(["object", 1, []]);
  });

  test("an interval goes on until it is cleared, through exceptions too", async () => {
    const count = await run(
      () =>
        new Promise(resolve => {
          const quiet = (event: Event) => event.preventDefault();
          addEventListener("error", quiet);
          let count = 0;
          const id = setInterval(() => {
            count++;
            if (count === 2) throw new Error("second");
            if (count < 4) return;
            clearInterval(id);
            removeEventListener("error", quiet);
            resolve(count);
          }, 1);
        }),
    );
    expect(count).toBe(4);
  });

  test("a delay of more than 31 bits does not wrap", async () => {
    const fired = await run(async () => {
      let fired = false;
      const timers = [2 ** 31, 2 ** 53, Number.POSITIVE_INFINITY].map(delay =>
        setTimeout(() => {
          fired = true;
        }, delay),
      );
      await scheduler.wait(3);
      for (const timer of timers) clearTimeout(timer);
      return fired;
    });
    expect(fired).toBe(false);
  });

  test("take functions only", async () => {
    const messages = await run(() =>
      [
        () => setTimeout("code" as never),
        () => setTimeout(undefined as never),
        () => setInterval({} as never, 1),
        () => queueMicrotask(5 as never),
        () => setTimeout(() => {}, 1n as never),
        () => setTimeout(() => {}, Symbol("x") as never),
      ].map(attempt => {
        try {
          attempt();
          return "no error";
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      }),
    );
    expect(messages[0]).toBe(
      `TypeError: The "callback" argument must be of type function. Received type string ('code')`,
    );
    expect(messages.every(message => message.startsWith("TypeError: "))).toBe(true);
  });

  test("exceptions of timers and microtasks are logged", async () => {
    await run(async () => {
      setTimeout(() => {
        throw new Error("from a timer");
      }, 0);
      queueMicrotask(() => {
        throw new Error("from a microtask");
      });
      await scheduler.wait(3);
    });
    const messages = context.uncaught.map(error => error.message);
    expect(messages).toEqual(expect.arrayContaining(["from a timer", "from a microtask"]));
  });

  test("scheduler.wait resolves, or rejects with the signal's reason", async () => {
    const facts = await run(async () => {
      const controller = new AbortController();
      const waiting = scheduler.wait(60_000, { signal: controller.signal });
      controller.abort("enough");
      const reason = await waiting.catch(error => error);
      const early = await scheduler.wait(1, { signal: AbortSignal.abort("early") }).catch(error => error);
      return [await scheduler.wait(0), reason, early, String(scheduler)];
    });
    expect(facts).toEqual([null, "enough", "early", "[object Scheduler]"]);
  });

  test("an immediate can be asked whether it is referenced", async () => {
    const facts = await run(() => {
      const immediate = setImmediate(() => {});
      return [
        immediate.hasRef(),
        (immediate.unref() as never as typeof immediate).hasRef(),
        String(immediate),
      ];
    });
    expect(facts).toEqual([true, false, "[object Immediate]"]);
  });

  test("nested timers of many events do not mix", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        run(async n => {
          for (let step = 0; step < 3; step++) await new Promise(resolve => setTimeout(resolve, step));
          return n;
        }, index),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });
});

eachEngine("timers outside of a handler", (_run, context) => {
  test("are refused, as on workerd", async () => {
    const script =
      "let refused; try { setTimeout(() => {}, 0) } catch (error) { refused = error.message }\nexport default { answer: () => refused }";
    const worker = await context.load({ script });
    expect(await worker.invoke("answer")).toMatch(/^Disallowed operation called within global scope/);
  });
});
