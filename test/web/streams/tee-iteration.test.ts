import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { scenario } from "./scenario.ts";

eachEngine("tee", run => {
  test("both branches get every chunk, and cancel needs both", async () => {
    const lines = await scenario(run, async ({ log, watch }) => {
      const [first, second] = new ReadableStream({
        start(controller) {
          controller.enqueue("x");
          controller.close();
        },
      }).tee();
      const reader = first.getReader();
      await watch("first", reader.read());
      await watch("first", reader.read());
      const other = second.getReader();
      await watch("second", other.read());
      await watch("second", other.read());
      const [left, right] = new ReadableStream({ cancel: reason => log("source", reason) }).tee();
      const leaving = watch("left", left.cancel("l"));
      await null;
      log("right");
      watch("right", right.cancel("r"));
      await leaving;
    });
    expect(lines).toEqual([
      "first {done:false,value:x}",
      "first {done:true,value:undefined}",
      "second {done:false,value:x}",
      "second {done:true,value:undefined}",
      "right",
      "source [l r]",
      "left undefined",
      "right undefined",
    ]);
  });

  test("an error overtakes a chunk", async () => {
    const lines = await scenario(run, async ({ watch }) => {
      let controller!: ReadableStreamDefaultController;
      const [first, second] = new ReadableStream({
        start(given) {
          controller = given;
        },
      }).tee();
      watch("first", first.getReader().read());
      watch("second", second.getReader().closed);
      controller.enqueue(1);
      controller.error(new Error("e"));
    });
    expect(lines).toContain("second failed Error(e)");
    expect(lines).toHaveLength(2);
  });

  test("byte branches share no buffer, and BYOB reads reach the source", async () => {
    const lines = await scenario(run, async ({ log, watch, rest, u8 }) => {
      let controller!: ReadableByteStreamController;
      const [first, second] = new ReadableStream({
        type: "bytes",
        start(given) {
          controller = given;
        },
        pull: given => log("pull", given.byobRequest?.view?.byteLength),
      }).tee();
      const byob = first.getReader({ mode: "byob" });
      const plain = second.getReader();
      const left = byob.read(new Uint8Array(3));
      const right = plain.read();
      await rest();
      controller.enqueue(u8(1, 2, 3, 4));
      const [{ value: one }, { value: two }] = await Promise.all([left, right]);
      log(one, two, one?.buffer === two?.buffer);
      watch("rest of the first", byob.read(new Uint8Array(9)));
      await watch("rest of the second", plain.read());
      controller.close();
      controller.byobRequest?.respond(0);
      await watch("end of the first", byob.read(new Uint8Array(2)));
      await watch("end of the second", plain.read());
    });
    expect(lines).toEqual([
      "pull 3",
      "Uint8Array[1 2 3] Uint8Array[1 2 3] false",
      "rest of the first {done:false,value:Uint8Array[4]}",
      "rest of the second {done:false,value:Uint8Array[4]}",
      "end of the first {done:true,value:Uint8Array[]}",
      "end of the second {done:true,value:undefined}",
    ]);
  });
});

eachEngine("iteration", run => {
  test("for await, break and preventCancel", async () => {
    const lines = await scenario(run, async ({ log }) => {
      for (const preventCancel of [false, true]) {
        const stream = new ReadableStream({
          start(controller) {
            controller.enqueue(1);
            controller.enqueue(2);
          },
          cancel: () => log("cancel"),
        });
        for await (const chunk of stream.values({ preventCancel })) {
          log(chunk);
          break;
        }
        log(stream.locked);
      }
      const failing = new ReadableStream({ pull: controller => controller.error(new Error("e")) });
      try {
        for await (const chunk of failing) log(chunk);
      } catch (error) {
        log(error, failing.locked);
      }
    });
    expect(lines).toEqual(["1", "cancel", "false", "1", "false", "Error(e) false"]);
  });

  test("calls wait for each other", async () => {
    const lines = await scenario(run, async ({ watch, log }) => {
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue(1);
          controller.enqueue(2);
        },
        cancel: reason => log("cancel", reason),
      });
      const iterator = stream.values();
      watch("first", iterator.next());
      watch("second", iterator.next());
      watch("return", iterator.return?.("r" as never) as Promise<unknown>);
      await watch("after", iterator.next());
      await watch("again", iterator.return?.("s" as never) as Promise<unknown>);
      await watch("foreign", Object.getPrototypeOf(iterator).next.call({}));
    });
    expect(lines).toEqual([
      "first {done:false,value:1}",
      "second {done:false,value:2}",
      "cancel r",
      "return {done:true,value:r}",
      "after {done:true,value:undefined}",
      "again {done:true,value:s}",
      "foreign failed TypeError()",
    ]);
  });

  test("the iterator's prototype", async () => {
    const lines = await scenario(run, ({ log }) => {
      const prototype = Object.getPrototypeOf(new ReadableStream().values());
      log(Object.getOwnPropertyNames(prototype).sort(), prototype[Symbol.toStringTag]);
      const generators = Object.getPrototypeOf(async function* () {});
      log(Object.getPrototypeOf(prototype) === Object.getPrototypeOf(generators.prototype));
      log(prototype.next.length, prototype.return.length, Object.keys(prototype).sort());
      const { values, [Symbol.asyncIterator]: iterate } = ReadableStream.prototype;
      log(values === (iterate as unknown), values.length);
    });
    expect(lines).toEqual([
      "[next return] ReadableStream AsyncIterator",
      "true",
      "0 1 [next return]",
      "true 0",
    ]);
  });

  test("ReadableStream.from", async () => {
    const lines = await scenario(run, async ({ log, watch, thrown }) => {
      const from = (ReadableStream as unknown as { from(source: unknown): ReadableStream }).from.bind(
        ReadableStream,
      );
      const sources = [
        ["a", Promise.resolve("b")],
        "hi",
        (function* () {
          yield 1;
          return 2;
        })(),
        (async function* () {
          yield 3;
        })(),
        new ReadableStream({
          start(controller) {
            controller.enqueue(4);
            controller.close();
          },
        }),
      ];
      for (const source of sources) {
        const chunks: unknown[] = [];
        for await (const chunk of from(source)) chunks.push(chunk);
        log(chunks);
      }
      for (const source of [
        null,
        undefined,
        5,
        {},
        { [Symbol.iterator]: 1 },
        { [Symbol.asyncIterator]: () => 3 },
      ]) {
        thrown("from", () => from(source));
      }
      const answer = (result: unknown) => ({ [Symbol.asyncIterator]: () => ({ next: () => result }) });
      await watch("no object", from(answer(5)).getReader().read());
      await watch(
        "rejected",
        from(answer(Promise.reject(new Error("n"))))
          .getReader()
          .read(),
      );
      const returning = {
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.resolve({ done: false, value: 1 }),
          return(reason: unknown) {
            log("return", reason);
            return Promise.resolve({});
          },
        }),
      };
      await watch("cancel", from(returning).cancel("why"));
      await watch("no return", from(answer({ done: true })).cancel("why"));
    });
    expect(lines).toEqual([
      "[a b]",
      "[h i]",
      "[1]",
      "[3]",
      "[4]",
      ...Array.from({ length: 6 }, () => "from TypeError()"),
      "no object failed TypeError()",
      "rejected failed Error(n)",
      "return why",
      "cancel undefined",
      "no return undefined",
    ]);
  });
});
