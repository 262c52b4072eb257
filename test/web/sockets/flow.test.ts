import net from "node:net";
import { describe, expect, test } from "vitest";
import { eachSocketEngine, listening } from "./kit.ts";

const MEGABYTE = 1024 * 1024;
const TOTAL = 48 * MEGABYTE;

describe("backpressure", () => {
  /** How much the source has got rid of. */
  let sent = 0;
  const source = listening(() =>
    net.createServer(socket => {
      sent = 0;
      const chunk = Buffer.alloc(MEGABYTE, 7);
      const push = () => {
        while (sent < TOTAL) {
          sent += chunk.byteLength;
          if (!socket.write(chunk)) return;
        }
        socket.end();
      };
      socket.on("drain", push);
      push();
    }),
  );

  /** Takes nothing until it is told to. */
  let received = 0;
  let takeAll = () => {};
  const sink = listening(() =>
    net.createServer({ pauseOnConnect: true }, socket => {
      received = 0;
      socket.on("data", (data: Buffer) => {
        received += data.byteLength;
      });
      takeAll = () => socket.resume();
    }),
  );

  /** Answers when the server's count has stood still for a while. */
  const asked = listening(() =>
    net.createServer(async socket => {
      const counts = () => sent;
      for (let before = -1; before !== counts(); ) {
        before = counts();
        await new Promise(resolve => setTimeout(resolve, 50));
      }
      socket.end(String(counts()));
    }),
  );
  const released = listening(() =>
    net.createServer(socket => {
      takeAll();
      socket.end();
    }),
  );

  const echo = listening(() => net.createServer(socket => socket.pipe(socket)));

  eachSocketEngine("sockets", (run, { load }) => {
    test("a server that sends more than the worker reads has to wait", async () => {
      const [stuckAt, total] = (await run(
        async (port: number, askedPort: number) => {
          const socket = cloudflareSockets.connect(`127.0.0.1:${port}`);
          const reader = socket.readable.getReader();
          let total = (await reader.read()).value?.byteLength ?? 0;
          const answer = cloudflareSockets.connect(`127.0.0.1:${askedPort}`);
          const stuckAt = Number(await new Response(answer.readable).text());
          for (let read = await reader.read(); !read.done; read = await reader.read()) {
            total += read.value.byteLength;
          }
          return [stuckAt, total];
        },
        source.port,
        asked.port,
      )) as [number, number];
      expect(stuckAt).toBeGreaterThan(0);
      expect(stuckAt).toBeLessThan(TOTAL / 2);
      expect(total).toBe(TOTAL);
    });

    test("a worker that writes more than the server reads has to wait", async () => {
      const [before, all] = (await run(
        async (port: number, releasedPort: number) => {
          const socket = cloudflareSockets.connect(`127.0.0.1:${port}`);
          const writer = socket.writable.getWriter();
          let before = 0;
          const waited = scheduler.wait(300).then(() => "waited");
          const large = new Uint8Array(4 * 1024 * 1024);
          let pending = writer.write(large);
          for (; (await Promise.race([pending, waited])) === undefined; before++)
            pending = writer.write(large);
          await cloudflareSockets.connect(`127.0.0.1:${releasedPort}`).opened;
          await pending;
          await writer.close();
          return [before, before + 1];
        },
        sink.port,
        released.port,
      )) as [number, number];
      expect(before).toBeLessThan(8);
      await expect.poll(() => received).toBe(all * 4 * MEGABYTE);
    });

    test("a stalled write can be given up", async () => {
      const result = await run(async (port: number) => {
        const socket = cloudflareSockets.connect(`127.0.0.1:${port}`);
        const writer = socket.writable.getWriter();
        const write = writer.write(new Uint8Array(32 * 1024 * 1024)).catch(error => error.message);
        await socket.opened;
        await writer.abort(new Error("mine"));
        await socket.readable.cancel();
        return [await write, await socket.closed];
      }, sink.port);
      expect(result).toEqual(["mine", null]);
    });

    test("a request's body to a socket, and what comes back as the response's", async () => {
      const worker = await load({
        script: `
          import { connect } from "cloudflare:sockets";
          export default {
            async fetch(request) {
              const socket = connect("127.0.0.1:${echo.port}");
              await socket.opened;
              request.body.pipeTo(socket.writable);
              return new Response(socket.readable);
            },
          };
        `,
      });
      const body = Buffer.alloc(3 * MEGABYTE, "abcdefg");
      const response = await worker.fetch("http://worker/", { method: "POST", body });
      expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
    });
  });
});
