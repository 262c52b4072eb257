import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { eachEngine, type Run } from "../../helpers/each-engine.ts";
import { ILLEGAL_INVOCATION } from "../../helpers/illegal-invocation.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";

/** Of workerd's; the tests' own world does not have it. */
declare class FixedLengthStream extends TransformStream<Uint8Array, Uint8Array> {
  constructor(length: number);
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a worker may call it with
type Guest = { env: { R2: any; SAME: any; OTHER: any } };

const bindings = [
  { type: "r2", name: "R2", id: "bucket" },
  { type: "r2", name: "SAME", id: "bucket" },
  { type: "r2", name: "OTHER", id: "../../other" },
];

const hash = (algorithm: string, text: string) => createHash(algorithm).update(text).digest("hex");

/** What a call on the bucket is answered with, by the source of its arguments: `["get", "k", { … }]`. */
const outcomes = (run: Run, calls: string[]) =>
  run(async function (this: Guest, sources: string[]) {
    const { R2 } = this.env;
    const results: unknown[] = [];
    for (const source of sources) {
      try {
        const value = await new Function("R2", `return (async () => (${source}))()`)(R2);
        results.push(value === undefined ? "undefined" : value);
      } catch (error) {
        results.push(`${(error as Error).name}: ${(error as Error).message}`);
      }
    }
    return results;
  }, calls);

const expectOutcomes = async (run: Run, expected: Readonly<Record<string, unknown>>) => {
  const results = await outcomes(run, Object.keys(expected));
  expect(Object.fromEntries(Object.keys(expected).map((source, index) => [source, results[index]]))).toEqual(
    expected,
  );
};

eachEngine(
  "R2Bucket",
  (run, { load }) => {
    describe("objects", () => {
      test("put, head and get tell the same", async () => {
        const found = await run(async function (this: Guest) {
          const { R2 } = this.env;
          const put = await R2.put("told", "hello", {
            httpMetadata: { contentType: "text/plain", cacheExpiry: new Date(1e12) },
            customMetadata: { b: "1", a: "2" },
          });
          const head = await R2.head("told");
          const get = await R2.get("told");
          return {
            names: [R2, put, get, get.checksums].map(value => [
              value.constructor.name,
              Object.prototype.toString.call(value),
            ]),
            inherits: get instanceof put.constructor,
            keys: Object.keys(get),
            put,
            head,
            get,
            http: Object.keys(get.httpMetadata),
            custom: Object.keys(get.customMetadata),
            uploaded: get.uploaded instanceof Date && Math.abs(get.uploaded - Date.now()) < 60_000,
            md5: get.checksums.md5 instanceof ArrayBuffer && get.checksums.md5.byteLength,
            none: get.checksums.sha256,
            text: await get.text(),
          };
        });
        expect(found.names).toEqual([
          ["R2Bucket", "[object R2Bucket]"],
          ["HeadResult", "[object HeadResult]"],
          ["GetResult", "[object GetResult]"],
          ["Checksums", "[object Checksums]"],
        ]);
        const told = {
          key: "told",
          size: 5,
          etag: hash("md5", "hello"),
          httpEtag: `"${hash("md5", "hello")}"`,
          version: expect.stringMatching(/^[0-9a-f]{32}$/),
          uploaded: expect.stringMatching(/Z$/),
          checksums: { md5: hash("md5", "hello") },
          httpMetadata: { contentType: "text/plain", cacheExpiry: "2001-09-09T01:46:40.000Z" },
          customMetadata: { b: "1", a: "2" },
          storageClass: "Standard",
        };
        expect(found.put).toEqual(told);
        expect(found.head).toEqual({ ...told, range: { offset: 0, length: 5 } });
        expect(found.get).toEqual(found.head);
        expect(found.keys).toEqual(
          "ssecKeyMd5 storageClass range customMetadata httpMetadata uploaded checksums httpEtag etag size version key".split(
            " ",
          ),
        );
        expect(found.http).toHaveLength(6);
        expect(found.custom).toEqual(["b", "a"]);
        expect(found).toMatchObject({ inherits: true, uploaded: true, md5: 16, text: "hello" });
        expect(found.none).toBeUndefined();
      });

      test("takes strings, buffers, views, blobs, streams of a known length, and nothing", async () => {
        expect(
          await run(async function (this: Guest) {
            const { R2 } = this.env;
            const bytes = new TextEncoder().encode("0123456789");
            const fixed = new FixedLengthStream(6);
            const writer = fixed.writable.getWriter();
            void writer.write(new TextEncoder().encode("fix"));
            void writer.write(new TextEncoder().encode("ed!")).then(() => writer.close());
            await R2.put("source", "copied");
            const values: unknown[] = [
              "text",
              "",
              bytes.buffer,
              bytes.subarray(2, 4),
              new DataView(bytes.buffer, 5, 2),
              new Uint16Array(new Uint8Array([65, 66, 67, 68]).buffer),
              new Blob(["a ", "blob"]),
              new Response("a body").body,
              new Request("http://x", { method: "POST", body: "request" }).body,
              fixed.readable,
              (await R2.get("source")).body,
              (await R2.get("source", { range: { offset: 1, length: 3 } })).body,
              null,
              undefined,
            ];
            const found: unknown[] = [];
            for (const value of values) {
              const { size } = await R2.put("value", value);
              found.push([size, await (await R2.get("value")).text()]);
            }
            return found;
          }),
        ).toEqual([
          [4, "text"],
          [0, ""],
          [10, "0123456789"],
          [2, "23"],
          [2, "56"],
          [4, "ABCD"],
          [6, "a blob"],
          [6, "a body"],
          [7, "request"],
          [6, "fixed!"],
          [6, "copied"],
          [3, "opi"],
          [0, ""],
          [0, ""],
        ]);
      });

      test("refuses other values in workerd's words", async () => {
        const type =
          "TypeError: Failed to execute 'put' on 'R2Bucket': parameter 2 is not of type 'ReadableStream or ArrayBuffer or ArrayBufferView or string or Blob'.";
        const length =
          "TypeError: Provided readable stream must have a known length (request/response body or readable half of FixedLengthStream)";
        await expectOutcomes(run, {
          'R2.put("k")': type,
          'R2.put("k", 5)': type,
          'R2.put("k", true)': type,
          'R2.put("k", {})': type,
          'R2.put("k", new Response("x"))': type,
          'R2.put("k", new ReadableStream({ start(c) { c.close(); } }))': length,
          'R2.put("k", new Response("x").body.pipeThrough(new TransformStream()))': length,
          'R2.put("k", (() => { const { body } = new Response("x"); body.getReader(); return body; })())':
            "TypeError: The ReadableStream has been locked to a reader.",
          "R2.head()":
            "TypeError: Failed to execute 'head' on 'R2Bucket': parameter 1 is not of type 'string'.",
          "R2.delete()":
            "TypeError: Failed to execute 'delete' on 'R2Bucket': parameter 1 is not of type 'string or Array'.",
          "R2.head.call({}, 'k')": ILLEGAL_INVOCATION,
          "new R2.constructor()": "TypeError: Illegal constructor",
          "new (await R2.put('k', '')).constructor()": "TypeError: Illegal constructor",
          "(await R2.put('k', '')).checksums.toJSON.call({})": ILLEGAL_INVOCATION,
          "R2.get('k', 5)":
            "TypeError: Failed to execute 'get' on 'R2Bucket': parameter 2 is not of type 'GetOptions'.",
        });
      });

      test("a stream that is wrong fails the put, and the old object stays", async () => {
        expect(
          await run(async function (this: Guest) {
            const { R2 } = this.env;
            await R2.put("kept", "old");
            const said: string[] = [];
            const attempt = (promise: Promise<unknown>) =>
              promise.then(
                () => said.push("stored"),
                (error: Error) => said.push(`${error.name}: ${error.message}`),
              );
            for (const [length, text] of [
              [10, "short"],
              [3, "too long"],
            ] as const) {
              const { readable, writable } = new FixedLengthStream(length);
              const writer = writable.getWriter();
              writer.write(new TextEncoder().encode(text)).catch(() => {});
              writer.close().catch(() => {});
              await attempt(R2.put("kept", readable));
            }
            let reason: unknown;
            const cancelled = new ReadableStream({
              cancel(why) {
                reason = why;
              },
            });
            await attempt(R2.put("kept", cancelled, { md5: "x" }));
            return [...said, String(reason), await (await R2.get("kept")).text()];
          }),
        ).toEqual([
          "TypeError: FixedLengthStream did not see all expected bytes before close().",
          "TypeError: Attempt to write too many bytes through a FixedLengthStream.",
          "TypeError: MD5 is 32 hex characters, not 1",
          "Error: Stream cancelled because the associated put operation encountered an error.",
          "old",
        ]);
      });

      test("the body is read once, in every way", async () => {
        const found = await run(async function (this: Guest) {
          const { R2 } = this.env;
          await R2.put("body", '{"a":"é"}', { httpMetadata: { contentType: "application/json" } });
          const get = () => R2.get("body");
          const used = await get();
          const before = used.bodyUsed;
          await used.text();
          const streamed = await get();
          const { body } = streamed;
          const blob = await (await get()).blob();
          const locked = await get();
          locked.body.getReader();
          const failures: unknown[] = [];
          for (const call of [() => used.text(), () => used.arrayBuffer(), () => locked.json()])
            await call().catch((error: Error) => failures.push(`${error.name}: ${error.message}`));
          return {
            text: await (await get()).text(),
            json: await (await get()).json(),
            buffer: (await (await get()).arrayBuffer()).byteLength,
            bytes: (await (await get()).bytes()) instanceof Uint8Array,
            blob: [blob.type, blob.size],
            same: body === streamed.body,
            stream: await new Response(streamed.body).text(),
            flags: [before, used.bodyUsed, streamed.bodyUsed],
            failures,
          };
        });
        expect(found).toEqual({
          text: '{"a":"é"}',
          json: { a: "é" },
          buffer: 10,
          bytes: true,
          blob: ["application/json", 10],
          same: true,
          stream: '{"a":"é"}',
          flags: [false, true, true],
          failures: [
            "TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.",
            "TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.",
            "TypeError: This ReadableStream is currently locked to a reader.",
          ],
        });
      });

      test("an object is read-only, and may be added to", async () => {
        expect(
          await run(async function (this: Guest) {
            const object = await this.env.R2.put("fixed", "");
            object.mine = 1;
            return [Reflect.set(object, "key", "other"), object.key, object.mine];
          }),
        ).toEqual([false, "fixed", 1]);
      });

      test("writeHttpMetadata", async () => {
        const found = await run(async function (this: Guest) {
          const { R2 } = this.env;
          const headers = new Headers({
            "content-type": "a/b",
            "content-language": "de",
            "content-disposition": "inline",
            "content-encoding": "gzip",
            "cache-control": "no-cache",
            expires: "Wed, 21 Oct 2015 07:28:00 GMT",
            "x-other": "left out",
          });
          await R2.put("http", "", { httpMetadata: headers });
          const written = new Headers({ "content-type": "to be replaced" });
          const object = await R2.get("http");
          object.writeHttpMetadata(written);
          const said: string[] = [];
          const listed = (await R2.list({ prefix: "http" })).objects[0];
          for (const wrong of [() => object.writeHttpMetadata({}), () => listed.writeHttpMetadata(written)]) {
            try {
              wrong();
            } catch (error) {
              said.push((error as Error).message);
            }
          }
          return [Object.fromEntries(written), object.httpMetadata, said] as const;
        });
        expect(found).toEqual([
          {
            "content-type": "a/b",
            "content-language": "de",
            "content-disposition": "inline",
            "content-encoding": "gzip",
            "cache-control": "no-cache",
            expires: "Wed, 21 Oct 2015 07:28:00 GMT",
          },
          {
            contentType: "a/b",
            contentLanguage: "de",
            contentDisposition: "inline",
            contentEncoding: "gzip",
            cacheControl: "no-cache",
            cacheExpiry: "2015-10-21T07:28:00.000Z",
          },
          [
            "Failed to execute 'writeHttpMetadata' on 'HeadResult': parameter 1 is not of type 'Headers'.",
            "HTTP metadata unknown for key `http`. Did you forget to add 'httpMetadata' to `include` when listing?",
          ],
        ]);
      });

      test("keys: any characters, up to 1024 bytes", async () => {
        expect(
          await run(async function (this: Guest) {
            const { R2 } = this.env;
            const keys = ["", " ", "a/../b", "nul\0", "é🧨", "__proto__", "x".repeat(1024)];
            for (const key of keys) await R2.put(key, key);
            for (const key of keys) if ((await (await R2.get(key)).text()) !== key) return key;
            const long = "é".repeat(513);
            const said: string[] = [];
            for (const call of [
              () => R2.put(long, ""),
              () => R2.get(long),
              () => R2.head(long),
              () => R2.delete(["a", long]),
              () => R2.createMultipartUpload(long),
            ])
              await call().catch((error: Error) => said.push(error.message));
            await R2.delete(keys);
            return said;
          }),
        ).toEqual(
          ["put", "get", "head", "delete", "createMultipartUpload"].map(
            action => `${action}: The specified object name is not valid. (10020)`,
          ),
        );
      });

      test("buckets with one name are one bucket, others are not", async () => {
        expect(
          await run(async function (this: Guest) {
            const { R2, SAME, OTHER } = this.env;
            await R2.put("shared", "x");
            return [(await SAME.head("shared"))?.key, await OTHER.head("shared")];
          }),
        ).toEqual(["shared", null]);
      });

      test("delete", async () => {
        await expectOutcomes(run, {
          'R2.delete("never there")': "undefined",
          "R2.delete([])": "undefined",
          'Promise.all(["d1", "d2", "d3"].map(key => R2.put(key, ""))).then(() => R2.delete(["d1", "d3"]))':
            "undefined",
          '(await R2.list({ prefix: "d" })).objects.map(({ key }) => key)': ["d2"],
          "R2.delete(Array.from({ length: 1000 }, (_, index) => `none${index}`))": "undefined",
          "R2.delete(Array.from({ length: 1001 }, (_, index) => `none${index}`))":
            "Error: delete: The number of keys in the request must be between 1 and 1000 inclusive. (10027)",
          "R2.put(5, '').then(() => R2.delete(5)).then(() => R2.head('5'))": null,
        });
      });
    });

    describe("ranges", () => {
      const got = (range: string) =>
        `await R2.put("range", "hello"), R2.get("range", { range: ${range} }).then(async object => [object.range.offset, object.range.length, await object.text()])`;
      const invalid = "Error: get: The requested range is not satisfiable (10039)";

      test("as objects", async () => {
        await expectOutcomes(run, {
          [got("{ offset: 1 }")]: [1, 4, "ello"],
          [got("{ length: 2 }")]: [0, 2, "he"],
          [got("{ offset: 1, length: 2 }")]: [1, 2, "el"],
          [got("{ offset: 2, length: 100 }")]: [2, 3, "llo"],
          [got("{ suffix: 2 }")]: [3, 2, "lo"],
          [got("{ suffix: 100 }")]: [0, 5, "hello"],
          [got("{}")]: [0, 5, "hello"],
          [got("undefined")]: [0, 5, "hello"],
          [got('{ offset: "1" }')]: [1, 4, "ello"],
          [got("{ offset: 5 }")]: invalid,
          [got("{ offset: 100 }")]: invalid,
          [got("{ offset: Infinity }")]: invalid,
          [got("{ length: 0 }")]: invalid,
          [got("{ suffix: 0 }")]: invalid,
          [got("{ suffix: 2, offset: 1 }")]: "TypeError: Suffix is incompatible with offset.",
          [got("{ suffix: 2, length: 1 }")]: "TypeError: Suffix is incompatible with length.",
          [got("{ offset: -1 }")]:
            "RangeError: Invalid range. Starting offset (-1) must be greater than or equal to 0.",
          [got("{ offset: 1.5 }")]:
            "RangeError: Invalid range. Starting offset (1.5) must be an integer, not floating point.",
          [got("{ length: -1 }")]:
            "RangeError: Invalid range. Length (-1) must be greater than or equal to 0.",
          [got("{ suffix: -1 }")]:
            "RangeError: Invalid suffix. Suffix (-1) must be greater than or equal to 0.",
          [got("{ suffix: 1.5 }")]:
            "RangeError: Invalid range. Suffix (1.5) must be an integer, not floating point.",
          [got('"bytes=0-1"')]:
            "TypeError: Incorrect type for the 'range' field on 'GetOptions': the provided value is not of type 'Range or Headers'.",
        });
      });

      test("as headers: what is not one range within the object is not there", async () => {
        const header = (value: string) => got(`new Headers({ range: "${value}" })`);
        await expectOutcomes(run, {
          [header("bytes=0-1")]: [0, 2, "he"],
          [header("bytes=1-")]: [1, 4, "ello"],
          [header("bytes=-2")]: [3, 2, "lo"],
          [header("bytes=0-100")]: [0, 5, "hello"],
          [header("bytes=9-")]: [0, 5, "hello"],
          [header("bytes=3-1")]: [0, 5, "hello"],
          [header("bytes=-0")]: [0, 5, "hello"],
          [header("bytes=0-1,3-4")]: [0, 5, "hello"],
          [header("lines=1-2")]: [0, 5, "hello"],
          [got("new Headers()")]: [0, 5, "hello"],
        });
      });

      test("of large objects, wherever the parts begin", async () => {
        expect(
          await run(async function (this: Guest) {
            const { R2 } = this.env;
            const bytes = new Uint8Array(400_000).map((_, index) => index % 251);
            await R2.put("large", bytes);
            const object = await R2.get("large", { range: { offset: 123_456, length: 200_000 } });
            const part = await object.bytes();
            const streamed = await R2.get("large", { range: { suffix: 70_000 } });
            const sizes: number[] = [];
            for await (const chunk of streamed.body) sizes.push(chunk.byteLength);
            return [
              part.length,
              part.every((byte: number, index: number) => byte === (index + 123_456) % 251),
              sizes.reduce((sum, size) => sum + size, 0),
              (await R2.get("large")).size,
            ];
          }),
        ).toEqual([200_000, true, 70_000, 400_000]);
      });
    });

    describe("conditions", () => {
      test("by entity tag and by time", async () => {
        expect(
          await run(async function (this: Guest) {
            const { R2 } = this.env;
            const { etag, uploaded } = await R2.put("cond", "v");
            const at = (shift: number) => new Date(+uploaded + shift);
            const has = async (onlyIf: unknown) => "body" in (await R2.get("cond", { onlyIf }));
            return {
              matches: [
                await has({ etagMatches: etag }),
                await has({ etagMatches: "x" }),
                await has({ etagMatches: "*" }),
              ],
              not: [await has({ etagDoesNotMatch: etag }), await has({ etagDoesNotMatch: "x" })],
              before: [await has({ uploadedBefore: at(0) }), await has({ uploadedBefore: at(1) })],
              after: [await has({ uploadedAfter: at(0) }), await has({ uploadedAfter: at(-1) })],
              number: await has({ uploadedBefore: +uploaded + 1 }),
              seconds: await has({ uploadedAfter: at(-1), secondsGranularity: true }),
              etagDecides: [
                await has({ etagMatches: etag, uploadedBefore: at(-1e6) }),
                await has({ etagDoesNotMatch: "x", uploadedAfter: at(1e6) }),
              ],
            };
          }),
        ).toMatchObject({
          matches: [true, false, true],
          not: [false, true],
          before: [false, true],
          after: [false, true],
          number: true,
          etagDecides: [true, true],
        });
      });

      test("a get whose condition does not hold is the object without a body", async () => {
        const found = await run(async function (this: Guest) {
          await this.env.R2.put("bodiless", "value", { customMetadata: { a: "b" } });
          const object = await this.env.R2.get("bodiless", { onlyIf: { etagMatches: "other" } });
          return [object.constructor.name, "body" in object, object] as const;
        });
        expect(found).toEqual([
          "HeadResult",
          false,
          expect.objectContaining({ size: 5, customMetadata: { a: "b" }, range: { offset: 0, length: 5 } }),
        ]);
      });

      test("by headers, in workerd's words", async () => {
        const has = (header: string, name = "if-none-match") =>
          `await R2.put("headers", "v"), R2.get("headers", { onlyIf: new Headers({ "${name}": ${JSON.stringify(header)} }) }).then(object => "body" in object)`;
        const etag = hash("md5", "v");
        const comma = (found: string, kind: string) =>
          `Error: Comma was expected to separate etags. Encountered a ${found} instead. This would otherwise indicate the start of a new ${kind} etag.`;
        await expectOutcomes(run, {
          [has(`"${etag}"`)]: false,
          [has(`"x", W/"${etag}"`)]: false,
          [has(`"${etag}"`, "if-match")]: true,
          [has(`W/"${etag}"`, "if-match")]: false,
          [has("*")]: false,
          [has('"a",*')]: false,
          [has(', , "a"')]: true,
          [has("Wed, 21 Oct 2065 07:28:00 GMT", "if-modified-since")]: false,
          [has("Wed, 21 Oct 2065 07:28:00 GMT", "if-unmodified-since")]: true,
          [has("garbage", "if-modified-since")]: true,
          [has('"a" "b"')]: comma("double quote character '\"'", "strong"),
          [has('"a"W/"b"')]: comma("weak quotation character 'W'", "weak"),
          [has('"a"*')]:
            "Error: Comma was expected to separate etags. Encountered a wildcard character '*' instead.",
          [has('W"a"')]: "Error: Weak etags must start with W/ and their value must be quoted",
          [has('"a')]: "Error: Unclosed double quote for Etag",
          [has("abc")]: "Error: Invalid ETag in if-none-match header",
          [has("", "if-match")]: "Error: Invalid ETag in if-match header",
        });
      });

      test("a put whose condition does not hold is null, and changes nothing", async () => {
        expect(
          await run(async function (this: Guest) {
            const { R2 } = this.env;
            const first = await R2.put("once", "first", { onlyIf: new Headers({ "if-none-match": "*" }) });
            const second = await R2.put("once", "second", { onlyIf: { etagDoesNotMatch: "*" } });
            const never = await R2.put("never", "", { onlyIf: { etagMatches: "*" } });
            const updated = await R2.put("once", "updated", { onlyIf: { etagMatches: first.etag } });
            const races = await Promise.all(
              ["a", "b", "c"].map(value => R2.put("race", value, { onlyIf: { etagDoesNotMatch: "*" } })),
            );
            return [
              first.size,
              second,
              never,
              await (await R2.get("once")).text(),
              updated.size,
              races.filter(Boolean).length,
            ];
          }),
        ).toEqual([5, null, null, "updated", 7, 1]);
      });

      test("refuses what is no condition", async () => {
        const field = (name: string, type: string) =>
          `TypeError: Incorrect type for the '${name}' field on 'Conditional': the provided value is not of type '${type}'.`;
        await expectOutcomes(run, {
          "R2.get('k', { onlyIf: { etagMatches: '\"x\"' } })":
            'TypeError: Conditional ETag should not be wrapped in quotes ("x").',
          "R2.get('k', { onlyIf: { etagMatches: 5 } })": field("etagMatches", "string"),
          "R2.get('k', { onlyIf: { uploadedBefore: '2050' } })": field("uploadedBefore", "date"),
          "R2.get('k', { onlyIf: { uploadedAfter: {} } })": field("uploadedAfter", "date"),
          "R2.get('k', { onlyIf: { uploadedAfter: new Date(NaN) } })":
            "TypeError: The value cannot be converted because it is not a valid Date.",
          "R2.get('k', { onlyIf: 'x' })":
            "TypeError: Incorrect type for the 'onlyIf' field on 'GetOptions': the provided value is not of type 'Conditional or Headers'.",
        });
      });
    });

    describe("options of put", () => {
      test("checksums are verified, as text or bytes, and kept", async () => {
        const found = await run(async function (this: Guest) {
          const { R2 } = this.env;
          const text = new TextEncoder().encode("checked");
          const results: unknown[] = [];
          for (const [field, algorithm] of [
            ["md5", "MD5"],
            ["sha1", "SHA-1"],
            ["sha256", "SHA-256"],
            ["sha384", "SHA-384"],
            ["sha512", "SHA-512"],
          ] as const) {
            const digest = await crypto.subtle.digest(algorithm, text);
            const hex = [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, "0")).join("");
            await R2.put("sum", text, { [field]: digest });
            await R2.put("sum", text, { [field]: new Uint8Array(digest) });
            await R2.put("sum", "checked", { [field]: hex.toUpperCase() });
            const { checksums } = await R2.head("sum");
            results.push(
              checksums.toJSON()[field] === hex && checksums[field].byteLength === digest.byteLength,
            );
          }
          return results;
        });
        expect(found).toEqual([true, true, true, true, true]);
        const zeros = "0".repeat(64);
        await expectOutcomes(run, {
          [`R2.put("sum", "x", { sha256: "${zeros}" })`]: [
            "Error: put: The SHA-256 checksum you specified did not match what we received.",
            `You provided a SHA-256 checksum with value: ${zeros}`,
            `Actual SHA-256 was: ${hash("sha256", "x")} (10037)`,
          ].join("\n"),
          'R2.put("k", "x", { md5: "d41d" })': "TypeError: MD5 is 32 hex characters, not 4",
          [`R2.put("k", "x", { md5: "${"z".repeat(32)}" })`]:
            "TypeError: Provided MD5 wasn't a valid hex string",
          'R2.put("k", "x", { sha1: new ArrayBuffer(3) })': "TypeError: SHA-1 is 20 bytes, not 3",
          'R2.put("k", "x", { sha512: 5 })':
            "TypeError: Incorrect type for the 'sha512' field on 'PutOptions': the provided value is not of type 'JsBufferSource or string'.",
          [`R2.put("k", "x", { md5: "${zeros.slice(32)}", sha256: "${zeros}" })`]:
            "TypeError: You cannot specify multiple hashing algorithms.",
        });
      });

      test("metadata", async () => {
        await expectOutcomes(run, {
          'R2.put("m", "", { customMetadata: { a: 5, b: null } }).then(o => o.customMetadata)': {
            a: "5",
            b: "null",
          },
          'R2.put("m", "", { httpMetadata: { contentType: 5, cacheExpiry: 5 } }).then(o => o.httpMetadata)': {
            contentType: "5",
            cacheExpiry: "1970-01-01T00:00:00.005Z",
          },
          'R2.put("m", "", { customMetadata: "abc" })':
            "TypeError: Incorrect type for the 'customMetadata' field on 'PutOptions': the provided value is not of type 'object'.",
          'R2.put("m", "", { httpMetadata: "abc" })':
            "TypeError: Incorrect type for the 'httpMetadata' field on 'PutOptions': the provided value is not of type 'HttpMetadata or Headers'.",
          'R2.put("m", "", { customMetadata: { a: "x".repeat(8191) } }).then(o => o.customMetadata.a.length)': 8191,
          'R2.put("m", "", { customMetadata: { a: "x".repeat(8192) } })':
            "Error: put: Your metadata headers exceed the maximum allowed metadata size. (10012)",
          'R2.createMultipartUpload("m", { customMetadata: { a: "\u0100".repeat(4096) } })':
            "Error: createMultipartUpload: Your metadata headers exceed the maximum allowed metadata size. (10012)",
          'R2.put("m", "", { storageClass: "InfrequentAccess" }).then(o => R2.head("m")).then(o => o.storageClass)':
            "InfrequentAccess",
          'R2.put("m", "", { storageClass: "Foo" })': expect.stringMatching(
            /^Error: put: The storage class .*InfrequentAccess, not "Foo"\. \(10029\)$/,
          ),
        });
      });

      test("an object with a customer's key is had with that key alone", async () => {
        const key = "ab".repeat(32);
        const other = "cd".repeat(32);
        const md5 = createHash("md5").update(key, "hex").digest("base64");
        const refused =
          "Error: get: The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object. (10029)";
        await expectOutcomes(run, {
          [`R2.put("secret", "s", { ssecKey: "${key}" }).then(o => o.ssecKeyMd5)`]: md5,
          'R2.head("secret").then(o => o.ssecKeyMd5)': md5,
          [`R2.get("secret", { ssecKey: "${key}" }).then(o => o.text())`]: "s",
          [`R2.get("secret", { ssecKey: new Uint8Array(32).fill(0xab) }).then(o => o.text())`]: "s",
          'R2.get("secret")': refused,
          [`R2.get("secret", { ssecKey: "${other}" })`]: refused,
          [`R2.put("open", "s").then(() => R2.get("open", { ssecKey: "${key}" }))`]:
            "Error: get: The encryption parameters are not applicable to this object. (10029)",
          'R2.put("k", "x", { ssecKey: "ZZ" })': "Error: SSE-C Key has invalid format",
          'R2.put("k", "x", { ssecKey: "00" })': "Error: SSE-C Key must be 32 bytes in length",
          'R2.put("k", "x", { ssecKey: new ArrayBuffer(3) })': "Error: SSE-C Key must be 32 bytes in length",
          [`R2.createMultipartUpload("parts", { ssecKey: "${key}" }).then(upload => upload.uploadPart(1, "x"))`]:
            refused.replace("get:", "uploadPart:"),
          [`R2.createMultipartUpload("parts", { ssecKey: "${key}" }).then(async upload => upload.complete([await upload.uploadPart(1, "x", { ssecKey: "${key}" })])).then(o => o.ssecKeyMd5)`]:
            md5,
        });
      });
    });

    describe("lists", () => {
      test("by prefix, delimiter, page and start", async () => {
        const found = await run(async function (this: Guest) {
          const { OTHER } = this.env;
          for (const key of ["a", "b/1", "b/2", "c/x/1", "c/y", "d", "é", "z\u{10000}", "z\uffff"])
            await OTHER.put(key, "v", { customMetadata: { k: key }, httpMetadata: { contentType: "t/t" } });
          const list = async (options?: unknown) => {
            const { objects, delimitedPrefixes, truncated, cursor } = await OTHER.list(options);
            return [
              objects.map((o: { key: string }) => o.key).join(),
              delimitedPrefixes.join(),
              truncated,
              cursor,
            ];
          };
          const pages: unknown[] = [];
          for (let cursor: unknown; ; ) {
            const page = await list({
              delimiter: "/",
              limit: 2,
              ...(cursor === undefined ? {} : { cursor }),
            });
            cursor = page[3];
            pages.push(page.slice(0, 3));
            if (cursor === undefined) break;
          }
          const all = await OTHER.list();
          return {
            keys: Object.keys(all),
            first: all.objects[0],
            all: await list(),
            delimited: await list({ delimiter: "/" }),
            inside: await list({ delimiter: "/", prefix: "c/" }),
            after: await list({ startAfter: "b/1", delimiter: "/" }),
            noDelimiter: await list({ delimiter: "" }),
            nothing: await list(null),
            pages,
          };
        });
        expect(found.keys).toEqual(["objects", "truncated", "cursor", "delimitedPrefixes"]);
        expect(found.first).not.toHaveProperty("customMetadata");
        expect(found.all).toEqual(["a,b/1,b/2,c/x/1,c/y,d,z\uffff,z\u{10000},é", "", false, null]);
        expect(found.delimited).toEqual(["a,d,z\uffff,z\u{10000},é", "b/,c/", false, null]);
        expect(found.inside.slice(0, 2)).toEqual(["c/y", "c/x/"]);
        expect(found.after.slice(0, 2)).toEqual(["d,z\uffff,z\u{10000},é", "b/,c/"]);
        expect(found.noDelimiter).toEqual(found.all);
        expect(found.nothing).toEqual(found.all);
        expect(found.pages).toEqual([
          ["a", "b/", true],
          ["d", "c/", true],
          ["z\uffff,z\u{10000}", "", true],
          ["é", "", false],
        ]);
      });

      test("metadata where it is asked for, on shorter pages", async () => {
        const found = await run(async function (this: Guest) {
          const { R2 } = this.env;
          const options = { customMetadata: { a: "b" }, httpMetadata: { contentType: "t/t" } };
          for (let index = 0; index < 105; index++) await R2.put(`included/${1000 + index}`, "", options);
          const prefix = "included/";
          const read = async (include: unknown) => {
            const { objects, truncated } = await R2.list({ prefix, include });
            const [{ customMetadata, httpMetadata }] = objects;
            return [objects.length, truncated, customMetadata, httpMetadata];
          };
          return [
            await read(undefined),
            await read([]),
            await read(["customMetadata"]),
            await read(["httpMetadata", "customMetadata"]),
          ];
        });
        expect(found).toEqual([
          [105, false, null, null],
          [105, false, null, null],
          [100, true, { a: "b" }, null],
          [100, true, { a: "b" }, { contentType: "t/t" }],
        ]);
      });

      test("before r2_list_honor_include all metadata is there", async () => {
        const worker = await load({
          bindings,
          compatibilityDate: "2022-08-03",
          script: `export default { async list({ R2 }) {
            await R2.put("old", "", { customMetadata: { a: "b" } });
            return (await R2.list({ include: [] })).objects[0];
          } }`,
        });
        expect(await worker.invoke("list")).toMatchObject({ customMetadata: { a: "b" }, httpMetadata: {} });
        await worker.dispose();
      });

      test("refuses wrong options", async () => {
        const limit = "Error: list: MaxKeys params must be positive integer <= 1000. (10022)";
        const field = (name: string, type: string) =>
          `TypeError: Incorrect type for the '${name}' field on 'ListOptions': the provided value is not of type '${type}'.`;
        await expectOutcomes(run, {
          "R2.list({ limit: 0 })": limit,
          "R2.list({ limit: 1001 })": limit,
          "R2.list({ limit: NaN })": limit,
          "R2.list({ limit: -5 })": limit,
          "R2.list({ limit: -1, prefix: 'none' }).then(l => l.objects)": [],
          "R2.list({ limit: 1e10 })":
            "TypeError: Value out of range. Must be between -2147483648 and 2147483647 (inclusive).",
          "R2.list({ limit: 10n })": "TypeError: Cannot convert a BigInt value to a number",
          "R2.list({ limit: Symbol() })": "TypeError: Cannot convert a Symbol value to a number",
          "R2.get('none', { range: { offset: 1n } })": "TypeError: Cannot convert a BigInt value to a number",
          "R2.list({ prefix: 5 })": field("prefix", "string"),
          "R2.list({ cursor: null })": field("cursor", "string"),
          "R2.list({ include: 'httpMetadata' })": field("include", "Array"),
          "R2.list({ include: ['other'] })": "RangeError: Unsupported include value other",
          "R2.list({ cursor: 'forged' })":
            "Error: list: The continuation token provided is not valid. (10029)",
          "R2.list(5)":
            "TypeError: Failed to execute 'list' on 'R2Bucket': parameter 1 is not of type 'ListOptions'.",
        });
      });
    });

    describe("multipart uploads", () => {
      test("from parts to an object", async () => {
        const found = await run(async function (this: Guest) {
          const { R2 } = this.env;
          const upload = await R2.createMultipartUpload("whole", {
            customMetadata: { a: "b" },
            httpMetadata: { contentType: "x/y" },
          });
          const five = new Uint8Array(5 * 1024 * 1024).fill(97);
          const resumed = R2.resumeMultipartUpload(upload.key, upload.uploadId);
          const second = await resumed.uploadPart(2, "tail");
          const first = await upload.uploadPart(1, new Response(five).body);
          const object = await resumed.complete([second, first]);
          const part = await R2.get("whole", { range: { suffix: 6 } });
          return {
            upload: [Object.keys(upload), Object.prototype.toString.call(upload)],
            parts: [first, second],
            object,
            head: await R2.head("whole"),
            end: await part.text(),
            size: (await (await R2.get("whole")).arrayBuffer()).byteLength,
          };
        });
        const md5s = [hash("md5", "a".repeat(5 * 1024 * 1024)), hash("md5", "tail")];
        const etag = `${createHash("md5")
          .update(Buffer.from(md5s.join(""), "hex"))
          .digest("hex")}-2`;
        expect(found.upload).toEqual([["uploadId", "key"], "[object R2MultipartUpload]"]);
        expect(found.parts).toEqual([
          { partNumber: 1, etag: expect.any(String) },
          { partNumber: 2, etag: expect.any(String) },
        ]);
        const object = {
          etag,
          httpEtag: `"${etag}"`,
          size: 5 * 1024 * 1024 + 4,
          checksums: {},
          customMetadata: { a: "b" },
          httpMetadata: { contentType: "x/y" },
        };
        expect(found.object).toMatchObject(object);
        expect(found.head).toMatchObject(object);
        expect(found).toMatchObject({ end: "aatail", size: object.size });
      });

      test("the rules of parts", async () => {
        const number = (value: number) =>
          `TypeError: Part number must be between 1 and 10000 (inclusive). Actual value was: ${value}`;
        const begin = 'R2.createMultipartUpload("rules").then(async u =>';
        const parts = (...sizes: number[]) =>
          `u.complete(await Promise.all([${sizes}].map((size, index) => u.uploadPart(index + 1, new Uint8Array(size))))).then(o => o.size)`;
        const MB5 = 5 * 1024 * 1024;
        await expectOutcomes(run, {
          [`${begin} u.uploadPart(0, "x"))`]: number(0),
          [`${begin} u.uploadPart(10001, "x"))`]: number(10001),
          [`${begin} u.uploadPart("abc", "x"))`]: number(0),
          [`${begin} u.uploadPart(1, null))`]:
            "TypeError: Failed to execute 'uploadPart' on 'R2MultipartUpload': parameter 2 is not of type 'ReadableStream or ArrayBuffer or ArrayBufferView or string or Blob'.",
          [`${begin} u.uploadPart(1, new ReadableStream()))`]:
            expect.stringContaining("must have a known length"),
          [`${begin} u.complete())`]:
            "TypeError: Failed to execute 'complete' on 'R2MultipartUpload': parameter 1 is not of type 'Array'.",
          [`${begin} u.complete([5]))`]:
            "TypeError: Incorrect type for array element 0: the provided value is not of type 'UploadedPart'.",
          [`${begin} u.complete([{ partNumber: 0, etag: "" }]))`]: number(0),
          [`${begin} u.complete([{ partNumber: 1, etag: "x" }]))`]:
            "Error: completeMultipartUpload: One or more of the specified parts could not be found. (10025)",
          [`${begin} { const p = await u.uploadPart(1, "x"); return u.complete([p, p]); })`]:
            "Error: completeMultipartUpload: One or more of the specified parts could not be found. (10025)",
          [`${begin} u.complete([]).then(o => [o.size, o.etag]))`]: [0, `${hash("md5", "")}-0`],
          [`${begin} ${parts(10)})`]: 10,
          [`${begin} ${parts(MB5, MB5)})`]: 2 * MB5,
          [`${begin} ${parts(10, 10)})`]:
            "Error: completeMultipartUpload: Your proposed upload is smaller than the minimum allowed object size. (10011)",
          [`${begin} ${parts(MB5, MB5 + 1)})`]:
            "Error: completeMultipartUpload: There was a problem with the multipart upload. (10048)",
          [`${begin} ${parts(MB5, MB5 + 1, 1)})`]:
            "Error: completeMultipartUpload: There was a problem with the multipart upload. (10048)",
          "u => u, R2.resumeMultipartUpload('k').key":
            "TypeError: Failed to execute 'resumeMultipartUpload' on 'R2Bucket': parameter 2 is not of type 'string'.",
        });
      });

      test("an upload that is over, or never was", async () => {
        const gone = (action: string) =>
          `Error: ${action}: The specified multipart upload does not exist. (10024)`;
        const aborted = 'R2.createMultipartUpload("gone").then(async u => (await u.abort(), u)).then(u =>';
        await expectOutcomes(run, {
          [`${aborted} u.abort())`]: "undefined",
          [`${aborted} u.uploadPart(1, "x"))`]: gone("uploadPart"),
          [`${aborted} u.complete([]))`]: gone("completeMultipartUpload"),
          'R2.resumeMultipartUpload("gone", "never").uploadPart(1, "x")': gone("uploadPart"),
          'R2.resumeMultipartUpload("gone", "never").complete([])': gone("completeMultipartUpload"),
          'R2.resumeMultipartUpload("gone", "never").abort()': gone("abortMultipartUpload"),
          'R2.createMultipartUpload("gone").then(u => R2.resumeMultipartUpload("other", u.uploadId).uploadPart(1, "x"))':
            gone("uploadPart"),
        });
      });
    });

    describe("around it", () => {
      test("each call is one subrequest", async () => {
        const worker = await load({
          bindings,
          limits: { subrequests: 4 },
          script: `export default {
            async count({ R2 }) {
              const calls = [() => R2.put("a", "1"), () => R2.get("a"), () => R2.head("a"), () => R2.list(), () => R2.delete("a")];
              for (const [index, call] of calls.entries()) {
                try { await call(); } catch (error) { return [index, error.message]; }
              }
            },
          }`,
        });
        expect(await worker.invoke("count")).toEqual([4, expect.stringContaining("subrequests")]);
        await worker.dispose();
      });

      test("what a worker stored is there when it is started again", async () => {
        const stateDir = temporaryFolder();
        const script = `export default {
          put: ({ R2 }, value) => R2.put("kept", value).then(() => "put"),
          get: ({ R2 }) => R2.get("kept").then(object => object.text()),
        }`;
        const first = await load({ bindings, stateDir, script });
        await first.invoke("put", "for later");
        await first.dispose();
        const second = await load({ bindings, stateDir, script });
        expect(await second.invoke("get")).toBe("for later");
        await second.dispose();
      });

      test("survives a worker that changes the globals", async () => {
        const worker = await load({
          bindings,
          script: `
            const broken = () => { throw new Error("called"); };
            Headers.prototype.set = Response.prototype.text = ReadableStream.prototype.getReader = broken;
            Blob.prototype.arrayBuffer = Blob.prototype.slice = URL.prototype.toString = broken;
            export default { async go({ R2 }) {
              await R2.put("tough", "text", { httpMetadata: { contentType: "a/b" } });
              const object = await R2.get("tough");
              const headers = new Headers();
              object.writeHttpMetadata(headers);
              return [await object.text(), headers.get("content-type")];
            } }`,
        });
        expect(await worker.invoke("go")).toEqual(["text", "a/b"]);
        await worker.dispose();
      });

      test("large objects stream through a worker, from client to client", async () => {
        const worker = await load({
          bindings,
          script: `export default { async fetch(request, { R2 }) {
            if (request.method === "PUT") return Response.json(await R2.put("big", request.body));
            const object = await R2.get("big");
            return new Response(object.body, { headers: { etag: object.httpEtag } });
          } }`,
        });
        const value = Buffer.alloc(20 * 1024 * 1024, "0123456789abcdef");
        const put = await worker.fetch("http://x/", {
          method: "PUT",
          body: value,
          headers: { "content-length": String(value.length) },
        });
        expect(await put.json()).toMatchObject({ size: value.length });
        const got = await worker.fetch("http://x/");
        expect(got.headers.get("etag")).toBe(`"${createHash("md5").update(value).digest("hex")}"`);
        expect(Buffer.from(await got.arrayBuffer()).equals(value)).toBe(true);
        await worker.dispose();
      });

      test("objects that are held count for the isolate's memory", async () => {
        const worker = await load({
          bindings,
          limits: { memoryBytes: 64 * 1024 * 1024 },
          script: `export default { async hold({ R2 }) {
            await R2.put("ten", new Uint8Array(10 * 1024 * 1024));
            const held = [];
            for (let count = 0; count < 100; count++) held.push(await (await R2.get("ten")).bytes());
            return held.length;
          } }`,
        });
        await expect(worker.invoke("hold")).rejects.toThrow();
        await worker.dispose();
      });

      test("URLs of the server", async () => {
        const worker = await load({
          bindings,
          origin: "http://localhost:9999",
          script: `export default {
            public: ({ R2 }, key) => R2.publicUrl(key),
            signed: ({ R2 }, ...args) => R2.createSignedUrl(...args),
          }`,
        });
        expect(await worker.invoke("public", "a b/é?#.txt")).toBe(
          "http://localhost:9999/cdn-cgi/local/r2/public/bucket/a%20b/%C3%A9%3F%23.txt",
        );
        const signed = new URL((await worker.invoke("signed", "key", { expiresIn: 60 })) as string);
        expect(signed.pathname).toBe("/cdn-cgi/local/r2/public/bucket/key");
        expect(signed.searchParams.get("X-Amz-Expires")).toBe("60");
        expect(signed.searchParams.get("X-Amz-Signature")).toMatch(/^[0-9a-f]{64}$/);
        const upload = new URL((await worker.invoke("signed", "key", { method: "put" })) as string);
        expect(upload.pathname).toBe("/cdn-cgi/local/r2/s3/bucket/key");
        expect(upload.searchParams.get("X-Amz-Expires")).toBe("3600");
        await expect(worker.invoke("signed", "key", { expiresIn: 0 })).rejects.toThrow("from 1 to 604800");
        await expect(worker.invoke("signed", "key", { method: "PATCH" })).rejects.toThrow("one of GET");
        await worker.dispose();
      });
    });
  },
  { bindings },
);
