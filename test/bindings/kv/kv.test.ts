import { describe, expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { temporaryFolder } from "../../storage/temporary-folder.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever a worker may call it with
type Guest = { env: { KV: any; OTHER: any; SAME: any } };

const options = {
  bindings: [
    { type: "kv", name: "KV", id: "ns" },
    { type: "kv", name: "SAME", id: "ns" },
    { type: "kv", name: "OTHER", id: "../../other" },
  ],
};

eachEngine(
  "KVNamespace",
  (run, { load }) => {
    test("each call is one subrequest", async () => {
      const worker = await load({
        bindings: options.bindings,
        limits: { subrequests: 6 },
        script: `export default {
          async count({ KV }) {
            const calls = [
              () => KV.put("a", "1"),
              () => KV.get("a"),
              () => KV.get(["a", "b", "c"]),
              () => KV.getWithMetadata("a"),
              () => KV.list(),
              () => KV.delete("a"),
              () => KV.get("a"),
            ];
            for (const [index, call] of calls.entries()) {
              try { await call(); } catch (error) { return [index, error.message]; }
            }
          },
        }`,
      });
      expect(await worker.invoke("count")).toEqual([6, expect.stringContaining("subrequests")]);
      await worker.dispose();
    });

    test("what a worker stored is there when it is started again", async () => {
      const stateDir = temporaryFolder();
      const script = `export default {
        put: ({ KV }, value) => KV.put("kept", value).then(() => "put"),
        get: ({ KV }) => KV.get("kept"),
      }`;
      const first = await load({ bindings: options.bindings, stateDir, script });
      await first.invoke("put", "for later");
      await first.dispose();
      const second = await load({ bindings: options.bindings, stateDir, script });
      expect(await second.invoke("get")).toBe("for later");
      await second.dispose();
    });

    test("put and get, in every type", async () => {
      expect(
        await run(async function (this: Guest) {
          const { KV } = this.env;
          const returned = await KV.put("types", '{"a":"é🧨\\u0000"}');
          const buffer = await KV.get("types", "arrayBuffer");
          const stream = await KV.get("types", { type: "stream" });
          return [
            returned === undefined,
            await KV.get("types"),
            await KV.get("types", "text"),
            await KV.get("types", { type: "text", cacheTtl: 60 }),
            await KV.get("types", "json"),
            buffer instanceof ArrayBuffer && new TextDecoder().decode(buffer),
            stream instanceof ReadableStream && (await new Response(stream).text()),
            await KV.get("types", undefined),
            await KV.get("types", null),
            await KV.get("types", {}),
          ];
        }),
      ).toEqual([
        true,
        ...Array(3).fill('{"a":"é🧨\\u0000"}'),
        { a: "é🧨\0" },
        ...Array(5).fill('{"a":"é🧨\\u0000"}'),
      ]);
    });

    test("takes strings, buffers, views and streams", async () => {
      expect(
        await run(async function (this: Guest) {
          const { KV } = this.env;
          const bytes = new TextEncoder().encode("0123456789");
          const chunks = ["stream ", "of ", "chunks"];
          const values: unknown[] = [
            "text",
            "",
            bytes.buffer,
            bytes.subarray(2, 4),
            new DataView(bytes.buffer, 5, 2),
            new Uint16Array(new Uint8Array([65, 66, 67, 68]).buffer),
            new ArrayBuffer(0),
            new Response("the body of a response").body,
            new ReadableStream({
              pull(controller) {
                const chunk = chunks.shift();
                if (chunk === undefined) controller.close();
                else controller.enqueue(new TextEncoder().encode(chunk));
              },
            }),
            5,
            true,
            null,
          ];
          const found: unknown[] = [];
          for (const value of values) {
            await KV.put("value", value);
            found.push(await KV.get("value"));
          }
          return found;
        }),
      ).toEqual([
        "text",
        "",
        "0123456789",
        "23",
        "56",
        "ABCD",
        "",
        "the body of a response",
        "stream of chunks",
        "5",
        "true",
        "null",
      ]);
    });

    test("a buffer may be written to as soon as put has been called", async () => {
      expect(
        await run(async function (this: Guest) {
          const bytes = new TextEncoder().encode("before");
          const put = this.env.KV.put("buffer", bytes);
          bytes.fill(33);
          await put;
          return this.env.KV.get("buffer");
        }),
      ).toBe("before");
    });

    test("large values come back whole, in every type", async () => {
      expect(
        await run(async function (this: Guest) {
          const { KV } = this.env;
          const text = "0123456789é".repeat(100_000);
          await KV.put("large", text);
          const viaStream = await KV.get("large", "stream");
          await KV.put("large copy", viaStream);
          const buffer = await KV.get("large copy", "arrayBuffer");
          const back = await new Response(await KV.get("large copy", "stream")).text();
          return [(await KV.get("large")) === text, buffer.byteLength, back === text];
        }),
      ).toEqual([true, 1_200_000, true]);
    });

    test("metadata and expiration", async () => {
      expect(
        await run(async function (this: Guest) {
          const { KV } = this.env;
          const expiration = Math.floor(Date.now() / 1000) + 1000;
          const metadata = { a: [1, null, "é"], nested: { b: true } };
          await KV.put("meta", '{"json":1}', { metadata, expiration });
          const listed = await KV.list({ prefix: "meta" });
          return [
            await KV.getWithMetadata("meta"),
            (await KV.getWithMetadata("meta", "json")).value,
            (await KV.getWithMetadata("meta", { type: "arrayBuffer" })).value.byteLength,
            await KV.getWithMetadata("missing"),
            listed.keys[0].expiration === expiration,
            listed.keys[0].metadata,
            Object.keys(listed),
            Object.keys(listed.keys[0]),
          ];
        }),
      ).toEqual([
        { value: '{"json":1}', metadata: { a: [1, null, "é"], nested: { b: true } }, cacheStatus: null },
        { json: 1 },
        10,
        { value: null, metadata: null, cacheStatus: null },
        true,
        { a: [1, null, "é"], nested: { b: true } },
        ["keys", "list_complete", "cacheStatus"],
        ["name", "expiration", "metadata"],
      ]);
    });

    test("list goes through all keys by pages", async () => {
      expect(
        await run(async function (this: Guest) {
          const { KV } = this.env;
          await Promise.all(Array.from({ length: 25 }, (_, index) => KV.put(`page/${index}`, "")));
          const pages: unknown[] = [];
          let cursor: string | undefined;
          for (;;) {
            const page: { keys: { name: string }[]; list_complete: boolean; cursor?: string } = await KV.list(
              {
                prefix: "page/",
                limit: 10,
                cursor,
              },
            );
            pages.push([page.keys.length, page.keys[0]?.name, page.list_complete, typeof page.cursor]);
            cursor = page.cursor;
            if (page.list_complete) return pages;
          }
        }),
      ).toEqual([
        [10, "page/0", false, "string"],
        [10, "page/18", false, "string"],
        [5, "page/5", true, "undefined"],
      ]);
    });

    test("many keys come as a Map, in the order asked for", async () => {
      expect(
        await run(async function (this: Guest) {
          const { KV } = this.env;
          await KV.put("2", '{"n":2}', { metadata: { m: 1 } });
          await KV.put("1", "[1]");
          const texts = await KV.get(["2", "none", "1"]);
          const values = await KV.get(["2", "1"], "json");
          const both = await KV.getWithMetadata(["1", "none", "2"], { type: "json" });
          const untyped = await KV.get(["1", "1"], "");
          return [texts instanceof Map, [...texts], [...values], [...both], [...untyped]];
        }),
      ).toEqual([
        true,
        [
          ["2", '{"n":2}'],
          ["none", null],
          ["1", "[1]"],
        ],
        [
          ["2", { n: 2 }],
          ["1", [1]],
        ],
        [
          ["1", { value: [1], metadata: null }],
          ["none", null],
          ["2", { value: { n: 2 }, metadata: { m: 1 } }],
        ],
        [["1", "[1]"]],
      ]);
    });

    test("delete removes, and does not mind", async () => {
      expect(
        await run(async function (this: Guest) {
          const { KV } = this.env;
          await KV.put("doomed", "x");
          return [await KV.delete("doomed"), await KV.get("doomed"), await KV.delete("doomed")].map(String);
        }),
      ).toEqual(["undefined", "null", "undefined"]);
    });

    test("namespaces with one id are one, others are apart", async () => {
      expect(
        await run(async function (this: Guest) {
          await this.env.KV.put("where", "ns");
          return [await this.env.SAME.get("where"), await this.env.OTHER.get("where")];
        }),
      ).toEqual(["ns", null]);
    });

    test("hostile keys", async () => {
      const keys = [
        "../../x",
        "\0",
        "a\0b",
        "__proto__",
        "🧨".repeat(128),
        " ",
        "%00",
        "\u{10FFFF}",
        "é".repeat(256),
      ];
      expect(
        await run(async function (this: Guest, keys: string[]) {
          const { OTHER } = this.env;
          for (const key of keys) await OTHER.put(key, `value of ${key}`);
          const listed = (await OTHER.list()).keys.map((key: { name: string }) => key.name);
          const values: unknown[] = [];
          for (const key of keys) values.push(await OTHER.get(key));
          const many = await OTHER.get(keys);
          return [listed.length, values, [...many.values()]];
        }, keys),
      ).toEqual([keys.length, keys.map(key => `value of ${key}`), keys.map(key => `value of ${key}`)]);
    });

    describe("errors", () => {
      test("have workerd's classes and messages, and come as rejections", async () => {
        expect(
          await run(async function (this: Guest) {
            const { KV } = this.env;
            await KV.put("text", "not json");
            const future = Math.floor(Date.now() / 1000);
            const calls: (() => Promise<unknown>)[] = [
              () => KV.get(""),
              () => KV.put(".", ""),
              () => KV.delete(".."),
              () => KV.put("x".repeat(513), ""),
              () => KV.get("x".repeat(513)),
              () => KV.delete("é".repeat(257)),
              () => KV.put("a", "", { expirationTtl: 30 }),
              () => KV.put("a", "", { expirationTtl: 0 }),
              () => KV.put("a", "", { expirationTtl: "soon" }),
              () => KV.put("a", "", { expirationTtl: 2 ** 31 }),
              () => KV.put("a", "", { expiration: 1000 }),
              () =>
                KV.put("a", "", { expiration: future + 30 }).catch((error: Error) => {
                  throw new Error(error.message.replace(/\d{6,}/, "N"));
                }),
              () => KV.put("a", "", { metadata: "x".repeat(1023) }),
              () => KV.put("a", {}),
              () => KV.put("a", [1]),
              () => KV.put("a", () => {}),
              () => KV.put("a", new Date(0)),
              () => KV.put("a", "x".repeat(25 * 1024 * 1024 + 1)),
              () => KV.list({ limit: 1001 }),
              () => KV.list({ cursor: "nonsense" }),
              () => KV.get("text", "blob"),
              () => KV.get(["text"], "json"),
              () => KV.get(["text"], "stream"),
              () => KV.get(Array(101).fill("a")),
              () => KV.get([]),
              () => KV.get("a", { cacheTtl: 10 }),
              () => KV.get(["a", ""]),
              () => KV.get(["a", "."]),
              () => KV.get(["x".repeat(513)]),
              () => KV.get("text", ""),
              () => KV.get("text", 5),
              () => KV.get(["text"], 5),
              () => KV.get(Symbol("a")),
              () => KV.put("a", Symbol("a")),
              () => KV.put("a", "", { expirationTtl: 100n }),
              () => KV.get(),
              () => KV.getWithMetadata(),
              () => KV.put(),
              () => KV.put("a"),
              () => KV.delete(),
              () => KV.put("a", "", 5),
              () => KV.put("a", "", { metadata: () => {} }),
              () => KV.list("a"),
            ];
            const errors: string[] = [];
            for (const call of calls) {
              errors.push(
                await call().then(
                  () => "no error",
                  (error: unknown) => `${error instanceof Error} ${error}`,
                ),
              );
            }
            return errors;
          }),
        ).toEqual([
          "true TypeError: Key name cannot be empty.",
          'true TypeError: "." is not allowed as a key name.',
          'true TypeError: ".." is not allowed as a key name.',
          "true Error: KV PUT failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.",
          "true Error: KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.",
          "true Error: KV DELETE failed: 414 UTF-8 encoded length of 514 exceeds key length limit of 512.",
          "true Error: KV PUT failed: 400 Invalid expiration_ttl of 30. Expiration TTL must be at least 60.",
          "true Error: KV PUT failed: 400 Invalid expiration_ttl of 0. Please specify integer greater than 0.",
          "true Error: KV PUT failed: 400 Invalid expiration_ttl of 0. Please specify integer greater than 0.",
          "true TypeError: Value out of range. Must be between -2147483648 and 2147483647 (inclusive).",
          "true Error: KV PUT failed: 400 Invalid expiration of 1000. Please specify integer greater than the current number of seconds since the UNIX epoch.",
          "true Error: KV PUT failed: 400 Invalid expiration of N. Expiration times must be at least 60 seconds in the future.",
          "true Error: KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.",
          ...Array(4).fill(
            "true TypeError: KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.",
          ),
          "true Error: KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400.",
          "true Error: KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000.",
          "true Error: KV GET failed: 400 Invalid cursor",
          'true TypeError: Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
          "true Error: KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value",
          'true Error: KV GET_BULK failed: 400 "stream" is not a valid type. Use "json" or "text"',
          "true Error: KV GET_BULK failed: 400 You can request a maximum of 100 keys",
          "true Error: KV GET_BULK failed: 400 You must request a minimum of 1 key",
          "true Error: KV GET failed: 400 Invalid cache_ttl of 10. Cache TTL must be at least 30.",
          "true Error: KV GET_BULK failed: 400 Key names must not be empty",
          'true Error: KV GET_BULK failed: 400 Illegal key name ".". Please use a different name.',
          "true Error: KV GET_BULK failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.",
          ...Array(2).fill(
            'true TypeError: Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
          ),
          'true Error: KV GET_BULK failed: 400 "5" is not a valid type. Use "json" or "text"',
          "true TypeError: Cannot convert a Symbol value to a string",
          "true TypeError: Cannot convert a Symbol value to a string",
          "true TypeError: Cannot convert a BigInt value to a number",
          "true TypeError: Failed to execute 'get' on 'KvNamespace': parameter 1 is not of type 'string or Array'.",
          "true TypeError: Failed to execute 'getWithMetadata' on 'KvNamespace': parameter 1 is not of type 'Array or string'.",
          "true TypeError: Failed to execute 'put' on 'KvNamespace': parameter 1 is not of type 'string'.",
          "true TypeError: Failed to execute 'put' on 'KvNamespace': parameter 2 is not of type 'string or JsObject'.",
          "true TypeError: Failed to execute 'delete' on 'KvNamespace': parameter 1 is not of type 'string'.",
          "true TypeError: Failed to execute 'put' on 'KvNamespace': parameter 3 is not of type 'PutOptions'.",
          "true TypeError: KV put() accepts only metadata that JSON can express.",
          "true TypeError: Failed to execute 'list' on 'KvNamespace': parameter 1 is not of type 'ListOptions'.",
        ]);
      });

      test("a value that is no JSON is a SyntaxError", async () => {
        expect(
          await run(async function (this: Guest) {
            await this.env.KV.put("text", "not json");
            return this.env.KV.get("text", "json").catch((error: unknown) => error instanceof SyntaxError);
          }),
        ).toBe(true);
      });

      test("a stream that fails fails its put with its own error, and stores nothing", async () => {
        expect(
          await run(async function (this: Guest) {
            const { KV } = this.env;
            const results: unknown[] = [];
            for (const reason of [new RangeError("out of bytes"), { not: "an error" }]) {
              const stream = new ReadableStream({
                pull(controller) {
                  controller.enqueue(new Uint8Array(10));
                  controller.error(reason);
                },
              });
              const failed: unknown = await KV.put("failing", stream).catch((error: unknown) => error);
              results.push(failed === reason, await KV.get("failing"));
            }
            return results;
          }),
        ).toEqual([true, null, true, null]);
      });

      test("a stream that is locked, or was read from, is refused", async () => {
        expect(
          await run(async function (this: Guest) {
            const { KV } = this.env;
            const locked = new ReadableStream();
            locked.getReader();
            const disturbed = new Response("a body").body as ReadableStream;
            const reader = disturbed.getReader();
            await reader.read();
            reader.releaseLock();
            const refusals: string[] = [];
            for (const stream of [locked, disturbed]) {
              await KV.put("refused", stream).catch((error: unknown) => refusals.push(String(error)));
            }
            return [...refusals, await KV.get("refused")];
          }),
        ).toEqual([
          "TypeError: The ReadableStream has been locked to a reader.",
          "TypeError: This ReadableStream is disturbed.",
          null,
        ]);
      });
    });

    test("the object has its class, and no other receiver or constructor", async () => {
      expect(
        await run(async function (this: Guest) {
          const { KV } = this.env;
          const prototype = Object.getPrototypeOf(KV);
          let construction: unknown;
          try {
            new KV.constructor();
          } catch (error) {
            construction = String(error);
          }
          return [
            Object.prototype.toString.call(KV),
            KV.constructor.name,
            Object.keys(KV),
            Object.keys(prototype).sort(),
            construction,
            await prototype.get.call({}, "a").catch((error: unknown) => error instanceof TypeError),
          ];
        }),
      ).toEqual([
        "[object KvNamespace]",
        "KvNamespace",
        [],
        ["delete", "get", "getWithMetadata", "list", "put"],
        "TypeError: Illegal constructor",
        true,
      ]);
    });
  },
  options,
);
