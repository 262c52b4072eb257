import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { OpContext } from "../../../src/engine/ops.ts";
import type { WireBody, WireResponse } from "../../../src/web/fetch/contract.ts";
import { DecodedBody } from "../../../src/web/fetch/decoded-body.ts";
import { fetchOps } from "../../../src/web/fetch/host.ts";
import { StreamTable } from "../../../src/web/streams/host.ts";
import { startOrigin, startRawOrigin } from "../../helpers/origin.ts";

function testContext() {
  const streams = new StreamTable();
  const end = new AbortController();
  const counts = { subrequests: 0 };
  const context = {
    event: 1,
    signal: end.signal,
    streams,
    countSubrequest() {
      if (++counts.subrequests > 3) throw new Error("Too many subrequests.");
    },
  } as unknown as OpContext;
  let id = 0;
  const send = async (url: string, body: WireBody = null, headers: string[] = [], decompress = true) => {
    const method = body === null ? "GET" : "POST";
    return (await fetchOps["fetch.send"](context, ++id, method, url, headers, body, {
      decompress,
      cf: null,
    })) as WireResponse;
  };
  const take = (answer: WireResponse) => streams.take(answer[3] as number);
  return { context, streams, end, counts, send, take };
}

test("a small body travels with its head, a large one as a stream", async () => {
  const origin = await startOrigin((request, response) => {
    const body = Buffer.alloc(Number(request.url?.slice(1)), "x");
    response.writeHead(200, { "content-length": body.length }).end(body);
  });
  const { send, take } = testContext();
  const small = await send(`${origin.url}/10`);
  expect(Buffer.from(small[3] as Uint8Array).toString()).toBe("x".repeat(10));
  const large = await send(`${origin.url}/100000`);
  expect((await text(take(large))).length).toBe(100_000);
});

test("headers keep their order, their spelling, their number and their bytes", async () => {
  const origin = await startOrigin((_request, response) => {
    response.sendDate = false;
    response.writeHead(200, [
      "Set-Cookie",
      "b",
      "X-a",
      "é",
      "x-A",
      "2",
      "Set-Cookie",
      "a",
      "Content-Length",
      "0",
    ]);
    response.end();
  });
  const [, , headers] = await testContext().send(origin.url, "x", ["B-b", "1", "a-A", "€", "b-B", "2"]);
  expect(headers.slice(0, 8)).toEqual(["Set-Cookie", "b", "X-a", "\ufffd", "x-A", "2", "Set-Cookie", "a"]);
  const sent = origin.requests[0]?.headers ?? [];
  const own = sent.slice(sent.indexOf("B-b"));
  expect(own.slice(0, 6)).toEqual(["B-b", "1", "a-A", Buffer.from("€").toString("latin1"), "b-B", "2"]);
});

test("each request counts, and the limit's error is passed on", async () => {
  const origin = await startOrigin((_request, response) => response.end());
  const { send, counts } = testContext();
  for (let index = 0; index < 3; index++) await send(origin.url);
  await expect(send(origin.url)).rejects.toThrow("Too many subrequests.");
  expect(counts.subrequests).toBe(4);
  expect(origin.requests.length).toBe(3);
});

test("the end of an event ends what it asked for", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const url = await startRawOrigin((_request, response) => {
    response.once("close", resolve);
    arrive();
  });
  const { send, end } = testContext();
  const answer = send(url);
  const failed = expect(answer).rejects.toThrow("Network connection lost.");
  await arrived;
  end.abort();
  await failed;
  await closed;
});

test("a failure names its cause", async () => {
  const url = await startRawOrigin(request => request.socket.destroy());
  const error = (await testContext()
    .send(url)
    .catch((thrown: unknown) => thrown)) as Error & { retryable: boolean };
  expect(error.name).toBe("Error");
  expect([error.message, error.retryable]).toEqual(["Network connection lost.", true]);
  expect(error.cause).toBeInstanceOf(Error);
});

test("credentials in a URL do not leave", async () => {
  const origin = await startOrigin((request, response) =>
    response.end(request.headers.authorization ?? "none"),
  );
  const answer = await testContext().send(origin.url.replace("://", "://user:secret@"));
  expect(Buffer.from(answer[3] as Uint8Array).toString()).toBe("none");
});

test("an encoded body that nobody read can be had as it came", async () => {
  const encoded = gzipSync("some text");
  const untouched = new DecodedBody(Readable.from([encoded], { objectMode: false }), ["gzip"]);
  expect(untouched.takeEncoded("br")).toBeUndefined();
  const raw = untouched.takeEncoded("gzip") as Readable;
  const chunks: Buffer[] = [];
  for await (const chunk of raw) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks)).toEqual(encoded);

  const read = new DecodedBody(Readable.from([encoded], { objectMode: false }), ["gzip"]);
  expect(await text(read)).toBe("some text");
  expect(read.takeEncoded("gzip")).toBeUndefined();
});

test("a bomb is decoded only as far as it is read", async () => {
  const body = new DecodedBody(Readable.from([gzipSync(Buffer.alloc(50_000_000))], { objectMode: false }), [
    "gzip",
  ]);
  let seen = 0;
  for await (const chunk of body) {
    seen += (chunk as Buffer).length;
    if (seen > 100_000) break;
  }
  expect(seen).toBeLessThan(1_000_000);
  expect(body.destroyed).toBe(true);
});

test("nothing, and an empty body, decode to nothing", async () => {
  const empty = new DecodedBody(Readable.from([], { objectMode: false }), ["gzip"]);
  expect(await text(empty)).toBe("");
});
