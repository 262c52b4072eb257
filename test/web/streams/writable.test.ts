import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { scenario } from "./scenario.ts";

eachEngine("WritableStream", run => {
  test("writes, backpressure and the end", async () => {
    const lines = await scenario(run, async ({ log, watch }) => {
      const stream = new WritableStream({
        start: () => log("start"),
        write: chunk => log("write", chunk),
        close: () => log("close"),
      });
      const writer = stream.getWriter();
      log(writer.desiredSize, stream.locked);
      watch("ready", writer.ready);
      watch("first", writer.write(1));
      log(writer.desiredSize);
      watch("second", writer.write(2));
      log(writer.desiredSize);
      watch("ready again", writer.ready);
      watch("close", writer.close());
      watch("closed", writer.closed);
      await watch("late", writer.write(3));
      await writer.closed;
      log(writer.desiredSize);
      await watch("twice", writer.close());
    });
    expect(lines).toEqual([
      "start",
      "1 true",
      "0",
      "-1",
      "write 1",
      "ready undefined",
      "ready again undefined",
      "late failed TypeError()",
      "write 2",
      "first undefined",
      "close",
      "second undefined",
      "close undefined",
      "closed undefined",
      "0",
      "twice failed TypeError()",
    ]);
  });

  test("a failing sink errors the stream and all that waits", async () => {
    const lines = await scenario(run, async ({ log, watch }) => {
      const writer = new WritableStream({
        write() {
          throw new Error("w");
        },
        abort: () => log("never"),
      }).getWriter();
      watch("first", writer.write(1));
      watch("second", writer.write(2));
      watch("close", writer.close());
      await watch("closed", writer.closed);
      await watch("ready", writer.ready);
      log(writer.desiredSize);
      await watch("later", writer.write(3));
      const failing = new WritableStream({ close: () => Promise.reject(new Error("c")) }).getWriter();
      await watch("failing close", failing.close());
      await watch("its closed", failing.closed);
    });
    expect(lines).toEqual([
      "first failed Error(w)",
      "second failed Error(w)",
      "close failed Error(w)",
      "closed failed Error(w)",
      "ready failed Error(w)",
      "null",
      "later failed Error(w)",
      "failing close failed Error(c)",
      "its closed failed Error(c)",
    ]);
  });

  test("abort signals at once and waits for the write under way", async () => {
    const lines = await scenario(run, async ({ log, watch, rest }) => {
      let finish!: () => void;
      const writer = new WritableStream({
        start(controller) {
          controller.signal.addEventListener("abort", () => log("signal", controller.signal.reason));
        },
        write(chunk) {
          log("write", chunk);
          return new Promise<void>(resolve => {
            finish = resolve;
          });
        },
        abort: reason => log("sink", reason),
        close: () => log("never"),
      }).getWriter();
      await null;
      watch("first", writer.write(1));
      watch("second", writer.write(2));
      watch("close", writer.close());
      const aborting = writer.abort(new Error("a"));
      log(aborting === writer.abort(new Error("b")), writer.desiredSize);
      watch("abort", aborting);
      watch("ready", writer.ready);
      watch("closed", writer.closed);
      await rest();
      log("finish");
      finish();
    });
    expect(lines).toEqual([
      "write 1",
      "signal Error(a)",
      "true null",
      "ready failed Error(a)",
      "finish",
      "sink Error(a)",
      "first undefined",
      "second failed Error(a)",
      "abort undefined",
      "close failed Error(a)",
      "closed failed Error(a)",
    ]);
  });

  test("abort during close: the close wins if it succeeds", async () => {
    const lines = await scenario(run, async ({ log, watch }) => {
      let finish!: () => void;
      const writer = new WritableStream({
        close: () =>
          new Promise<void>(resolve => {
            finish = resolve;
          }),
        abort: () => log("never"),
      }).getWriter();
      await null;
      watch("close", writer.close());
      await null;
      watch("abort", writer.abort("why"));
      finish();
      await watch("closed", writer.closed);
      await watch("ready", writer.ready);
      const failing = new WritableStream({
        abort() {
          throw new Error("f");
        },
      });
      await watch("failing abort", failing.abort("x"));
      await watch("second abort", failing.abort("y"));
      await watch(
        "closed",
        failing.getWriter().closed.catch(reason => reason),
      );
    });
    expect(lines).toEqual([
      "close undefined",
      "abort undefined",
      "closed undefined",
      "ready failed why",
      "failing abort failed Error(f)",
      "second abort undefined",
      "closed x",
    ]);
  });

  test("the controller's error fails later writes", async () => {
    const lines = await scenario(run, async ({ watch }) => {
      let controller!: WritableStreamDefaultController;
      const writer = new WritableStream({
        start(given) {
          controller = given;
        },
        write() {
          controller.error(new Error("e"));
        },
      }).getWriter();
      watch("first", writer.write(1));
      watch("second", writer.write(2));
      await watch("closed", writer.closed);
      controller.error(new Error("n"));
      await watch("ready", writer.ready);
    });
    expect(lines).toEqual([
      "first undefined",
      "second failed Error(e)",
      "closed failed Error(e)",
      "ready failed Error(e)",
    ]);
  });

  test("a released writer refuses", async () => {
    const lines = await scenario(run, async ({ log, watch, thrown }) => {
      const stream = new WritableStream({}, { highWaterMark: 0 });
      const writer = stream.getWriter();
      thrown("second writer", () => stream.getWriter());
      await watch("close locked", stream.close());
      await watch("abort locked", stream.abort());
      const { ready, closed } = writer;
      writer.releaseLock();
      writer.releaseLock();
      log(ready === writer.ready, closed === writer.closed, stream.locked);
      await watch("ready", ready);
      await watch("write", writer.write(1));
      await watch("close", writer.close());
      await watch("abort", writer.abort());
      thrown("desiredSize", () => writer.desiredSize);
    });
    expect(lines).toEqual([
      "second writer TypeError()",
      "close locked failed TypeError()",
      "abort locked failed TypeError()",
      "true true false",
      "ready failed TypeError()",
      "write failed TypeError()",
      "close failed TypeError()",
      "abort failed TypeError()",
      "desiredSize TypeError()",
    ]);
  });

  test("strategies that throw, answer nonsense, or release the writer", async () => {
    const lines = await scenario(run, async ({ watch }) => {
      const throwing = new WritableStream(
        {},
        {
          size() {
            throw new Error("s");
          },
        },
      ).getWriter();
      await watch("throws", throwing.write(1));
      const nonsense = new WritableStream({}, { size: () => -1 }).getWriter();
      await watch("nonsense", nonsense.write(1));
      const releasing: WritableStreamDefaultWriter = new WritableStream(
        {},
        {
          size() {
            releasing.releaseLock();
            return 1;
          },
        },
      ).getWriter();
      await watch("releases", releasing.write(1));
    });
    expect(lines).toEqual([
      "throws failed Error(s)",
      "nonsense failed RangeError()",
      "releases failed TypeError()",
    ]);
  });
});
