import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { scenario } from "./scenario.ts";

eachEngine("ReadableStream", run => {
  test("chunks, backpressure and the end", async () => {
    const lines = await scenario(run, async ({ log, watch }) => {
      let controller!: ReadableStreamDefaultController<number>;
      const stream = new ReadableStream<number>({
        start(given) {
          controller = given;
          log("start", given.desiredSize);
        },
        pull() {
          log("pull");
        },
      });
      const reader = stream.getReader();
      log(stream.locked);
      const first = watch("first", reader.read());
      watch("closed", reader.closed);
      await null;
      controller.enqueue(1);
      log("enqueued", controller.desiredSize);
      controller.enqueue(2);
      log(controller.desiredSize);
      controller.close();
      log(controller.desiredSize);
      await first;
      await watch("second", reader.read());
      await watch("end", reader.read());
    });
    expect(lines).toEqual([
      "start 1",
      "true",
      "pull",
      "enqueued 1",
      "0",
      "0",
      "first {done:false,value:1}",
      "closed undefined",
      "second {done:false,value:2}",
      "end {done:true,value:undefined}",
    ]);
  });

  test("a source's algorithms run in the standard's microtasks", async () => {
    const lines = await scenario(run, async ({ log, rest }) => {
      const stream = new ReadableStream({
        start() {
          log("start");
        },
        pull(controller) {
          log("pull");
          controller.enqueue("a");
          controller.close();
        },
      });
      let turn = Promise.resolve();
      for (let index = 1; index <= 4; index++) turn = turn.then(() => log(index));
      const reader = stream.getReader();
      reader.read().then(result => log(result));
      reader.read().then(result => log(result));
      reader.closed.then(() => log("closed"));
      log("sync");
      await rest();
    });
    expect(lines).toEqual([
      "start",
      "sync",
      "pull",
      "1",
      "{done:false,value:a}",
      "closed",
      "{done:true,value:undefined}",
      "2",
      "3",
      "4",
    ]);
  });

  test("failures of the source reach its readers", async () => {
    const lines = await scenario(run, async ({ log, watch, thrown }) => {
      thrown("start", () => {
        new ReadableStream({
          start() {
            throw new Error("s");
          },
        });
      });
      const rejecting = new ReadableStream({ start: () => Promise.reject(new Error("r")) }).getReader();
      await watch("start rejects", rejecting.read());
      await watch("its closed", rejecting.closed);
      const throwing = new ReadableStream({
        pull() {
          throw new Error("p");
        },
      });
      await watch("pull throws", throwing.getReader().read());
      let controller!: ReadableStreamDefaultController;
      const reader = new ReadableStream({
        start(given) {
          controller = given;
          given.enqueue("lost");
        },
      }).getReader();
      controller.error(new Error("e"));
      controller.error(new Error("ignored"));
      log(controller.desiredSize);
      await watch("errored", reader.read());
      await watch("cancel", reader.cancel());
      thrown("enqueue", () => controller.enqueue(1));
      thrown("close", () => controller.close());
    });
    expect(lines).toEqual([
      "start Error(s)",
      "start rejects failed Error(r)",
      "its closed failed Error(r)",
      "pull throws failed Error(p)",
      "null",
      "errored failed Error(e)",
      "cancel failed Error(e)",
      "enqueue TypeError()",
      "close TypeError()",
    ]);
  });

  test("cancel ends reads at once and waits for the source", async () => {
    const lines = await scenario(run, async ({ log, watch }) => {
      const reader = new ReadableStream({
        async cancel(reason) {
          log("source", reason);
          await null;
        },
      }).getReader();
      watch("read", reader.read());
      watch("closed", reader.closed);
      await watch("cancel", reader.cancel("why"));
      await watch("again", reader.cancel("twice"));
      const failing = new ReadableStream({
        cancel() {
          throw new Error("c");
        },
      });
      await watch("failing", failing.cancel());
      await watch("its second", failing.cancel());
      const locked = new ReadableStream();
      locked.getReader();
      await watch("locked", locked.cancel());
    });
    expect(lines).toEqual([
      "source why",
      "closed undefined",
      "read {done:true,value:undefined}",
      "cancel undefined",
      "again undefined",
      "failing failed Error(c)",
      "its second undefined",
      "locked failed TypeError()",
    ]);
  });

  test("a released reader refuses, and its waiting reads fail", async () => {
    const lines = await scenario(run, async ({ log, watch }) => {
      const stream = new ReadableStream();
      const reader = stream.getReader();
      const { closed } = reader;
      watch("waiting", reader.read());
      reader.releaseLock();
      reader.releaseLock();
      log(stream.locked, closed === reader.closed);
      await watch("closed", closed);
      await watch("read", reader.read());
      await watch("cancel", reader.cancel());
      log(stream.getReader() instanceof ReadableStreamDefaultReader);
      const over = new ReadableStream({ start: controller => controller.close() }).getReader();
      const before = over.closed;
      over.releaseLock();
      log(before === over.closed);
      await watch("before", before);
      await watch("after", over.closed);
    });
    expect(lines).toEqual([
      "false true",
      "waiting failed TypeError()",
      "closed failed TypeError()",
      "read failed TypeError()",
      "cancel failed TypeError()",
      "true",
      "false",
      "before undefined",
      "after failed TypeError()",
    ]);
  });

  test("sizes come from the strategy, and a bad one errors the stream", async () => {
    const lines = await scenario(run, async ({ log, watch, thrown }) => {
      let controller!: ReadableStreamDefaultController<number>;
      const start = (given: ReadableStreamDefaultController<number>) => {
        controller = given;
      };
      const reader = new ReadableStream<number>(
        { start },
        { highWaterMark: 10, size: chunk => chunk },
      ).getReader();
      controller.enqueue(3);
      controller.enqueue(0.5);
      controller.enqueue(20);
      log(controller.desiredSize);
      await reader.read();
      await reader.read();
      log(controller.desiredSize);
      for (const size of [-1, Number.NaN, Number.POSITIVE_INFINITY, undefined]) {
        const stream = new ReadableStream<number>({ start }, { size: () => size as number });
        thrown(String(size), () => controller.enqueue(1));
        await watch("read", stream.getReader().read());
      }
      for (const highWaterMark of [-1, Number.NaN, "five"]) {
        thrown(
          `mark ${highWaterMark}`,
          () => new ReadableStream({}, { highWaterMark: highWaterMark as number }),
        );
      }
    });
    expect(lines).toEqual([
      "-13.5",
      "-10",
      ...["-1", "NaN", "Infinity", "undefined"].flatMap(size => [
        `${size} RangeError()`,
        "read failed RangeError()",
      ]),
      "mark -1 RangeError()",
      "mark NaN RangeError()",
      "mark five RangeError()",
    ]);
  });

  test("arguments are converted in Web IDL's order", async () => {
    const lines = await scenario(run, ({ log, thrown }) => {
      const spy = (name: string) =>
        new Proxy({}, { get: (_target, key) => void log(`${name}.${String(key)}`) }) as never;
      new ReadableStream(spy("source"), spy("strategy"));
      for (const source of [null, 1, { type: "text" }, { type: null }, { start: 1 }, { cancel: null }]) {
        thrown(JSON.stringify(source), () => new ReadableStream(source as never));
      }
      thrown("auto", () => new ReadableStream({ type: "bytes", autoAllocateChunkSize: 0 }));
      thrown("size", () => new ReadableStream({ type: "bytes" }, { size: () => 1 } as never));
    });
    expect(lines).toEqual([
      "strategy.highWaterMark",
      "strategy.size",
      "source.autoAllocateChunkSize",
      "source.cancel",
      "source.pull",
      "source.start",
      "source.type",
      "null passed",
      "1 TypeError()",
      '{"type":"text"} TypeError()',
      '{"type":null} TypeError()',
      '{"start":1} TypeError()',
      '{"cancel":null} TypeError()',
      "auto TypeError()",
      "size RangeError()",
    ]);
  });

  test("callbacks get the source as `this`, and exactly their arguments", async () => {
    const lines = await scenario(run, async ({ log }) => {
      const source = {
        start(...args: unknown[]) {
          log("start", this === source, args.length);
        },
        pull(...args: unknown[]) {
          log("pull", this === source, args.length);
        },
        cancel(...args: unknown[]) {
          log("cancel", this === source, args.length);
        },
      };
      const stream = new ReadableStream(source);
      await null;
      await stream.cancel();
    });
    expect(lines).toEqual(["start true 1", "pull true 1", "cancel true 1"]);
  });

  test("a worker that replaces Promise.prototype.then sees nothing of the inner workings", async () => {
    const lines = await scenario(run, async ({ log, rest }) => {
      const original = Promise.prototype.then;
      let calls = 0;
      Reflect.set(Promise.prototype, "then", function (this: Promise<unknown>, ...args: never[]) {
        calls++;
        return Reflect.apply(original, this, args) as never;
      });
      const chunks: unknown[] = [];
      try {
        const stream = new ReadableStream({
          start(controller) {
            controller.enqueue("a");
            controller.close();
          },
        });
        const [first, second] = stream.tee();
        first.pipeTo(new WritableStream({ write: chunk => void chunks.push(chunk) }));
        second.pipeThrough(new TransformStream()).getReader().read();
        log(calls);
      } finally {
        Reflect.set(Promise.prototype, "then", original);
      }
      await rest();
      log(chunks);
    });
    expect(lines).toEqual(["0", "[a]"]);
  });

  test("rejections that the standard marks as handled do not surface", async () => {
    const lines = await scenario(run, async ({ rest }) => {
      new ReadableStream({ start: () => Promise.reject(new Error("a")) }).getReader();
      new ReadableStream({
        pull() {
          throw new Error("b");
        },
      })
        .getReader()
        .closed.valueOf();
      const writer = new WritableStream({ start: () => Promise.reject(new Error("c")) }).getWriter();
      writer.closed.valueOf();
      writer.ready.valueOf();
      await rest();
    });
    expect(lines).toEqual([]);
  });
});
