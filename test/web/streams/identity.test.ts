import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { scenario } from "./scenario.ts";

interface BytePipe {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<unknown>;
}

declare const IdentityTransformStream: new (strategy?: { highWaterMark?: number }) => BytePipe;
declare const FixedLengthStream: new (
  length: number | bigint,
  strategy?: { highWaterMark?: number },
) => BytePipe;

eachEngine("IdentityTransformStream", run => {
  test("a write is answered when its bytes have been read", async () => {
    const lines = await scenario(run, async ({ log, watch, rest, u8 }) => {
      const { readable, writable } = new IdentityTransformStream();
      const writer = writable.getWriter();
      const reader = readable.getReader({ mode: "byob" });
      watch("first", writer.write(u8(1, 2, 3)));
      watch("second", writer.write("é"));
      watch("close", writer.close());
      await rest();
      log("reading");
      await watch("read", reader.read(new Uint8Array(2)));
      await rest();
      log("rest of it");
      await watch("read", reader.read(new Uint8Array(2)));
      await rest();
      await watch("read", reader.read(new Uint8Array(9)));
      await rest();
      await watch("read", reader.read(new Uint8Array(9)));
    });
    expect(lines).toEqual([
      "reading",
      "read {done:false,value:Uint8Array[1 2]}",
      "rest of it",
      "read {done:false,value:Uint8Array[3]}",
      "first undefined",
      "read {done:false,value:Uint8Array[195 169]}",
      "second undefined",
      "close undefined",
      "read {done:true,value:Uint8Array[]}",
    ]);
  });

  test("bytes only, of any view; the writer's buffer stays its own", async () => {
    const lines = await scenario(run, async ({ log, watch, u8 }) => {
      for (const chunk of [5, {}, null, []]) {
        const { readable, writable } = new IdentityTransformStream();
        const writer = writable.getWriter();
        await watch("write", writer.write(chunk));
        await watch("read", readable.getReader().read());
      }
      const { readable, writable } = new IdentityTransformStream();
      const writer = writable.getWriter();
      await watch("empty", writer.write(new Uint8Array(0)));
      await watch("nothing", writer.write(undefined));
      const bytes = u8(1, 2, 3, 4);
      writer.write(new DataView(bytes.buffer, 1, 2));
      writer.write(bytes.buffer);
      const reader = readable.getReader();
      const first = await reader.read();
      await watch("view", Promise.resolve(first));
      await watch("buffer", reader.read());
      log(bytes.byteLength);
    });
    expect(lines).toEqual([
      ...Array.from({ length: 4 }, () => ["write failed TypeError()", "read failed TypeError()"]).flat(),
      "empty undefined",
      "nothing undefined",
      "view {done:false,value:Uint8Array[2 3]}",
      "buffer {done:false,value:Uint8Array[1 2 3 4]}",
      "4",
    ]);
  });

  test("cancel and abort do not wait for a reader", async () => {
    const lines = await scenario(run, async ({ watch, u8 }) => {
      const canceled = new IdentityTransformStream();
      const writer = canceled.writable.getWriter();
      watch("write", writer.write(u8(1)));
      await watch("cancel", canceled.readable.cancel(new Error("c")));
      await watch("later", writer.write(u8(2)));
      const aborted = new IdentityTransformStream();
      const other = aborted.writable.getWriter();
      await null;
      watch("under way", other.write(u8(1)));
      await watch("abort", other.abort(new Error("a")));
      await watch("read", aborted.readable.getReader().read());
    });
    expect(lines).toEqual([
      "write failed Error(c)",
      "cancel undefined",
      "later failed Error(c)",
      "under way failed Error(a)",
      "abort undefined",
      "read failed Error(a)",
    ]);
  });

  test("desiredSize, and a pipe into it that holds nothing", async () => {
    const lines = await scenario(run, async ({ log, rest, u8 }) => {
      const plain = new IdentityTransformStream().writable.getWriter();
      plain.write(u8(1, 2, 3));
      log(plain.desiredSize);
      const marked = new IdentityTransformStream({ highWaterMark: 10 }).writable.getWriter();
      marked.write(u8(1, 2, 3));
      log(marked.desiredSize);
      marked.write(new Uint8Array(8));
      log(marked.desiredSize);
      let pulled = 0;
      const source = new ReadableStream(
        {
          pull(controller) {
            pulled++;
            controller.enqueue(u8(pulled));
          },
        },
        { highWaterMark: 0 },
      );
      const { readable, writable } = new IdentityTransformStream();
      source.pipeTo(writable);
      await rest();
      log(pulled);
      const reader = readable.getReader();
      await reader.read();
      await rest();
      log(pulled);
    });
    expect(lines).toEqual(["1", "7", "-1", "1", "2"]);
  });

  test("its place in the class hierarchy", async () => {
    const result = await run(() => {
      const fixed = new FixedLengthStream(1);
      return [
        fixed instanceof IdentityTransformStream,
        fixed instanceof TransformStream,
        String(fixed),
        String(new IdentityTransformStream()),
        new IdentityTransformStream().readable.getReader({ mode: "byob" }) instanceof
          ReadableStreamBYOBReader,
      ];
    });
    expect(result).toEqual([
      true,
      true,
      "[object FixedLengthStream]",
      "[object IdentityTransformStream]",
      true,
    ]);
  });
});

eachEngine("FixedLengthStream", run => {
  test("exactly the promised bytes, or an error on both sides", async () => {
    const lines = await scenario(run, async ({ watch, u8 }) => {
      const exact = new FixedLengthStream(3n);
      const writer = exact.writable.getWriter();
      const reader = exact.readable.getReader();
      writer.write(u8(1, 2));
      writer.write(u8(3));
      const closing = watch("close", writer.close());
      await watch("read", reader.read());
      await watch("read", reader.read());
      await watch("end", reader.read());
      await closing;
      const over = new FixedLengthStream(3);
      await watch("too many", over.writable.getWriter().write(new Uint8Array(4)));
      await watch("its reader", over.readable.getReader().read());
      const under = new FixedLengthStream(3);
      await watch("too few", under.writable.getWriter().close());
      await watch("its reader", under.readable.getReader().read());
      const none = new FixedLengthStream(0);
      await watch("none", none.writable.getWriter().close());
      await watch("its end", none.readable.getReader().read());
    });
    expect(lines).toEqual([
      "read {done:false,value:Uint8Array[1 2]}",
      "read {done:false,value:Uint8Array[3]}",
      "close undefined",
      "end {done:true,value:undefined}",
      "too many failed TypeError()",
      "its reader failed TypeError()",
      "too few failed TypeError()",
      "its reader failed TypeError()",
      "none undefined",
      "its end {done:true,value:undefined}",
    ]);
  });

  test("lengths that are none", async () => {
    const lines = await scenario(run, ({ thrown }) => {
      for (const length of [undefined, -1, "abc", 2 ** 60, Number.POSITIVE_INFINITY, 1.5]) {
        thrown(String(length), () => new FixedLengthStream(length as number));
      }
    });
    expect(lines).toEqual(
      ["undefined", "-1", "abc", String(2 ** 60), "Infinity", "1.5"].map(length => `${length} TypeError()`),
    );
  });
});
