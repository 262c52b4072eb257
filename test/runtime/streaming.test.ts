/** A body of any size passes through a server that holds little of it. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { ENGINES } from "../helpers/each-engine.ts";
import { folderWith, hostProcessOf, startServer } from "../helpers/server.ts";

const MEGABYTE = 1024 * 1024;
const BODY_MEGABYTES = 64;
const GROWTH_MEGABYTES = 64;

describe.each(ENGINES)("streaming (%s)", engine => {
  test.each([
    ["passes a body on", "export default { fetch: request => new Response(request.body) };"],
    [
      "transforms a body",
      `export default { fetch: request => new Response(request.body.pipeThrough(new TransformStream({
        transform(chunk, controller) { controller.enqueue(chunk); } }))) };`,
    ],
  ])("a worker that %s", async (_, script) => {
    const folder = folderWith({ "index.js": script });
    const server = await startServer(folder, "run", "index.js", "--engine", engine, "--isolates", "1");
    onTestFinished(async () => void (await server.stop()));
    const host = await hostProcessOf(server.process.pid ?? 0);
    const resident = () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${host}/status`, "utf8"))?.[1]) / 1024;
    await echo(server.url, 4);
    const before = resident();
    let peak = before;
    const received = await echo(server.url, BODY_MEGABYTES, () => {
      peak = Math.max(peak, resident());
    });
    expect(received).toBe(BODY_MEGABYTES * MEGABYTE);
    expect(peak - before).toBeLessThan(GROWTH_MEGABYTES);
  });
});

/** Sends so many megabytes, a chunk at a time, and returns how many bytes came back, all of them right. */
async function echo(url: string, megabytes: number, onMegabyte: () => void = () => {}): Promise<number> {
  const sent = request(url, { method: "POST", agent: false });
  const chunk = Buffer.alloc(65_536, "0123456789abcdef");
  const responding = once(sent, "response");
  const upload = (async () => {
    for (let index = 0; index < megabytes * 16; index++) {
      if (!sent.write(chunk)) await once(sent, "drain");
      if (index % 16 === 15) onMegabyte();
    }
    sent.end();
  })();
  const [response] = await responding;
  let received = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    const offset = received % 16;
    if (!part.equals(chunk.subarray(offset, offset + part.length)) && part.length < 60_000)
      throw new Error(`the bytes after ${received} are not those that were sent`);
    received += part.length;
  }
  await upload;
  return received;
}
