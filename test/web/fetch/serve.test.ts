import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { startOrigin } from "../../helpers/origin.ts";

const script = `
let shared;
let aborted = "not yet";
const kept = new Response("kept", { headers: { "x-kept": "1" } });
const handlers = {
  "/hello": () => new Response("hello", { status: 202, statusText: "Fine", headers: [["X-A", "1"], ["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]] }),
  "/request": async request => {
    let immutable = "no error";
    try { request.headers.set("a", "b"); } catch (error) { immutable = error.message; }
    return Response.json({
      url: request.url, method: request.method, own: request.headers.get("X-OWN"), immutable,
      body: request.body === null ? null : await request.text(), cf: request.cf.colo,
      signal: request.signal.aborted, isRequest: request instanceof Request,
    });
  },
  "/bytes": () => new Response(new Uint8Array([0, 255, 128])),
  "/blob": () => new Response(new Blob(["bl", "ob"], { type: "a/b" })),
  "/form": () => { const form = new FormData(); form.append("a", "b"); return new Response(form); },
  "/nothing": () => new Response(null, { status: 204 }),
  "/stream": () => {
    let count = 0;
    return new Response(new ReadableStream({ pull(controller) {
      if (count === 5) controller.close(); else controller.enqueue(new TextEncoder().encode(String(count++)));
    } }), { headers: { "content-length": "3" } });
  },
  "/fixed": () => {
    const { readable, writable } = new FixedLengthStream(4);
    const writer = writable.getWriter();
    void writer.write(new TextEncoder().encode("four")).then(() => writer.close());
    return new Response(readable);
  },
  "/seen": () => { const response = new Response("seen"); response.body; return response; },
  "/echo": request => new Response(request.body, request),
  "/upper": request => new Response(request.body.pipeThrough(new TransformStream({
    transform: (chunk, controller) => controller.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase())),
  })), { headers: request.headers }),
  "/proxy": request => fetch(request.headers.get("x-to"), request),
  "/copy": async request => {
    const response = await fetch(request.headers.get("x-to"), { method: request.method, body: request.body });
    return new Response(response.body, response);
  },
  "/undefined": () => {},
  "/string": async () => "text",
  "/object": () => ({ status: 200 }),
  "/error": () => Response.error(),
  "/throws": () => { throw new RangeError("by the handler"); },
  "/used": async () => { const response = new Response("x"); await response.text(); return response; },
  "/locked": () => { const response = new Response("x"); response.body.getReader(); return response; },
  "/kept": () => kept,
  "/shared": () => shared ??= new Response(null, { status: 201 }),
  "/hang": (request, env, context) => new Promise(resolve => {
    const timer = setTimeout(resolve, 20_000);
    request.signal.addEventListener("abort", () => {
      aborted = String(request.signal.reason);
      clearTimeout(timer);
      resolve(new Response("late"));
    });
  }),
  "/aborted": () => new Response(aborted),
};
export default {
  fetch(request, env, context) { return handlers[new URL(request.url).pathname](request, env, context); },
};
`;

const NOT_A_RESPONSE = "Incorrect type for Promise: the Promise did not resolve to 'Response'.";
const USED =
  "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.";

eachEngine("a fetch handler", (_run, context) => {
  let worker: Awaited<ReturnType<typeof context.load>> | undefined;
  const send = async (path: string, init?: RequestInit) => {
    worker ??= await context.load({ script });
    return worker.fetch(`http://worker.test${path}`, init);
  };
  const failure = (path: string) =>
    send(path).then(
      () => "no error",
      (error: Error) => error.message,
    );

  test("answers with status, text and headers", async () => {
    const response = await send("/hello");
    expect([response.status, response.statusText, await response.text()]).toEqual([202, "Fine", "hello"]);
    expect(response.headers.get("x-a")).toBe("1");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(response.headers.get("content-type")).toBe("text/plain;charset=UTF-8");
  });

  test("sees the request", async () => {
    const get = await send("/request?q=%20", { headers: { "x-own": "1" } });
    expect(await get.json()).toEqual({
      url: "http://worker.test/request?q=%20",
      method: "GET",
      own: "1",
      immutable: "Can't modify immutable headers.",
      body: null,
      cf: "DFW",
      signal: false,
      isRequest: true,
    });
    const post = await send("/request", { method: "POST", body: "content" });
    expect(await post.json()).toMatchObject({ method: "POST", body: "content" });
  });

  test("sends every kind of body", async () => {
    expect([...new Uint8Array(await (await send("/bytes")).arrayBuffer())]).toEqual([0, 255, 128]);
    const blob = await send("/blob");
    expect([await blob.text(), blob.headers.get("content-type")]).toEqual(["blob", "a/b"]);
    expect((await (await send("/form")).formData()).get("a")).toBe("b");
    const nothing = await send("/nothing");
    expect([nothing.status, nothing.body]).toEqual([204, null]);
    expect(await (await send("/seen")).text()).toBe("seen");
  });

  test("a stream has the length that is known, and no other", async () => {
    const stream = await send("/stream");
    expect([await stream.text(), stream.headers.get("content-length")]).toEqual(["01234", null]);
    const fixed = await send("/fixed");
    expect([await fixed.text(), fixed.headers.get("content-length")]).toEqual(["four", "4"]);
  });

  test("passes a body on, untouched or changed", async () => {
    const echo = await send("/echo", { method: "POST", body: "sent", headers: { "x-own": "1" } });
    expect([await echo.text(), echo.headers.get("x-own")]).toEqual(["sent", "1"]);
    const upper = await send("/upper", { method: "POST", body: "sent", headers: { "content-length": "4" } });
    expect([await upper.text(), upper.headers.get("content-length")]).toEqual(["SENT", null]);
  });

  test("is a proxy, in both directions", async () => {
    const origin = await startOrigin((_request, response, body) => {
      response.writeHead(203, "Passed", { "content-length": body.length, "x-origin": "1" }).end(body);
    });
    const content = "content ".repeat(5000);
    const headers = { "x-to": `${origin.url}/there`, "content-length": String(content.length), "x-own": "1" };
    for (const path of ["/proxy", "/copy"]) {
      const response = await send(path, { method: "POST", body: content, headers });
      expect([response.status, response.statusText, response.headers.get("x-origin")]).toEqual([
        203,
        "Passed",
        "1",
      ]);
      expect(response.headers.get("content-length")).toBe(String(content.length));
      expect(await response.text()).toBe(content);
    }
    expect(origin.requests.map(request => request.headers.includes("x-own"))).toEqual([true, false]);
    for (const request of origin.requests) {
      expect(request).toMatchObject({ method: "POST", path: "/there", body: content });
      expect(request.headers.map(item => item.toLowerCase())).toContain("content-length");
    }
  });

  test("answers HEAD without waiting for a stream", async () => {
    const response = await send("/stream", { method: "HEAD" });
    expect([response.status, response.body, response.headers.get("content-length")]).toEqual([
      200,
      null,
      "3",
    ]);
  });

  test("must answer with a Response that can be sent", async () => {
    expect(await failure("/undefined")).toBe(NOT_A_RESPONSE);
    expect(await failure("/string")).toBe(NOT_A_RESPONSE);
    expect(await failure("/object")).toBe(NOT_A_RESPONSE);
    expect(await failure("/used")).toBe(USED);
    expect(await failure("/locked")).toBe("This ReadableStream is currently locked to a reader.");
    expect(await failure("/throws")).toBe("by the handler");
    expect(await failure("/error")).toMatch(/Response\.error/);
  });

  test("a Response with a body serves once, one without for ever", async () => {
    expect(await (await send("/kept")).text()).toBe("kept");
    expect(await failure("/kept")).toBe(USED);
    expect((await send("/shared")).status).toBe(201);
    expect((await send("/shared")).status).toBe(201);
  });

  test("hears that its client has gone", async () => {
    const controller = new AbortController();
    const pending = send("/hang", { signal: controller.signal });
    await send("/hello");
    controller.abort();
    expect(await (await pending).text()).toBe("late");
    expect(await (await send("/aborted")).text()).toBe("AbortError: The client has disconnected");
  });

  test("fetch has no place outside handlers", async () => {
    const early = await context.load({
      script: `
        const outcome = fetch("http://h/").then(() => "no error", error => error.message);
        export default { fetch: async () => new Response(await outcome) };`,
    });
    expect(await (await early.fetch("http://h/")).text()).toMatch(
      /^Disallowed operation called within global scope/,
    );
  });
});
