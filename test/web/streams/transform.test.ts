import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { scenario } from "./scenario.ts";

eachEngine("TransformStream", run => {
  test("transforms, flushes and ends", async () => {
    const lines = await scenario(run, async ({ log, watch }) => {
      const { readable, writable } = new TransformStream<number, unknown>({
        start: () => log("start"),
        transform(chunk, controller) {
          log("transform", chunk, controller.desiredSize);
          controller.enqueue(chunk * 2);
          controller.enqueue(chunk * 3);
        },
        flush(controller) {
          log("flush");
          controller.enqueue("end");
        },
      });
      const writer = writable.getWriter();
      const reader = readable.getReader();
      watch("first", writer.write(1));
      watch("second", writer.write(2));
      watch("close", writer.close());
      for (let index = 0; index < 6; index++) await watch("read", reader.read());
    });
    expect(lines.filter(line => line.startsWith("read"))).toEqual([
      "read {done:false,value:2}",
      "read {done:false,value:3}",
      "read {done:false,value:4}",
      "read {done:false,value:6}",
      "read {done:false,value:end}",
      "read {done:true,value:undefined}",
    ]);
    expect(lines.filter(line => !line.startsWith("read"))).toEqual([
      "start",
      "transform 1 0",
      "first undefined",
      "transform 2 0",
      "flush",
      "second undefined",
      "close undefined",
    ]);
  });

  test("nothing is transformed before the readable side wants it", async () => {
    const lines = await scenario(run, async ({ log, watch, rest }) => {
      const { readable, writable } = new TransformStream(
        {
          transform(chunk, controller) {
            log("transform", chunk);
            controller.enqueue(chunk);
          },
        },
        { highWaterMark: 3 },
        { highWaterMark: 1 },
      );
      const writer = writable.getWriter();
      for (const chunk of [1, 2, 3]) watch(`write ${chunk}`, writer.write(chunk));
      await rest();
      log(writer.desiredSize);
      await watch("read", readable.getReader().read());
      await rest();
      log(writer.desiredSize);
    });
    expect(lines).toEqual([
      "transform 1",
      "write 1 undefined",
      "1",
      "transform 2",
      "read {done:false,value:1}",
      "write 2 undefined",
      "2",
    ]);
  });

  test("failures go both ways", async () => {
    const lines = await scenario(run, async ({ watch, thrown }) => {
      const throwing = new TransformStream({
        transform() {
          throw new Error("t");
        },
      });
      const writer = throwing.writable.getWriter();
      const reader = throwing.readable.getReader();
      watch("read", reader.read());
      await watch("write", writer.write(1));
      await watch("writer", writer.closed);
      const flushing = new TransformStream({ flush: () => Promise.reject(new Error("f")) });
      const closed = flushing.readable.getReader().closed;
      await watch("close", flushing.writable.close());
      await watch("reader", closed);
      thrown("start", () => {
        new TransformStream({
          start() {
            throw new Error("s");
          },
        });
      });
      thrown("readableType", () => new TransformStream({ readableType: "bytes" } as never));
      thrown("writableType", () => new TransformStream({ writableType: "bytes" } as never));
    });
    expect(lines).toEqual([
      "read failed Error(t)",
      "write failed Error(t)",
      "writer failed Error(t)",
      "close failed Error(f)",
      "reader failed Error(f)",
      "start Error(s)",
      "readableType RangeError()",
      "writableType RangeError()",
    ]);
  });

  test("terminate and error by the controller", async () => {
    const lines = await scenario(run, async ({ log, watch, thrown }) => {
      let controller!: TransformStreamDefaultController;
      const start = (given: TransformStreamDefaultController) => {
        controller = given;
      };
      const ending = new TransformStream({
        start,
        transform(chunk, given) {
          given.enqueue(chunk);
          given.terminate();
        },
      });
      const writer = ending.writable.getWriter();
      const reader = ending.readable.getReader();
      watch("write", writer.write(1));
      watch("second", writer.write(2));
      await watch("read", reader.read());
      await watch("end", reader.read());
      await watch("writer", writer.closed);
      thrown("enqueue", () => controller.enqueue(1));
      log(controller.desiredSize);
      const failing = new TransformStream({ start });
      controller.error(new Error("e"));
      log(controller.desiredSize);
      await watch("readable", failing.readable.getReader().read());
      await watch("writable", failing.writable.getWriter().write(1));
    });
    expect(lines).toEqual([
      "read {done:false,value:1}",
      "end {done:true,value:undefined}",
      "write undefined",
      "second failed TypeError()",
      "writer failed TypeError()",
      "enqueue TypeError()",
      "0",
      "null",
      "readable failed Error(e)",
      "writable failed Error(e)",
    ]);
  });

  test("cancel and abort call the transformer's cancel, once", async () => {
    const lines = await scenario(run, async ({ log, watch }) => {
      const make = () =>
        new TransformStream({
          async cancel(reason: unknown) {
            log("cancel", reason);
          },
          flush: () => log("never"),
        } as object);
      const canceled = make();
      await watch("canceled", canceled.readable.cancel("c"));
      await watch("write", canceled.writable.getWriter().write(1));
      const aborted = make();
      await watch("aborted", aborted.writable.abort("a"));
      await watch("read", aborted.readable.getReader().read());
      const both = make();
      watch("both canceled", both.readable.cancel("1"));
      await watch("both aborted", both.writable.abort("2"));
      const failing = new TransformStream({
        cancel() {
          throw new Error("f");
        },
      } as object);
      const { closed } = failing.writable.getWriter();
      await watch("failing", failing.readable.cancel("x"));
      await watch("writer", closed);
    });
    expect(lines).toEqual([
      "cancel c",
      "canceled undefined",
      "write failed c",
      "cancel a",
      "aborted undefined",
      "read failed a",
      "cancel 1",
      "both canceled failed 2",
      "both aborted failed 2",
      "failing failed Error(f)",
      "writer failed Error(f)",
    ]);
  });
});
