import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { scenario } from "./scenario.ts";

eachEngine("byte streams", run => {
  test("enqueue takes the chunk's buffer over", async () => {
    const lines = await scenario(run, async ({ log, watch, u8 }) => {
      let controller!: ReadableByteStreamController;
      const stream = new ReadableStream({
        type: "bytes",
        start(given) {
          controller = given;
          log(given.desiredSize, given.byobRequest);
        },
      });
      const reader = stream.getReader();
      const chunk = u8(1, 2, 3);
      controller.enqueue(chunk);
      controller.enqueue(new Uint16Array([0x0605]));
      log(chunk.byteLength, controller.desiredSize);
      await watch("first", reader.read());
      await watch("second", reader.read());
      controller.close();
      await watch("end", reader.read());
    });
    expect(lines).toEqual([
      "0 null",
      "0 -5",
      "first {done:false,value:Uint8Array[1 2 3]}",
      "second {done:false,value:Uint8Array[5 6]}",
      "end {done:true,value:undefined}",
    ]);
  });

  test("a BYOB request shows the reader's buffer, once", async () => {
    const lines = await scenario(run, async ({ log, watch, thrown }) => {
      const stream = new ReadableStream({
        type: "bytes",
        pull(controller) {
          const request = controller.byobRequest as ReadableStreamBYOBRequest;
          log(request === controller.byobRequest, request.view?.byteLength, request.view?.byteOffset);
          (request.view as unknown as Uint8Array)[0] = 7;
          request.respond(1);
          log(request.view);
          thrown("again", () => request.respond(1));
        },
      });
      const reader = stream.getReader({ mode: "byob" });
      const view = new Uint8Array(new ArrayBuffer(10), 2, 4);
      await watch("read", reader.read(view));
      log(view.byteLength);
    });
    expect(lines).toEqual([
      "true 4 2",
      "null",
      "again TypeError()",
      "read {done:false,value:Uint8Array[7]}",
      "0",
    ]);
  });

  test("views of every kind are filled with whole elements", async () => {
    const lines = await scenario(run, async ({ watch, u8 }) => {
      type Constructor = new (buffer: ArrayBuffer, offset: number, length: number) => DataView<ArrayBuffer>;
      const kinds = [
        Uint16Array,
        Float64Array,
        DataView,
        BigInt64Array,
        Uint8ClampedArray,
      ] as unknown as Constructor[];
      for (const View of kinds) {
        let controller!: ReadableByteStreamController;
        const stream = new ReadableStream({
          type: "bytes",
          start(given) {
            controller = given;
          },
        });
        const reader = stream.getReader({ mode: "byob" });
        const read = watch(
          "read",
          reader.read(
            new View(new ArrayBuffer(32), 8, View === (DataView as unknown as Constructor) ? 16 : 2),
          ),
        );
        await null;
        controller.enqueue(u8(1, 2, 3));
        controller.enqueue(u8(4, 5, 6, 7, 8, 9));
        await read;
        reader.releaseLock();
        await watch("rest", stream.getReader().read());
      }
    });
    expect(lines).toEqual([
      "read {done:false,value:Uint16Array[1 2]}",
      "rest {done:false,value:Uint8Array[3]}",
      "read {done:false,value:Float64Array[1 2 3 4 5 6 7 8]}",
      "rest {done:false,value:Uint8Array[9]}",
      "read {done:false,value:DataView[1 2 3]}",
      "rest {done:false,value:Uint8Array[4 5 6 7 8 9]}",
      "read {done:false,value:BigInt64Array[1 2 3 4 5 6 7 8]}",
      "rest {done:false,value:Uint8Array[9]}",
      "read {done:false,value:Uint8ClampedArray[1 2]}",
      "rest {done:false,value:Uint8Array[3]}",
    ]);
  });

  test("min and readAtLeast wait for enough, except at the end", async () => {
    const lines = await scenario(run, async ({ log, watch, u8 }) => {
      let controller!: ReadableByteStreamController;
      const stream = new ReadableStream({
        type: "bytes",
        start(given) {
          controller = given;
        },
      });
      const reader = stream.getReader({ mode: "byob" }) as ReadableStreamBYOBReader & {
        read(view: ArrayBufferView, options: { min: number }): Promise<unknown>;
        readAtLeast(minimum: number, view: ArrayBufferView): Promise<unknown>;
      };
      const enough = watch("min", reader.read(new Uint8Array(6), { min: 4 }));
      await null;
      log((controller.byobRequest as unknown as { atLeast: number }).atLeast);
      controller.enqueue(u8(1, 2));
      await null;
      log("more", (controller.byobRequest as unknown as { atLeast: number }).atLeast);
      controller.enqueue(u8(3, 4, 5));
      await enough;
      for (const min of [0, 4, -1, Number.NaN]) await watch(`min ${min}`, reader.read(u8(0, 0, 0), { min }));
      await watch("at least 0", reader.readAtLeast(0, u8(0)));
      await watch("at least 2 of 1", reader.readAtLeast(2, u8(0)));
      const last = watch("end", reader.readAtLeast(3, u8(0, 0, 0)));
      controller.enqueue(u8(9));
      controller.close();
      controller.byobRequest?.respond(0);
      await last;
      await watch("after", reader.read(u8(1, 1)));
    });
    expect(lines).toEqual([
      "4",
      "more 2",
      "min {done:false,value:Uint8Array[1 2 3 4 5]}",
      "min 0 failed TypeError()",
      "min 4 failed RangeError()",
      "min -1 failed TypeError()",
      "min NaN failed TypeError()",
      "at least 0 failed TypeError()",
      "at least 2 of 1 failed RangeError()",
      "end {done:false,value:Uint8Array[9]}",
      "after {done:true,value:Uint8Array[]}",
    ]);
  });

  test("bad views, bad chunks and bad answers are refused", async () => {
    const lines = await scenario(run, async ({ watch, thrown, u8 }) => {
      let controller!: ReadableByteStreamController;
      const start = (given: ReadableByteStreamController) => {
        controller = given;
      };
      const detached = u8(1);
      detached.buffer.transfer();
      const reader = new ReadableStream({ type: "bytes", start }).getReader({ mode: "byob" });
      for (const view of [undefined, {}, u8(), new DataView(new ArrayBuffer(0)), detached]) {
        await watch("read", reader.read(view as never));
      }
      for (const chunk of [
        undefined,
        {},
        u8(),
        new ArrayBuffer(1),
        detached,
        new Uint8Array(new SharedArrayBuffer(2)),
      ]) {
        thrown("enqueue", () => controller.enqueue(chunk as never));
      }
      const waiting = watch("waiting", reader.read(new Uint8Array(4)));
      await null;
      const request = controller.byobRequest as ReadableStreamBYOBRequest;
      for (const count of [0, 5, -1, Number.NaN]) thrown(`respond ${count}`, () => request.respond(count));
      const { buffer } = request.view as Uint8Array<ArrayBuffer>;
      thrown("offset", () => request.respondWithNewView(new Uint8Array(buffer, 1)));
      thrown("empty", () => request.respondWithNewView(new Uint8Array(buffer, 0, 0)));
      thrown("length", () => request.respondWithNewView(new Uint8Array(5)));
      controller.close();
      thrown("closed", () => request.respond(1));
      request.respond(0);
      await waiting;
      await watch("not bytes", (async () => new ReadableStream().getReader({ mode: "byob" }))());
      await watch("mode", (async () => new ReadableStream().getReader({ mode: "x" } as never))());
    });
    expect(lines).toEqual([
      ...Array.from({ length: 5 }, () => "read failed TypeError()"),
      ...Array.from({ length: 6 }, () => "enqueue TypeError()"),
      "respond 0 TypeError()",
      "respond 5 RangeError()",
      "respond -1 TypeError()",
      "respond NaN TypeError()",
      "offset RangeError()",
      "empty TypeError()",
      "length RangeError()",
      "closed TypeError()",
      "waiting {done:true,value:Uint8Array[]}",
      "not bytes failed TypeError()",
      "mode failed TypeError()",
    ]);
  });

  test("a new view may stand for a transferred buffer", async () => {
    const lines = await scenario(run, async ({ log, watch, thrown }) => {
      let controller!: ReadableByteStreamController;
      const stream = new ReadableStream({
        type: "bytes",
        start(given) {
          controller = given;
        },
      });
      const read = watch("read", stream.getReader({ mode: "byob" }).read(new Uint8Array(8)));
      await null;
      const request = controller.byobRequest as ReadableStreamBYOBRequest;
      const moved = new Uint8Array((request.view as Uint8Array<ArrayBuffer>).buffer.transfer(), 0, 3);
      moved[1] = 9;
      thrown("respond", () => request.respond(1));
      request.respondWithNewView(moved);
      log(controller.byobRequest);
      await read;
    });
    expect(lines).toEqual(["respond TypeError()", "null", "read {done:false,value:Uint8Array[0 9 0]}"]);
  });

  test("the end in the middle of an element fails the stream", async () => {
    const lines = await scenario(run, async ({ watch, thrown, u8 }) => {
      let controller!: ReadableByteStreamController;
      const start = (given: ReadableByteStreamController) => {
        controller = given;
      };
      const reader = new ReadableStream({ type: "bytes", start }).getReader({ mode: "byob" });
      watch("read", reader.read(new Uint16Array(2)));
      await null;
      controller.enqueue(u8(1));
      thrown("close", () => controller.close());
      await watch("closed", reader.closed);
      const queued = new ReadableStream({
        type: "bytes",
        start(given) {
          given.enqueue(u8(1));
          given.close();
        },
      }).getReader({ mode: "byob" });
      await watch("queued", queued.read(new Uint16Array(2)));
    });
    expect(lines).toEqual([
      "close TypeError()",
      "read failed TypeError()",
      "closed failed TypeError()",
      "queued failed TypeError()",
    ]);
  });

  test("autoAllocateChunkSize gives default readers a request too", async () => {
    const lines = await scenario(run, async ({ log, watch, u8 }) => {
      let respond = true;
      const stream = new ReadableStream({
        type: "bytes",
        autoAllocateChunkSize: 16,
        pull(controller) {
          log("pull", controller.byobRequest?.view?.byteLength);
          if (respond) controller.byobRequest?.respond(3);
          else controller.enqueue(u8(5, 6));
        },
      });
      const reader = stream.getReader();
      await watch("responded", reader.read());
      respond = false;
      await watch("enqueued", reader.read());
    });
    expect(lines).toEqual([
      "pull 16",
      "responded {done:false,value:Uint8Array[0 0 0]}",
      "pull 16",
      "enqueued {done:false,value:Uint8Array[5 6]}",
    ]);
  });

  test("a request outlives its reader, and feeds the next one", async () => {
    const lines = await scenario(run, async ({ log, watch, u8 }) => {
      let controller!: ReadableByteStreamController;
      const stream = new ReadableStream({
        type: "bytes",
        start(given) {
          controller = given;
        },
      });
      const first = stream.getReader({ mode: "byob" });
      watch("first", first.read(new Uint8Array(4)));
      await null;
      const request = controller.byobRequest as ReadableStreamBYOBRequest;
      first.releaseLock();
      const second = stream.getReader({ mode: "byob" });
      watch("second", second.read(new Uint8Array(2)));
      (request.view as unknown as Uint8Array)[0] = 42;
      request.respond(1);
      controller.enqueue(u8(1, 2, 3));
      log(controller.byobRequest);
    });
    expect(lines).toEqual(["null", "first failed TypeError()", "second {done:false,value:Uint8Array[42]}"]);
  });

  test("several reads are answered in their order, the last ones at the end", async () => {
    const lines = await scenario(run, async ({ watch, u8 }) => {
      let controller!: ReadableByteStreamController;
      const stream = new ReadableStream({
        type: "bytes",
        start(given) {
          controller = given;
        },
      });
      const reader = stream.getReader({ mode: "byob" });
      for (const name of ["1", "2", "3"]) watch(name, reader.read(new Uint8Array(2)));
      await null;
      controller.enqueue(u8(1, 2, 3));
      await null;
      controller.close();
      controller.byobRequest?.respond(0);
    });
    expect(lines).toEqual([
      "1 {done:false,value:Uint8Array[1 2]}",
      "2 {done:false,value:Uint8Array[3]}",
      "3 {done:true,value:Uint8Array[]}",
    ]);
  });

  test("cancel gives the buffers up", async () => {
    const lines = await scenario(run, async ({ log, watch }) => {
      let controller!: ReadableByteStreamController;
      const stream = new ReadableStream({
        type: "bytes",
        start(given) {
          controller = given;
        },
        cancel: reason => log("source", reason),
      });
      const reader = stream.getReader({ mode: "byob" });
      watch("read", reader.read(new Uint8Array(4)));
      await null;
      const { byobRequest } = controller;
      await watch("cancel", reader.cancel("why"));
      log(byobRequest?.view);
    });
    expect(lines).toEqual(["source why", "read {done:true,value:undefined}", "cancel undefined", "null"]);
  });
});
