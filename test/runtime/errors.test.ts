/** An exception, as the user's own files show it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENGINES } from "../helpers/each-engine.ts";
import { folderWith, type RunningServer, startServer } from "../helpers/server.ts";

const LIBRARY = `interface Order { id: number; items?: string[] }

// Types and this comment are gone in the bundle.
export function total(order: Order): number {
  return (order as Required<Order>).items.length;
}

export async function later(order: Order): Promise<number> {
  await Promise.resolve();
  return total(order);
}

export class OrderError extends Error {
  override name = "OrderError";
}
`;

const WORKER = `import { later, OrderError, total } from "./lib/orders";

type Handler = () => unknown;
const handlers: Record<string, Handler> = {
  "/sync": () => total({ id: 1 }),
  "/async": () => later({ id: 2 }),
  "/class": () => { throw new OrderError("own class", { cause: new RangeError("cause") }); },
  "/text": () => { throw "just text"; },
  "/null": () => { throw null; },
  "/object": () => { throw { reason: "an object" }; },
};

export default {
  async fetch(request: Request): Promise<Response> {
    return new Response(String(await handlers[new URL(request.url).pathname]?.()));
  },
};
`;

describe.each(ENGINES)("exceptions (%s)", engine => {
  let server: RunningServer;
  beforeAll(async () => {
    const folder = folderWith({
      "src/index.ts": WORKER,
      "src/lib/orders.ts": LIBRARY,
      "wrangler.json": `{ "main": "src/index.ts", "compatibility_date": "2026-11-01" }`,
    });
    server = await startServer(folder, "dev", "--engine", engine);
  });
  afterAll(() => server?.stop());

  const report = async (path: string) => {
    const from = server.output().length;
    const response = await fetch(server.url + path);
    const text = await response.text();
    expect(response.status).toBe(500);
    // The log says what the client is told.
    await server.waitFor(/ 500 /, from);
    const [first = ""] = text.split("\n");
    expect(server.output().slice(from)).toContain(first);
    return text;
  };

  test("have the file, the line and the code of the place they come from", async () => {
    const text = await report("/sync");
    expect(text).toMatch(/^TypeError: .*length/);
    expect(text).toMatch(/at total \(src\/lib\/orders\.ts:5:\d+\)/);
    expect(text).toMatch(/\(src\/index\.ts:5:\d+\)/);
    expect(text).toMatch(/> 5 \| {3}return \(order as Required<Order>\)\.items\.length;/);
    expect(text).not.toMatch(/worker:|isolated-vm|guest/);
  });

  test("have them behind an await as well", async () => {
    const text = await report("/async");
    expect(text).toMatch(/at total \(src\/lib\/orders\.ts:5:\d+\)/);
    expect(text).toMatch(/at .*later.* ?\(?src\/lib\/orders\.ts:10:\d+\)?/);
  });

  test("keep their class's name and their cause", async () => {
    const text = await report("/class");
    expect(text).toMatch(/^OrderError: own class/);
    expect(text).toMatch(/\[cause\]: RangeError: cause/);
    expect(text).toMatch(/src\/index\.ts:7:/);
  });

  test.each([
    ["/text", "just text"],
    ["/null", "null"],
    ["/object", "reason"],
  ])("that are no errors are shown: %s", async (path, shown) => {
    expect(await report(path)).toContain(shown);
  });
});
