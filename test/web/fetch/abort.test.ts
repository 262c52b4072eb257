import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { startRawOrigin } from "../../helpers/origin.ts";

/** A server that answers nothing, and tells when its client goes away. */
async function silentOrigin(begin?: string) {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const url = await startRawOrigin((_request, response) => {
    response.once("close", resolve);
    if (begin !== undefined) response.write(begin);
  });
  return { url, closed };
}

eachEngine("fetch and AbortSignal", run => {
  test("aborted before: nothing is sent", async () => {
    const result = await run(async () => {
      const attempt = async (signal: AbortSignal) => {
        try {
          await fetch("http://127.0.0.1:9/", { signal });
          return "no error";
        } catch (error) {
          return String(error);
        }
      };
      return [await attempt(AbortSignal.abort()), await attempt(AbortSignal.abort("reason"))];
    });
    expect(result).toEqual(["AbortError: The operation was aborted", "reason"]);
  });

  test("aborted while waiting for the head: the reason is the error, the connection goes", async () => {
    const { url } = await silentOrigin();
    const result = await run(async address => {
      const controller = new AbortController();
      const answer = fetch(address, { signal: controller.signal }).catch((error: unknown) => error);
      // The request leaves with this turn of the guest.
      await fetch("data:,x");
      controller.abort({ my: "reason" });
      return answer;
    }, url);
    expect(result).toEqual({ my: "reason" });
  });

  test("aborted while the body comes", async () => {
    const { url, closed } = await silentOrigin("begin");
    const result = await run(async address => {
      const controller = new AbortController();
      const response = await fetch(address, { signal: controller.signal });
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const { value } = await reader.read();
      const next = reader.read().catch((error: Error) => error.message);
      controller.abort(new Error("enough"));
      return [new TextDecoder().decode(value), await next];
    }, url);
    expect(result).toEqual(["begin", "enough"]);
    await closed;
  });

  test("text() of an aborted body fails", async () => {
    const { url, closed } = await silentOrigin("begin");
    const result = await run(async address => {
      const controller = new AbortController();
      const response = await fetch(address, { signal: controller.signal });
      const text = response.text().catch((error: Error) => error.name);
      controller.abort();
      return text;
    }, url);
    expect(result).toBe("AbortError");
    await closed;
  });

  test("aborted while the request's body is still leaving", async () => {
    const { url } = await silentOrigin();
    const result = await run(async address => {
      const controller = new AbortController();
      let sent = 0;
      const cancelled = new Promise<boolean>(resolve => {
        const body = new ReadableStream({
          pull(source) {
            source.enqueue(new Uint8Array(65_536));
            if (++sent === 3) controller.abort();
          },
          cancel: () => resolve(true),
        });
        fetch(address, { method: "POST", body, signal: controller.signal, duplex: "half" } as never).catch(
          () => {},
        );
      });
      return cancelled;
    }, url);
    expect(result).toBe(true);
  });

  test("a signal that never fires changes nothing", async () => {
    const url = await startRawOrigin((_request, response) => {
      response.write("one ");
      setImmediate(() => response.end("two"));
    });
    const result = await run(async address => {
      const controller = new AbortController();
      const text = await (await fetch(address, { signal: controller.signal })).text();
      controller.abort();
      return text;
    }, url);
    expect(result).toBe("one two");
  });

  test("a body that is cancelled lets the connection go", async () => {
    const { url, closed } = await silentOrigin("begin");
    await run(async address => {
      const response = await fetch(address);
      await (response.body as ReadableStream).cancel();
    }, url);
    await closed;
  });
});
