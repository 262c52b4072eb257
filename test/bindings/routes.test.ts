/** What fails behind a local route is no fault of the client's: it is logged, and answered. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { R2Bucket } from "../../src/bindings/r2/bucket.ts";
import { MemoryR2Store } from "../../src/bindings/r2/memory-store.ts";
import { serveLocalRoute } from "../../src/bindings/routes.ts";

const failure = Object.assign(new Error("the disk is on fire"), { code: "EIO" });
const store = Object.assign(new MemoryR2Store(), { get: () => Promise.reject(failure) });
const bucket = new R2Bucket(store);
const reported: Error[] = [];

const server = createServer((request, response) => {
  serveLocalRoute(request, response, new URL(request.url ?? "", "http://localhost"), {
    bindings: [{ type: "r2", name: "FILES" }],
    resource: () => bucket,
    dispatch: () => Promise.reject(new Error("there is no worker")),
    reportFailure: error => reported.push(error),
  });
});
let origin: string;
let s3: S3Client;
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cdn-cgi/local/r2`;
  s3 = new S3Client({
    endpoint: `${origin}/s3`,
    forcePathStyle: true,
    region: "auto",
    credentials: { accessKeyId: "workerlocal", secretAccessKey: "workerlocalsecret" },
    maxAttempts: 1,
  });
});
beforeEach(() => {
  reported.length = 0;
});
afterAll(() => {
  s3.destroy();
  server.close();
  server.closeAllConnections();
});

test("a page gets a plain answer", async () => {
  const response = await fetch(`${origin}/public/FILES/key`);
  expect([response.status, await response.text()]).toEqual([
    500,
    "Internal error: the log says what failed.\n",
  ]);
  expect(reported).toEqual([failure]);
});

test("a client of S3 gets an error of S3's, after which it may try again", async () => {
  const get = s3.send(new GetObjectCommand({ Bucket: "FILES", Key: "key" }));
  await expect(get).rejects.toMatchObject({ name: "InternalError", $metadata: { httpStatusCode: 500 } });
  expect(reported).toEqual([failure]);
});

test("a client that goes away in the middle of its body has not failed here", async () => {
  const leaving = new AbortController();
  const Body = Readable.from(
    (async function* () {
      yield Buffer.alloc(100_000);
      leaving.abort();
      await new Promise(() => {});
    })(),
  );
  const put = new PutObjectCommand({ Bucket: "FILES", Key: "half", Body, ContentLength: 1_000_000 });
  await expect(s3.send(put, { abortSignal: leaving.signal })).rejects.toThrow();
  await expect(s3.send(new GetObjectCommand({ Bucket: "FILES", Key: "half" }))).rejects.toThrow();
  expect(reported).toEqual([failure]);
  expect(await store.head("half")).toBeNull();
});
