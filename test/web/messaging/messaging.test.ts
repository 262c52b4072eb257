import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("MessageChannel", run => {
  test("delivers copies after the current code", async () => {
    const seen = await run(async () => {
      const { port1, port2 } = new MessageChannel();
      const seen: unknown[] = [];
      const data = { a: [1] };
      port2.onmessage = (event: MessageEvent) => {
        seen.push([event.data, event.data !== data, event.origin, event.source === port2, event.isTrusted]);
      };
      port1.postMessage(data);
      seen.push("posted");
      await scheduler.wait(0);
      return seen;
    });
    expect(seen).toEqual(["posted", [{ a: [1] }, true, null, true, true]]);
  });

  test("messages wait until somebody listens, in order", async () => {
    const seen = await run(async () => {
      const { port1, port2 } = new MessageChannel();
      const seen: unknown[] = [];
      port1.postMessage(1);
      port1.postMessage(2);
      await scheduler.wait(0);
      port2.addEventListener("message", (event: MessageEvent) => seen.push(event.data));
      await scheduler.wait(0);
      port2.onmessage = null;
      port1.postMessage(3);
      await scheduler.wait(0);
      return seen;
    });
    expect(seen).toEqual([1, 2, 3]);
  });

  test("closing one end closes the other", async () => {
    const seen = await run(async () => {
      const { port1, port2 } = new MessageChannel();
      const seen: string[] = [];
      port1.addEventListener("close" as never, (() => seen.push("close 1")) as never);
      port2.addEventListener("close" as never, (() => seen.push("close 2")) as never);
      port1.close();
      port1.close();
      seen.push("after");
      port2.onmessage = () => seen.push("never");
      port1.postMessage("lost");
      await scheduler.wait(0);
      return seen;
    });
    expect(seen).toEqual(["close 2", "close 1", "after"]);
  });

  test("ports and buffers can be transferred along", async () => {
    const facts = await run(async () => {
      const outer = new MessageChannel();
      const inner = new MessageChannel();
      const buffer = new ArrayBuffer(4);
      const got = new Promise<MessageEvent>(resolve => {
        outer.port2.onmessage = resolve as never;
      });
      inner.port2.postMessage("early");
      outer.port1.postMessage({ buffer, port: inner.port1 }, [buffer, inner.port1] as never);
      const event = await got;
      const port = event.ports[0] as MessagePort;
      const message = await new Promise(resolve => {
        port.onmessage = (inside: MessageEvent) => resolve(inside.data);
      });
      return [buffer.detached, event.data.port === port, event.data.buffer.byteLength, message];
    });
    expect(facts).toEqual([true, true, 4, "early"]);
  });

  test("refuses wrong values", async () => {
    const names = await run(() => {
      const { port1 } = new MessageChannel();
      return [
        () => port1.postMessage(() => {}),
        () => port1.postMessage(port1),
        () => port1.postMessage(1, [port1] as never),
        () => port1.postMessage(1, [{}] as never),
        () => new (MessagePort as unknown as new () => MessagePort)(),
        () => MessagePort.prototype.close.call({} as never),
      ].map(attempt => {
        try {
          attempt();
          return "no error";
        } catch (error) {
          return (error as Error).name;
        }
      });
    });
    expect(names).toEqual([
      "DataCloneError",
      "DataCloneError",
      "DataCloneError",
      "TypeError",
      "TypeError",
      "TypeError",
    ]);
  });
});
