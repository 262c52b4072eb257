import net from "node:net";
import { beforeEach, describe, expect, test } from "vitest";
import { ILLEGAL_INVOCATION } from "../../helpers/illegal-invocation.ts";
import { eachSocketEngine, freePort, listening } from "./kit.ts";

const OUTCOME = `
globalThis.outcome = (promise, patience = 10_000) =>
  Promise.race([
    promise.then(
      value => ["fulfilled", value instanceof Uint8Array ? new TextDecoder().decode(value) : value],
      error => ["rejected", error.name, error.message],
    ),
    scheduler.wait(patience).then(() => "pending"),
  ]);
`;

const REFUSED = ["rejected", "Error", "proxy request failed, cannot connect to the specified address"];
const LOST = ["rejected", "Error", "Network connection lost."];
const UNSUPPORTED = "Specified address is empty string, contains unsupported characters or is too long.";
const NOT_INTEGER = "The value cannot be converted because it is not an integer.";

describe("connect()", () => {
  const echo = listening(() => net.createServer(socket => socket.pipe(socket)));
  const ends = listening(() => net.createServer(socket => socket.end()));
  const greets = listening(() => net.createServer(socket => socket.end("hello")));
  const resets = listening(() =>
    net.createServer(socket => socket.once("data", () => socket.resetAndDestroy())),
  );
  /** Says something, ends its side, and tells what it hears until the other side ends. */
  const heard: string[] = [];
  beforeEach(() => {
    heard.length = 0;
  });
  const halfOpen = listening(() =>
    net.createServer({ allowHalfOpen: true }, socket => {
      let text = "";
      socket.end("hello");
      socket.on("data", data => {
        text += data;
      });
      socket.on("end", () => heard.push(text));
    }),
  );

  eachSocketEngine(
    "sockets",
    (run, { load }) => {
      test("the module and the interface", async () => {
        const result = await run((port: number) => {
          const { connect } = cloudflareSockets;
          const socket = connect(`127.0.0.1:${port}`);
          const prototype = Object.getPrototypeOf(socket);
          const illegal = (action: () => unknown) => {
            try {
              return String(action());
            } catch (error) {
              return String(error);
            }
          };
          return {
            exports: Object.keys(cloudflareSockets),
            connect: [connect.name, connect.length],
            name: socket.constructor.name,
            tag: String(socket),
            members: Object.keys(prototype),
            lengths: [prototype.close.length, prototype.startTls.length],
            global: "Socket" in globalThis,
            same: (["opened", "closed", "readable", "writable"] as const).every(key =>
              Object.is(socket[key], socket[key]),
            ),
            state: [socket.upgraded, socket.secureTransport],
            constructed: illegal(() => Reflect.construct(socket.constructor, [])),
            borrowed: illegal(() => prototype.close.call({})),
            read: illegal(() => prototype.readable),
          };
        }, echo.port);
        expect(result).toEqual({
          exports: ["connect"],
          connect: ["connect", 2],
          name: "Socket",
          tag: "[object Socket]",
          members: [
            "readable",
            "writable",
            "closed",
            "opened",
            "upgraded",
            "secureTransport",
            "close",
            "startTls",
          ],
          lengths: [0, 0],
          global: false,
          same: true,
          state: [false, "off"],
          constructed: "TypeError: Illegal constructor",
          borrowed: ILLEGAL_INVOCATION,
          read: ILLEGAL_INVOCATION,
        });
      });

      test("addresses that are refused", async () => {
        const refusals = await run(() => {
          const addresses: unknown[] = [
            undefined,
            null,
            5,
            "",
            "localhost",
            "localhost:",
            ":80",
            "localhost:99999",
            "localhost:-1",
            "local host:80",
            "http://localhost:80",
            "user@localhost:80",
            "localhost:80/path",
            "münchen:80",
            `${"a".repeat(300)}:80`,
            "a\0b:80",
            {},
            [],
            { hostname: "localhost" },
            { hostname: "localhost", port: 70000 },
            { hostname: "localhost", port: -1 },
            { hostname: "localhost", port: 80n },
            { hostname: "local host", port: 80 },
            { hostname: "a;b", port: 80 },
            { hostname: Symbol(), port: 80 },
            Symbol(),
          ];
          return addresses.map(address => {
            try {
              cloudflareSockets.connect(address);
              return "connects";
            } catch (error) {
              return error instanceof TypeError ? error.message : String(error);
            }
          });
        });
        const uninitialized =
          "Cannot initialize SocketAddress with required members from an undefined or null value.";
        expect(refusals).toEqual([
          uninitialized,
          uninitialized,
          "Specified address is missing port.",
          "Specified address is missing hostname.",
          "Specified address is missing port.",
          "Specified address is missing port.",
          "Specified address could not be parsed.",
          "Specified address could not be parsed.",
          "Specified address could not be parsed.",
          "Specified address could not be parsed.",
          "Specified address is missing port.",
          UNSUPPORTED,
          UNSUPPORTED,
          UNSUPPORTED,
          UNSUPPORTED,
          "Specified address could not be parsed.",
          NOT_INTEGER,
          NOT_INTEGER,
          NOT_INTEGER,
          "Value out of range. Must be less than or equal to 65535.",
          "The value cannot be converted because it is negative and this API expects a positive number.",
          "Cannot convert a BigInt value to a number",
          UNSUPPORTED,
          UNSUPPORTED,
          "Cannot convert a Symbol value to a string",
          "Cannot convert a Symbol value to a string",
        ]);
      });

      test("options that are refused, before the address is looked at", async () => {
        const refusals = await run(() => {
          const options: unknown[] = [
            null,
            5,
            { highWaterMark: -1 },
            { highWaterMark: -1n },
            { highWaterMark: "x" },
            { highWaterMark: 2 ** 70 },
            {
              get secureTransport() {
                throw new RangeError("mine");
              },
            },
          ];
          const message = (address: string, given: unknown) => {
            try {
              cloudflareSockets.connect(address, given);
              return "connects";
            } catch (error) {
              return (error as Error).message;
            }
          };
          return [
            ...options.map(given => message("no port", given)),
            message("no port", { secureTransport: "maybe" }),
            message("localhost:80", { secureTransport: "maybe" }),
          ];
        });
        expect(refusals).toEqual([
          "Cannot initialize SocketOptions with required members from an undefined or null value.",
          "Failed to execute 'connect' on 'SocketsModule': parameter 2 is not of type 'SocketOptions'.",
          "The value cannot be converted because it is negative and this API expects a positive bigint.",
          "The value cannot be converted because it is either negative and this API expects a positive bigint, or the value would be truncated.",
          NOT_INTEGER,
          "Value out of range. Must be less than or equal to 18446744073709551615.",
          "mine",
          "Specified address could not be parsed.",
          "Unsupported value in secureTransport socket option: maybe",
        ]);
      });

      test("bytes there and back, text and views among them, before the connection is open", async () => {
        const result = await run(async (port: number) => {
          const socket = cloudflareSockets.connect({ hostname: "127.0.0.1", port });
          const writer = socket.writable.getWriter();
          writer.write("text ");
          writer.write(new Uint8Array(0));
          writer.write(new Uint16Array([0x6262]) as never);
          writer.write(new TextEncoder().encode(" bytes"));
          writer.close();
          return [await new Response(socket.readable).text(), await socket.opened];
        }, echo.port);
        expect(result).toEqual(["text bb bytes", { remoteAddress: `127.0.0.1:${echo.port}` }]);
      });

      test("reads into buffers, pipes, iteration", async () => {
        const result = await run(async (port: number) => {
          const open = async (text: string) => {
            const socket = cloudflareSockets.connect(`localhost:${port}`);
            await new Response(text).body?.pipeTo(socket.writable as WritableStream);
            return socket.readable;
          };
          const reader = (await open("0123456789")).getReader({ mode: "byob" });
          const sizes: number[] = [];
          for (let done = false; !done; ) {
            const read = await reader.read(new Uint8Array(4));
            sizes.push(read.value?.byteLength ?? -1);
            done = read.done;
          }
          let text = "";
          for await (const chunk of (await open("iterated")) as unknown as AsyncIterable<Uint8Array>) {
            text += new TextDecoder().decode(chunk);
          }
          const through = (await open("through")).pipeThrough(new TextDecoderStream() as never);
          return [sizes, text, (await through.getReader().read()).value];
        }, echo.port);
        expect(result).toEqual([[4, 4, 2, 0], "iterated", "through"]);
      });

      test("a connection that is refused", async () => {
        const result = await run(
          async (port: number) => {
            const socket = cloudflareSockets.connect(`127.0.0.1:${port}`);
            const writer = socket.writable.getWriter();
            const write = writer.write("x");
            const reader = socket.readable.getReader();
            const read = reader.read();
            const outcomes = [
              socket.opened,
              socket.closed,
              write,
              writer.closed,
              read,
              reader.closed,
              socket.close(),
            ];
            const cause = await socket.opened.catch(error => (error.cause as { code: string }).code);
            return [await Promise.all(outcomes.map(promise => outcome(promise))), cause];
          },
          await freePort(),
        );
        expect(result).toEqual([
          [
            REFUSED,
            REFUSED,
            REFUSED,
            REFUSED,
            ["rejected", "Error", "Stream was cancelled."],
            ["fulfilled", null],
            ["fulfilled", null],
          ],
          "ECONNREFUSED",
        ]);
      });

      test("names and ports that lead nowhere", async () => {
        const result = await run(async () => {
          const addresses = [{ hostname: "", port: 80 }, "127.0.0.1:0"];
          return Promise.all(addresses.map(address => outcome(cloudflareSockets.connect(address).opened)));
        });
        const web =
          ". It looks like you might be trying to connect to a HTTP-based service — consider using fetch instead";
        expect(result).toEqual([["rejected", "Error", REFUSED[2] + web], REFUSED]);
      });

      test("a server that closes at once, and one that closes after a word", async () => {
        const result = await run(
          async (endsPort: number, greetsPort: number) => {
            const socket = cloudflareSockets.connect(`127.0.0.1:${endsPort}`);
            const reader = socket.readable.getReader();
            const writer = socket.writable.getWriter();
            const first = [await reader.read(), await outcome(socket.closed), await outcome(writer.closed)];
            first.push(await outcome(writer.write("x")), await outcome(socket.close()));
            const other = cloudflareSockets.connect(`127.0.0.1:${greetsPort}`);
            return [first, await new Response(other.readable).text()];
          },
          ends.port,
          greets.port,
        );
        expect(result).toEqual([
          [
            { done: true },
            ["fulfilled", null],
            ["fulfilled", null],
            ["rejected", "TypeError", "This WritableStream has been closed."],
            ["fulfilled", null],
          ],
          "hello",
        ]);
      });

      test("half-open: writing goes on after the server's end only where that was asked for", async () => {
        const result = await run(async (port: number) => {
          const outcomes: unknown[] = [];
          for (const allowHalfOpen of [true, false]) {
            const socket = cloudflareSockets.connect(`127.0.0.1:${port}`, { allowHalfOpen });
            const reader = socket.readable.getReader();
            const writer = socket.writable.getWriter();
            await writer.write("early ");
            await reader.read();
            const { done } = await reader.read();
            outcomes.push([done, await outcome(writer.write("late")), await outcome(writer.closed, 50)]);
            if (allowHalfOpen) await writer.close();
            outcomes.push(await outcome(socket.closed));
          }
          return outcomes;
        }, halfOpen.port);
        expect(result).toEqual([
          [true, ["fulfilled", null], "pending"],
          ["fulfilled", null],
          [true, ["rejected", "TypeError", "This WritableStream has been closed."], ["fulfilled", null]],
          ["fulfilled", null],
        ]);
        await expect.poll(() => heard.toSorted()).toEqual(["early ", "early late"]);
      });

      test("a connection that is reset", async () => {
        const result = await run(async (port: number) => {
          const socket = cloudflareSockets.connect(`127.0.0.1:${port}`);
          const writer = socket.writable.getWriter();
          await writer.write("x");
          const read = await outcome(socket.readable.getReader().read());
          return [
            read,
            await outcome(socket.closed),
            await outcome(writer.write("y")),
            await outcome(socket.close()),
          ];
        }, resets.port);
        expect(result).toEqual([LOST, ["fulfilled", null], LOST, ["fulfilled", null]]);
      });

      test("close() lets what was written go out, and fails what waits", async () => {
        const result = await run(async (port: number) => {
          const socket = cloudflareSockets.connect(`127.0.0.1:${port}`);
          const reader = socket.readable.getReader();
          const writer = socket.writable.getWriter();
          const write = outcome(writer.write("last words"));
          const read = outcome(reader.read().then(() => reader.read()));
          const closing = socket.close();
          const late = outcome(writer.write("late"));
          const outcomes = [
            write,
            read,
            closing,
            late,
            reader.closed,
            writer.closed,
            socket.closed,
            socket.close(),
          ];
          const after = await Promise.all(outcomes.map(promise => outcome(promise)));
          return [after, await outcome(reader.read()), await outcome(writer.write("x"))];
        }, halfOpen.port);
        const closed = ["rejected", "TypeError", "This WritableStream has been closed."];
        const closing = [
          "rejected",
          "TypeError",
          "This ReadableStream belongs to an object that is closing.",
        ];
        const [after, ...later] = result as unknown[][];
        expect(after?.[0]).toEqual(["fulfilled", ["fulfilled", null]]);
        expect(after?.slice(2)).toEqual([
          ["fulfilled", null],
          ["fulfilled", closed],
          ["fulfilled", null],
          ["rejected", "TypeError", "This socket has been closed."],
          ["fulfilled", null],
          ["fulfilled", null],
        ]);
        expect(later).toEqual([closing, closed]);
        await expect.poll(() => [...heard]).toEqual(["last words"]);
      });

      test("giving up one direction leaves the other; giving up both ends the connection", async () => {
        const result = await run(async (port: number) => {
          const socket = cloudflareSockets.connect(`127.0.0.1:${port}`);
          await socket.opened;
          await socket.readable.cancel("enough");
          const writer = socket.writable.getWriter();
          const write = await outcome(writer.write("x"));
          const before = await outcome(socket.closed, 50);
          const aborted = await outcome(writer.abort(new Error("mine")));
          return [write, before, aborted, await outcome(socket.closed)];
        }, echo.port);
        expect(result).toEqual([["fulfilled", null], "pending", ["fulfilled", null], ["fulfilled", null]]);
      });

      test("a writer with a mark sees how full it is; one without always looks ready", async () => {
        const result = await run(async (port: number) => {
          const marked = cloudflareSockets
            .connect(`127.0.0.1:${port}`, { highWaterMark: 1000n })
            .writable.getWriter();
          const sizes: unknown[] = [marked.desiredSize];
          marked.write(new Uint8Array(1500));
          sizes.push(marked.desiredSize);
          const plain = cloudflareSockets.connect(`127.0.0.1:${port}`).writable.getWriter();
          plain.write(new Uint8Array(1500));
          return [...sizes, plain.desiredSize];
        }, echo.port);
        expect(result).toEqual([1000, -500, 1]);
      });

      test("what an event leaves open, or still connecting, ends with it", async () => {
        const connected = new Promise<net.Socket>(resolve => echo.server.once("connection", resolve));
        await run((port: number) => {
          for (const secureTransport of ["off", "on", "starttls"]) {
            const socket = cloudflareSockets.connect(`127.0.0.1:${port}`, { secureTransport });
            if (secureTransport === "starttls") socket.startTls();
          }
        }, echo.port);
        await run(async (port: number) => {
          await cloudflareSockets.connect(`127.0.0.1:${port}`).opened;
        }, echo.port);
        await connected;
        const open = () => new Promise(resolve => echo.server.getConnections((_, count) => resolve(count)));
        await expect.poll(open).toBe(0);
      });

      test("nothing goes out while the worker is being loaded", async () => {
        const worker = await load({
          script: `
            import { connect } from "cloudflare:sockets";
            let message;
            try { connect("127.0.0.1:${echo.port}"); } catch (error) { message = error.message; }
            export default { message: () => message };
          `,
        });
        expect(await worker.invoke("message")).toMatch(/^Disallowed operation called within global scope\./);
      });

      test("connections are counted as subrequests", async () => {
        const worker = await load({
          limits: { subrequests: 2 },
          script: `
            import { connect } from "cloudflare:sockets";
            export default {
              async open() {
                const sockets = [1, 2, 3].map(() => connect("127.0.0.1:${echo.port}"));
                return Promise.all(sockets.map(({ opened }) => opened.then(() => "open", error => error.message)));
              },
            };
          `,
        });
        const outcomes = await worker.invoke("open");
        expect(outcomes).toEqual(["open", "open", expect.stringMatching(/^Too many subrequests/)]);
      });
    },
    OUTCOME,
  );
});
