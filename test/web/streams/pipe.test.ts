import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { scenario } from "./scenario.ts";

eachEngine("pipes", run => {
  test("chunks, then the end; locks in between", async () => {
    const lines = await scenario(run, async ({ log, watch }) => {
      const source = new ReadableStream({
        start(controller) {
          controller.enqueue(1);
          controller.enqueue(2);
          controller.close();
        },
      });
      const destination = new WritableStream({
        write: chunk => log("write", chunk),
        close: () => log("close"),
      });
      const piping = source.pipeTo(destination);
      log(source.locked, destination.locked);
      await watch("pipe", piping);
      log(source.locked, destination.locked);
    });
    expect(lines).toEqual(["true true", "write 1", "write 2", "close", "pipe undefined", "false false"]);
  });

  test("errors travel unless they are prevented", async () => {
    const lines = await scenario(run, async ({ log, watch }) => {
      for (const prevent of [false, true]) {
        const failing = new ReadableStream(
          {
            pull(controller) {
              controller.error(new Error("s"));
            },
          },
          { highWaterMark: 0 },
        );
        const destination = new WritableStream({ abort: reason => log("abort", reason) });
        await watch("source fails", failing.pipeTo(destination, { preventAbort: prevent }));
        const source = new ReadableStream({
          pull: controller => controller.enqueue("x"),
          cancel: reason => log("cancel", reason),
        });
        const refusing = new WritableStream({
          write() {
            throw new Error("d");
          },
        });
        await watch("destination fails", source.pipeTo(refusing, { preventCancel: prevent }));
        const closed = new WritableStream();
        await closed.close();
        const kept = new ReadableStream({ cancel: reason => log("cancel", reason) });
        await watch("destination closed", kept.pipeTo(closed, { preventCancel: prevent }));
        const ending = new ReadableStream({ start: controller => controller.close() });
        const open = new WritableStream({ close: () => log("close") });
        await watch("end", ending.pipeTo(open, { preventClose: prevent }));
      }
    });
    expect(lines).toEqual([
      "abort Error(s)",
      "source fails failed Error(s)",
      "cancel Error(d)",
      "destination fails failed Error(d)",
      "cancel TypeError()",
      "destination closed failed TypeError()",
      "close",
      "end undefined",
      "source fails failed Error(s)",
      "destination fails failed Error(d)",
      "destination closed failed TypeError()",
      "end undefined",
    ]);
  });

  test("a signal ends a pipe, after the write under way", async () => {
    const lines = await scenario(run, async ({ log, watch, rest }) => {
      for (const options of [{}, { preventAbort: true }, { preventCancel: true }]) {
        const aborter = new AbortController();
        const source = new ReadableStream({ cancel: reason => log("cancel", reason) });
        const destination = new WritableStream({ abort: reason => log("abort", reason) });
        const piping = source.pipeTo(destination, { signal: aborter.signal, ...options });
        await null;
        aborter.abort(new Error("a"));
        await watch("pipe", piping);
      }
      let finish!: () => void;
      const aborter = new AbortController();
      const source = new ReadableStream({ start: controller => controller.enqueue(1) });
      const destination = new WritableStream({
        write: () =>
          new Promise<void>(resolve => {
            finish = resolve;
          }),
      });
      const piping = watch("pending", source.pipeTo(destination, { signal: aborter.signal }));
      await rest();
      aborter.abort(new Error("b"));
      await rest();
      log("finish");
      finish();
      await piping;
      const aborted = AbortSignal.abort(new Error("c"));
      await watch("aborted", new ReadableStream().pipeTo(new WritableStream(), { signal: aborted }));
    });
    expect(lines).toEqual([
      "abort Error(a)",
      "cancel Error(a)",
      "pipe failed Error(a)",
      "cancel Error(a)",
      "pipe failed Error(a)",
      "abort Error(a)",
      "pipe failed Error(a)",
      "finish",
      "pending failed Error(b)",
      "aborted failed Error(c)",
    ]);
  });

  test("what was read is written before the end is acted upon", async () => {
    const lines = await scenario(run, async ({ log, watch, rest }) => {
      let controller!: ReadableStreamDefaultController;
      const start = (given: ReadableStreamDefaultController) => {
        controller = given;
      };
      const make = () =>
        new WritableStream({
          write: chunk => log("write", chunk),
          close: () => log("close"),
          abort: reason => log("abort", reason),
        });
      const closing = watch("closed", new ReadableStream({ start }).pipeTo(make()));
      await rest();
      controller.enqueue(1);
      log("not yet");
      controller.enqueue(2);
      controller.close();
      await closing;
      const failing = watch("failed", new ReadableStream({ start }).pipeTo(make()));
      await rest();
      controller.enqueue(1);
      controller.error(new Error("e"));
      await failing;
    });
    expect(lines).toEqual([
      "not yet",
      "write 1",
      "write 2",
      "close",
      "closed undefined",
      "write 1",
      "abort Error(e)",
      "failed failed Error(e)",
    ]);
  });

  test("backpressure holds the source back", async () => {
    const lines = await scenario(run, async ({ log, rest }) => {
      let pulled = 0;
      const source = new ReadableStream(
        {
          pull(controller) {
            pulled++;
            controller.enqueue(pulled);
          },
        },
        { highWaterMark: 0 },
      );
      source.pipeTo(new WritableStream({ write: () => new Promise(() => {}) }, { highWaterMark: 2 }));
      await rest();
      await rest();
      log(pulled);
      const still = new ReadableStream({ pull: () => log("never") }, { highWaterMark: 0 });
      still.pipeTo(new WritableStream({}, { highWaterMark: 0 }));
      await rest();
    });
    expect(lines).toEqual(["2"]);
  });

  test("pipeThrough chains, and refuses what is no pair", async () => {
    const lines = await scenario(run, async ({ log, watch, thrown }) => {
      const plusOne = () =>
        new TransformStream<number, number>({
          transform: (chunk, controller) => controller.enqueue(chunk + 1),
        });
      const source = new ReadableStream<number>({
        start(controller) {
          for (let index = 0; index < 100; index++) controller.enqueue(index);
          controller.close();
        },
      });
      let sum = 0;
      for await (const chunk of source.pipeThrough(plusOne()).pipeThrough(plusOne())) sum += chunk;
      log(sum);
      const stream = new ReadableStream();
      for (const pair of [
        undefined,
        null,
        {},
        { readable: stream },
        { readable: {}, writable: new WritableStream() },
      ]) {
        thrown("pair", () => stream.pipeThrough(pair as never));
      }
      log(stream.locked);
      await watch("no destination", stream.pipeTo(undefined as never));
      await watch("no signal", stream.pipeTo(new WritableStream(), { signal: null as never }));
      const locked = new WritableStream();
      locked.getWriter();
      await watch("locked", stream.pipeTo(locked));
      thrown("locked pair", () => stream.pipeThrough({ readable: new ReadableStream(), writable: locked }));
      log(stream.locked);
    });
    expect(lines).toEqual([
      "5150",
      ...Array.from({ length: 5 }, () => "pair TypeError()"),
      "false",
      "no destination failed TypeError()",
      "no signal failed TypeError()",
      "locked failed TypeError()",
      "locked pair TypeError()",
      "false",
    ]);
  });
});
