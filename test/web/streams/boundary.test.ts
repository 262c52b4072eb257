import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import type { WorkerHandle } from "../../../src/index.ts";
import { ENGINES, Engine } from "../../helpers/each-engine.ts";

const WORKER = `
const seen = { cancelled: null, pulled: 0 };
const encoder = new TextEncoder();

const routes = {
  "/echo": request => new Response(request.body),
  "/through": request => new Response(request.body.pipeThrough(new TransformStream()).pipeThrough(new TransformStream())),
  "/identity": request => {
    const { readable, writable } = new IdentityTransformStream();
    request.body.pipeTo(writable);
    return new Response(readable);
  },
  "/gzip": request => new Response(request.body.pipeThrough(new CompressionStream("gzip"))),
  "/length": async request => new Response(String((await request.arrayBuffer()).byteLength)),
  "/iterate": async request => {
    let length = 0;
    let chunks = 0;
    for await (const chunk of request.body) {
      length += chunk.byteLength;
      chunks++;
    }
    return Response.json([length, chunks > 1]);
  },
  "/byob": async request => {
    const reader = request.body.getReader({ mode: "byob" });
    const sizes = [];
    let view = new Uint8Array(1000);
    for (;;) {
      const { done, value } = await reader.readAtLeast(1000, view);
      sizes.push(value.byteLength);
      if (done) return Response.json(sizes);
      view = new Uint8Array(value.buffer);
    }
  },
  "/tee": async request => {
    const [first, second] = request.body.tee();
    const texts = await Promise.all([new Response(first).text(), new Response(second).text()]);
    return Response.json(texts.map(text => text.length));
  },
  "/cancel": async request => {
    await request.body.cancel("enough");
    return new Response("done");
  },
  "/partly": async request => {
    const reader = request.body.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    let length = value.byteLength;
    for await (const chunk of request.body) length += chunk.byteLength;
    return Response.json(length);
  },
  "/endless": () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          seen.pulled++;
          controller.enqueue(new Uint8Array(64 * 1024));
        },
        cancel(reason) {
          seen.cancelled = String(reason);
        },
      }),
    ),
  "/seen": () => Response.json(seen),
  "/fails": () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          controller.enqueue(encoder.encode("x"));
          controller.error(new Error("half way"));
        },
      }),
    ),
  "/mixed": () => new Response(ReadableStream.from(["text ", new Uint8Array([98]), encoder.encode("ytes").buffer])),
  "/wrong": () => new Response(ReadableStream.from([encoder.encode("x"), { not: "bytes" }])),
  "/large": () => new Response(ReadableStream.from([new Uint8Array(3 * 1024 * 1024 + 5)])),
  "/bad-text": async () => {
    const outcome = chunk => new Response(ReadableStream.from([chunk])).text().catch(error => error.name + ": " + error.message);
    return Response.json([await outcome("text"), await outcome(5), await outcome(new Uint16Array([0x6262]))]);
  },
};
export default { fetch: request => routes[new URL(request.url).pathname](request) };
`;

const MEGABYTE = 1024 * 1024;

/** A body in pieces, made as it is read; its content tells where each byte came from. */
function pieces(total: number): ReadableStream<Uint8Array> {
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      const length = Math.min(50_000, total - offset);
      if (length === 0) return controller.close();
      const chunk = new Uint8Array(length);
      for (let index = 0; index < length; index++) chunk[index] = (offset + index) % 251;
      offset += length;
      controller.enqueue(chunk);
    },
  });
}

const expected = async (total: number): Promise<Buffer> =>
  Buffer.from(await new Response(pieces(total) as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());

describe.each(ENGINES)("bodies across the boundary (%s)", name => {
  let worker: WorkerHandle;

  beforeAll(async () => {
    const engine = await Engine.open({ engine: name });
    worker = await engine.load({ script: WORKER });
    return () => engine.close();
  });

  const send = (path: string, total: number) =>
    worker.fetch(`http://worker${path}`, {
      method: "POST",
      body: pieces(total) as ReadableStream<Uint8Array<ArrayBuffer>>,
      duplex: "half",
    } as RequestInit);

  test.each(["/echo", "/through", "/identity"])("%s answers with every byte in its place", async path => {
    const total = 2 * MEGABYTE + 7;
    const answer = Buffer.from(await (await send(path, total)).arrayBuffer());
    expect(answer.equals(await expected(total))).toBe(true);
  });

  test("a compressor between two streams of the host's", async () => {
    const answer = gunzipSync(await (await send("/gzip", MEGABYTE)).arrayBuffer());
    expect(answer.equals(await expected(MEGABYTE))).toBe(true);
  });

  test("reading it all, by chunks, into buffers, twice, and partly", async () => {
    expect(await (await send("/length", 2 * MEGABYTE)).text()).toBe(String(2 * MEGABYTE));
    expect(await (await send("/iterate", MEGABYTE)).json()).toEqual([MEGABYTE, true]);
    expect(await (await send("/byob", 2500)).json()).toEqual([1000, 1000, 500, 0]);
    expect(await (await send("/tee", 300_000)).json()).toEqual([300_000, 300_000]);
    expect(await (await send("/partly", 300_000)).json()).toBe(300_000);
  });

  test("a cancelled request body ends its source", async () => {
    let cancelled = false;
    const body = new ReadableStream({
      pull: controller => controller.enqueue(new Uint8Array(1000)),
      cancel() {
        cancelled = true;
      },
    });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    expect(await (await worker.fetch("http://worker/cancel", init)).text()).toBe("done");
    await expect.poll(() => cancelled).toBe(true);
  });

  test("an endless body is made as fast as it is read, and cancelled with its reader", async () => {
    const client = new AbortController();
    const response = await worker.fetch("http://worker/endless", { signal: client.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    const seen = async () =>
      (await (await worker.fetch("http://worker/seen")).json()) as {
        pulled: number;
        cancelled: string | null;
      };
    expect((await seen()).pulled).toBeLessThan(32);
    client.abort();
    await expect.poll(async () => (await seen()).cancelled).toBe("undefined");
  });

  test("a failure reaches the client", async () => {
    await expect((await worker.fetch("http://worker/fails")).text()).rejects.toThrow("half way");
    await expect((await worker.fetch("http://worker/wrong")).text()).rejects.toThrow("did not return bytes");
  });

  test("chunks of any size, bytes or text", async () => {
    expect(await (await worker.fetch("http://worker/mixed")).text()).toBe("text bytes");
    const large = await (await worker.fetch("http://worker/large")).arrayBuffer();
    expect(large.byteLength).toBe(3 * MEGABYTE + 5);
    const message = "TypeError: This ReadableStream did not return bytes.";
    expect(await (await worker.fetch("http://worker/bad-text")).json()).toEqual([message, message, "bb"]);
  });
});
