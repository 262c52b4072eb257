import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { CompressionFormat } from "../../../src/web/compression/contract.ts";
import { eachEngine } from "../../helpers/each-engine.ts";

const FORMATS = ["gzip", "deflate", "deflate-raw", "brotli"];

eachEngine("compression", run => {
  test.each(FORMATS)("%s there and back, in chunks of any size", async format => {
    const result = await run(async (format: CompressionFormat) => {
      const text = "The quick brown fox. ".repeat(500);
      const bytes = new TextEncoder().encode(text);
      const compressor = new CompressionStream(format);
      const writer = compressor.writable.getWriter();
      for (let offset = 0; offset < bytes.byteLength; offset += 1000) {
        writer.write(bytes.subarray(offset, offset + 1000));
        writer.write(new Uint8Array(0));
      }
      writer.close();
      const packed = new Uint8Array(await new Response(compressor.readable).arrayBuffer());
      const decompressor = new DecompressionStream(format);
      const other = decompressor.writable.getWriter();
      for (const byte of packed) other.write(new Uint8Array([byte]));
      other.close();
      return [packed.byteLength < 500, (await new Response(decompressor.readable).text()) === text];
    }, format as CompressionFormat);
    expect(result).toEqual([true, true]);
  });

  test("the result is what other programs read, and the other way round", async () => {
    const [packed, text] = await run(
      async (bytes: number[]) => {
        const packing = new Blob(["from the guest"]).stream().pipeThrough(new CompressionStream("gzip"));
        const plain = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream("gzip"));
        return [
          [...new Uint8Array(await new Response(packing).arrayBuffer())],
          await new Response(plain).text(),
        ];
      },
      [...gzipSync("from the host")],
    );
    expect(gunzipSync(Uint8Array.from(packed as number[])).toString()).toBe("from the guest");
    expect(text).toBe("from the host");
  });

  test("empty input", async () => {
    const result = await run(async (formats: string[]) => {
      const lengths: number[] = [];
      for (const format of formats as CompressionFormat[]) {
        const { readable, writable } = new CompressionStream(format);
        writable.close();
        const { readable: back, writable: forth } = new DecompressionStream(format);
        lengths.push(
          (await new Response(readable.pipeThrough({ readable: back, writable: forth })).text()).length,
        );
      }
      return lengths;
    }, FORMATS);
    expect(result).toEqual([0, 0, 0, 0]);
  });

  test.each(FORMATS)("%s: damaged, short or long input is a TypeError on both sides", async format => {
    const result = await run(async (format: CompressionFormat) => {
      const packing = new Blob(["hello hello hello hello"])
        .stream()
        .pipeThrough(new CompressionStream(format));
      const packed = new Uint8Array(await new Response(packing).arrayBuffer());
      const outcome = async (...chunks: Uint8Array[]) => {
        const { readable, writable } = new DecompressionStream(format);
        const writer = writable.getWriter();
        const name = (error: Error) => error.name;
        const reading = new Response(readable).text().then(text => text, name);
        const writing = (async () => {
          for (const chunk of chunks) await writer.write(chunk as Uint8Array<ArrayBuffer>);
          await writer.close();
          return "closed";
        })().catch(name);
        return `${await writing} ${await reading}`;
      };
      const damaged = packed.slice();
      damaged.fill(0xff, 0, 3);
      return [
        await outcome(packed),
        await outcome(packed.slice(0, -1)),
        await outcome(new Uint8Array([...packed, 0])),
        await outcome(packed, new Uint8Array([0])),
        await outcome(packed, packed),
        await outcome(damaged),
        await outcome(),
      ];
    }, format as CompressionFormat);
    const [good, ...bad] = result;
    expect(good).toBe("closed hello hello hello hello");
    expect(bad).toEqual(bad.map(() => "TypeError TypeError"));
  });

  test("chunks are bytes or text", async () => {
    const result = await run(async () => {
      const outcome = async (chunk: unknown) => {
        const { readable, writable } = new CompressionStream("deflate");
        const writer = writable.getWriter();
        const name = (error: Error) => error.name;
        const reading = readable
          .getReader()
          .read()
          .then(() => "read", name);
        const writing = writer.write(chunk as never).then(() => "written", name);
        writer.close().catch(() => {});
        return `${await writing} ${await reading}`;
      };
      const chunks = [new ArrayBuffer(3), new DataView(new ArrayBuffer(2)), "text", 5, null, {}, ["a"]];
      return Promise.all(chunks.map(outcome));
    });
    expect(result).toEqual([
      ...Array.from({ length: 3 }, () => "written read"),
      ...Array.from({ length: 4 }, () => "TypeError TypeError"),
    ]);
  });

  test("a writer need not wait for a reader while little is buffered, and must while much is", async () => {
    const result = await run(async () => {
      const small = new CompressionStream("gzip").writable.getWriter();
      await small.write(new Uint8Array(1000));
      await small.close();
      const bomb = new Response(
        new Blob([new Uint8Array(32 * 1024 * 1024)]).stream().pipeThrough(new CompressionStream("gzip")),
      );
      const packed = new Uint8Array(await bomb.arrayBuffer());
      const { readable, writable } = new DecompressionStream("gzip");
      const writer = writable.getWriter();
      let written = false;
      const writing = writer.write(packed).then(() => {
        written = true;
      });
      writer.close();
      const reader = readable.getReader();
      let length = 0;
      let largest = 0;
      let early: boolean | undefined;
      for (;;) {
        const { done, value } = await reader.read();
        early ??= written;
        if (done) break;
        length += value.byteLength;
        largest = Math.max(largest, value.byteLength);
      }
      await writing;
      return [early, length, largest <= 1024 * 1024];
    });
    expect(result).toEqual([false, 32 * 1024 * 1024, true]);
  });

  test("cancel and abort", async () => {
    const result = await run(async () => {
      const message = (error: Error) => error.message;
      const canceled = new CompressionStream("gzip");
      const writer = canceled.writable.getWriter();
      await canceled.readable.cancel(new Error("c"));
      const aborted = new DecompressionStream("gzip");
      await aborted.writable.abort(new Error("a"));
      return [
        await writer.write(new Uint8Array(1)).catch(message),
        await writer.closed.catch(message),
        await aborted.readable.getReader().read().catch(message),
      ];
    });
    expect(result).toEqual(["c", "c", "a"]);
  });

  test("the interface", async () => {
    const result = await run(() => {
      const outcome = (call: () => unknown) => {
        try {
          return String(call());
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        outcome(() => new CompressionStream("gzip")),
        outcome(() => new DecompressionStream("deflate")),
        outcome(() => new CompressionStream("zip" as never)),
        outcome(() => new (DecompressionStream as never as new () => object)()),
        outcome(() => (CompressionStream as never as (format: string) => object)("gzip")),
        CompressionStream.length,
        String(new CompressionStream("gzip").readable.getReader({ mode: "byob" })),
      ];
    });
    expect(result).toEqual([
      "[object CompressionStream]",
      "[object DecompressionStream]",
      "TypeError",
      "TypeError",
      "TypeError",
      1,
      "[object ReadableStreamBYOBReader]",
    ]);
  });
});
