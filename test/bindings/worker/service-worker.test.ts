/** Workers in service-worker syntax: events instead of handlers, globals instead of `env`. */
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

const script = `
const listeners = {
  "/event": event => event.respondWith((async () => {
    await null;
    return Response.json({
      tag: String(event),
      type: event.type,
      flags: [event.isTrusted, event.cancelable, event.bubbles],
      classes: [FetchEvent, ExtendableEvent, Event].map(Class => event instanceof Class),
      target: [event.target === globalThis, event.currentTarget === self],
      method: event.request.method,
    });
  })()),
  "/plain": event => event.respondWith(new Response("plain")),
  "/rejects": event => event.respondWith(Promise.reject(new RangeError("rejected"))),
  "/nothing": event => event.respondWith(Promise.resolve("text")),
  "/throws": () => { throw new RangeError("thrown"); },
  "/throws-after": event => { event.respondWith(new Response("answered")); throw new RangeError("thrown after"); },
  "/text": event => event.respondWith("text"),
  "/silent": () => {},
  "/wait": event => {
    const { promise, resolve } = Promise.withResolvers();
    event.waitUntil(promise.then(() => { waited = "waited"; }));
    event.respondWith(new Response(String(event.waitUntil(Promise.resolve()))));
    setTimeout(resolve, 1);
  },
  "/waited": event => event.respondWith(new Response(waited)),
  "/errors": event => event.respondWith(new Response(errors.splice(0).join("\\n"))),
  "/twice": event => {
    event.respondWith(new Response("once"));
    try { event.respondWith(new Response("twice")); } catch (error) { errors.push(error.name + ": " + error.message); }
  },
  "/late": event => {
    const late = Promise.withResolvers();
    setTimeout(() => {
      try { event.respondWith(new Response("late")); } catch (error) { errors.push(error.name + ": " + error.message); }
      late.resolve();
    }, 1);
    event.waitUntil(late.promise);
  },
  "/bindings": event => event.respondWith(Response.json([GREETING, SETTINGS.deep, Object.keys(globalThis).includes("GREETING")])),
};
let waited = "not yet";
const errors = [];
let second = 0;
addEventListener("fetch", event => listeners[new URL(event.request.url).pathname]?.(event));
addEventListener("fetch", event => {
  second++;
  if (event.request.url.endsWith("/second")) event.respondWith(new Response("second"));
  if (event.request.url.endsWith("/count")) event.respondWith(new Response(String(second)));
});
`;

const bindings = [
  { type: "var", name: "GREETING", value: "hello" },
  { type: "var", name: "SETTINGS", value: { deep: [1] } },
];

eachEngine("a worker in service-worker syntax", (_run, context) => {
  let worker: ReturnType<typeof context.load> | undefined;
  const send = async (path: string) => {
    worker ??= context.load({ script, bindings });
    return (await worker).fetch(`http://worker.test${path}`);
  };
  const text = async (path: string) => (await send(path)).text();
  const failure = (path: string) =>
    send(path).then(
      () => "no error",
      (error: Error) => `${error.name}: ${error.message}`,
    );

  test("is told from a module", async () => {
    await send("/plain");
    const { description } = await (worker as NonNullable<typeof worker>);
    expect(description).toEqual({ syntax: "service-worker", handlers: ["fetch"], exports: [] });
  });

  test("gets an event, and answers it", async () => {
    expect(await (await send("/event")).json()).toEqual({
      tag: "[object FetchEvent]",
      type: "fetch",
      flags: [true, false, false],
      classes: [true, true, true],
      target: [true, true],
      method: "GET",
    });
    expect(await text("/plain")).toBe("plain");
  });

  test("passes the event from listener to listener until one answers", async () => {
    expect(await text("/second")).toBe("second");
    const before = Number(await text("/count"));
    await text("/plain");
    expect(Number(await text("/count"))).toBe(before + 1);
  });

  test("fails as its listeners do", async () => {
    expect(await failure("/rejects")).toBe("RangeError: rejected");
    expect(await failure("/throws")).toBe("RangeError: thrown");
    expect(await failure("/throws-after")).toBe("RangeError: thrown after");
    expect(await failure("/text")).toBe(
      "TypeError: Failed to execute 'respondWith' on 'FetchEvent': parameter 1 is not of type 'Promise'.",
    );
    expect(await failure("/nothing")).toContain("the Promise did not resolve to 'Response'");
    expect(await failure("/silent")).toContain("respondWith()");
  });

  test("answers once, and while the event is dispatched", async () => {
    expect(await text("/twice")).toBe("once");
    expect(await failure("/late")).toContain("respondWith()");
    await expect.poll(() => text("/errors")).toContain("InvalidStateError");
  });

  test("keeps an event alive", async () => {
    expect(await text("/wait")).toBe("undefined");
    await expect.poll(() => text("/waited")).toBe("waited");
  });

  test("finds its bindings among the globals", async () => {
    expect(await (await send("/bindings")).json()).toEqual(["hello", [1], true]);
  });

  test("has events that only the runtime makes", async () => {
    const refusing = await context.load({
      script: `
        const refusal = make => { try { make(); return "made"; } catch (error) { return String(error); } };
        export default {
          run: () => [
            refusal(() => new FetchEvent("fetch")),
            refusal(() => new ExtendableEvent("install")),
            refusal(() => new ScheduledEvent("scheduled")),
          ],
        };
      `,
    });
    expect(await refusing.invoke("run")).toEqual(Array(3).fill("TypeError: Illegal constructor"));
  });
});
