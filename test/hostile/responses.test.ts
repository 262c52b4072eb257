/** What a handler returns that is no answer. */
import { beforeAll, expect, test } from "vitest";
import type { WorkerHandle } from "../../src/index.ts";
import { eachEngine } from "../helpers/each-engine.ts";

const SCRIPT = `
const kept = new Response("kept");
const answers = {
  "/undefined": () => undefined,
  "/null": () => null,
  "/text": () => "text",
  "/object": () => ({ status: 200, headers: {}, body: "x" }),
  "/class": () => Response,
  "/impostor": () => Object.create(Response.prototype),
  "/proxy": () => new Proxy(new Response("x"), {}),
  "/error": () => Response.error(),
  "/kept": () => kept,
  "/read": async () => { const response = new Response("read"); await response.text(); return response; },
  "/locked": () => { const response = new Response("locked"); response.body.getReader(); return response; },
  "/empty": () => new Response(null, { status: 204 }),
  "/broken-stream": () => new Response(new ReadableStream({ start(c) { c.error(new Error("broken")); } })),
  "/wrong-chunk": () => new Response(new ReadableStream({ start(c) { c.enqueue({}); c.close(); } })),
  "/breaks-off": () => {
    let count = 0;
    return new Response(new ReadableStream({ pull(c) {
      if (++count === 3) throw new Error("breaks off");
      c.enqueue(new TextEncoder().encode("part "));
    } }, { highWaterMark: 0 }));
  },
};
export default { fetch: request => answers[new URL(request.url).pathname]() };
`;

eachEngine("what is not a response", (_run, { load }) => {
  let worker: WorkerHandle;
  beforeAll(async () => {
    worker = await load({ script: SCRIPT, onUncaught() {} });
  });
  const get = async (path: string) => {
    try {
      const response = await worker.fetch(`http://worker${path}`);
      return `${response.status} ${await response.text()}`;
    } catch (error) {
      const { code, name } = error as Error & { code?: string };
      return code ?? name;
    }
  };

  test.each(["/undefined", "/null", "/text", "/object", "/class", "/impostor", "/proxy"])(
    "%s",
    async path => {
      expect(await get(path)).toBe("NO_RESPONSE");
      expect(await get("/empty")).toBe("204 ");
    },
  );

  test("a response that was returned before", async () => {
    expect(await get("/kept")).toBe("200 kept");
    expect(await get("/kept")).not.toMatch(/^200/);
  });

  test.each([
    ["/read", "NO_RESPONSE"],
    ["/locked", "TypeError"],
  ])("a body that is used already: %s", async (path, code) => {
    expect(await get(path)).toBe(code);
  });

  test.each(["/broken-stream", "/wrong-chunk", "/breaks-off"])("a body that fails: %s", async path => {
    expect(await get(path)).not.toMatch(/^200/);
    expect(await get("/empty")).toBe("204 ");
  });
});
