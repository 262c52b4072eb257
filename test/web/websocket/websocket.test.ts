/** WebSocket and WebSocketPair inside a worker, as workerd has them. */
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { ILLEGAL_INVOCATION } from "../../helpers/illegal-invocation.ts";

eachEngine(
  "WebSocket",
  run => {
    test("a pair can be indexed and iterated", async () => {
      const seen = await run(() => {
        const pair = new WebSocketPair();
        const [one, other] = Object.values(pair);
        return [
          Object.keys(pair),
          one === pair[0] && other === pair[1],
          [...pair].length,
          String(pair),
          one instanceof EventTarget && one instanceof WebSocket,
        ];
      });
      expect(seen).toEqual([["0", "1"], true, 2, "[object WebSocketPair]", true]);
    });

    test("a fresh end is open, unnamed and of workerd's binary type", async () => {
      const seen = await run(() => {
        const { 0: socket } = new WebSocketPair();
        const { readyState, url, protocol, extensions, binaryType, bufferedAmount } = socket;
        return [readyState, url, protocol, extensions, binaryType, bufferedAmount];
      });
      expect(seen).toEqual([1, null, "", "", "blob", 0]);
    });

    test("constants stand on the class and its instances", async () => {
      const seen = await run(() => {
        const { 0: socket } = new WebSocketPair();
        const names = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"] as const;
        return names.map(name => [
          WebSocket[name],
          socket[name],
          Reflect.get(WebSocket, `READY_STATE_${name}`),
        ]);
      });
      expect(seen).toEqual([
        [0, 0, 0],
        [1, 1, 1],
        [2, 2, 2],
        [3, 3, 3],
      ]);
    });

    test("messages pass both ways, in order, and never before the other side accepts", async () => {
      const seen = await run(async () => {
        const { 0: one, 1: other } = new WebSocketPair();
        const log: unknown[] = [];
        one.accept();
        one.send("a");
        const bytes = new Uint8Array([1, 2, 3]);
        one.send(bytes);
        bytes[0] = 9;
        other.binaryType = "arraybuffer";
        one.onmessage = event => log.push(["one", event.data]);
        other.addEventListener("message", event => {
          const { data, origin, lastEventId, isTrusted } = event;
          log.push([
            typeof data === "string" ? data : [...new Uint8Array(data)],
            origin,
            lastEventId,
            isTrusted,
          ]);
        });
        await scheduler.wait(1);
        log.push("accept");
        other.accept();
        other.send("back");
        await scheduler.wait(1);
        return log;
      });
      expect(seen).toEqual(["accept", ["a", null, "", true], [[1, 2, 3], null, "", true], ["one", "back"]]);
    });

    test("binary messages come as Blobs where binaryType says so", async () => {
      const seen = await run(async () => {
        const { 0: one, 1: other } = new WebSocketPair();
        one.accept();
        other.accept();
        other.binaryType = "blob";
        (other as { binaryType: string }).binaryType = "nonsense";
        const message = new Promise<Blob>(resolve => {
          other.onmessage = event => resolve(event.data);
        });
        one.send(new Uint16Array([0x6968]));
        const blob = await message;
        return [blob instanceof Blob, await blob.text(), other.binaryType];
      });
      expect(seen).toEqual([true, "hi", "blob"]);
    });

    test("a close is answered by itself, before its listeners run", async () => {
      const seen = await run(async () => {
        const { 0: one, 1: other } = new WebSocketPair();
        const log: unknown[] = [];
        one.accept();
        other.accept();
        one.onclose = event => log.push(["one", event.code, event.reason, event.wasClean, one.readyState]);
        other.onclose = event =>
          log.push(["other", event.code, event.reason, event.wasClean, other.readyState]);
        one.close(3001, "bye");
        one.close(3002);
        log.push([one.readyState, other.readyState]);
        await scheduler.wait(1);
        return log;
      });
      expect(seen).toEqual([
        [2, 1],
        ["other", 3001, "bye", true, 3],
        ["one", 3001, "bye", true, 3],
      ]);
    });

    test("a half-open socket goes on sending until it closes too", async () => {
      const seen = await run(async () => {
        const { 0: one, 1: other } = new WebSocketPair();
        const log: unknown[] = [];
        one.accept();
        other.accept({ allowHalfOpen: true });
        one.onmessage = event => log.push(event.data);
        one.onclose = event => log.push(["one", event.code]);
        other.onclose = event => {
          log.push(["other", event.code, other.readyState]);
          other.send("last words");
          other.close(4000);
        };
        one.close();
        await scheduler.wait(1);
        return [...log, one.readyState, other.readyState];
      });
      expect(seen).toEqual([["other", 1005, 2], "last words", ["one", 4000], 3, 3]);
    });

    test("a listener that throws breaks the connection, as on workerd", async () => {
      const seen = await run(async () => {
        const { 0: one, 1: other } = new WebSocketPair();
        const log: unknown[] = [];
        one.accept();
        other.accept();
        one.onclose = event => log.push(["close", event.code, event.wasClean, one.readyState]);
        other.onmessage = event => {
          log.push(event.data);
          throw new Error(`boom ${event.data}`);
        };
        other.onerror = (event: Event) => log.push((event as ErrorEvent).message);
        one.send("1");
        one.send("2");
        await scheduler.wait(1);
        return [...log, other.readyState];
      });
      expect(seen).toEqual(["1", "Uncaught Error: boom 1", ["close", 1006, false, 3], 3]);
    });

    test("wrong uses have their errors", async () => {
      const seen = await run(() => {
        const errors: Record<string, string> = {};
        const attempt = (name: string, use: (socket: WebSocket) => unknown, accepted = false) => {
          const { 0: socket } = new WebSocketPair();
          if (accepted) socket.accept();
          try {
            use(socket);
            errors[name] = "none";
          } catch (error) {
            errors[name] = `${(error as Error).name}: ${(error as Error).message}`;
          }
        };
        attempt("send first", socket => socket.send("x"));
        attempt("close first", socket => socket.close());
        attempt("accept twice", socket => socket.accept(), true);
        attempt("send closed", socket => [socket.close(), socket.send("x")], true);
        attempt("reason alone", socket => socket.close(undefined, "x"), true);
        attempt("long reason", socket => socket.close(1000, "é".repeat(62)), true);
        attempt("fitting reason", socket => socket.close(1000, "x".repeat(123)), true);
        attempt("no message", socket => Reflect.apply(socket.send, socket, []), true);
        attempt("receiver", socket => socket.send.call({} as never, "x"));
        attempt("no 101", webSocket => new Response(null, { webSocket } as ResponseInit));
        attempt("body", webSocket => new Response("x", { status: 101, webSocket } as ResponseInit));
        attempt("clone", webSocket => new Response(null, { status: 101, webSocket } as ResponseInit).clone());
        attempt("no socket", () => new Response(null, { status: 101, webSocket: {} } as ResponseInit));
        return errors;
      });
      const notAccepted =
        "TypeError: You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.";
      const tooLong =
        "SyntaxError: WebSocket close reason must not be longer than 123 bytes when UTF-8 encoded.";
      expect(seen).toEqual({
        "send first": notAccepted,
        "close first": notAccepted,
        "accept twice": "none",
        "send closed": "TypeError: Can't call WebSocket send() after close().",
        "reason alone":
          "InvalidAccessError: If you specify a WebSocket close reason, you must also specify a code.",
        "long reason": tooLong,
        "fitting reason": "none",
        "no message":
          "TypeError: Failed to execute 'send' on 'WebSocket': 1 argument required, but only 0 present.",
        receiver: ILLEGAL_INVOCATION,
        "no 101": "RangeError: Responses with a WebSocket must have status code 101.",
        body: "TypeError: Response with null body status (101, 204, 205, or 304) cannot have a body.",
        clone: "TypeError: Cannot clone a response to a WebSocket handshake.",
        "no socket":
          "TypeError: Incorrect type for the 'webSocket' field on 'InitializerDict': the provided value is not of type 'WebSocket'.",
      });
    });

    test("only codes that may be sent close a socket", async () => {
      const allowed = await run(() =>
        [0, 999, 1000, 1003, 1004, 1005, 1006, 1007, 1011, 1014, 1015, 2999, 3000, 4999, 5000, 66536].filter(
          code => {
            const { 0: socket } = new WebSocketPair();
            socket.accept();
            try {
              socket.close(code);
              return true;
            } catch (error) {
              const { name, message } = error as Error;
              if (name !== "InvalidAccessError" || message !== `Invalid WebSocket close code: ${code}.`)
                throw error;
              return false;
            }
          },
        ),
      );
      expect(allowed).toEqual([1000, 1003, 1007, 1011, 1014, 3000, 4999]);
    });

    test("addresses and protocols are checked by the constructor", async () => {
      const seen = await run(() => {
        const attempt = (...args: unknown[]) => {
          try {
            const socket = new (WebSocket as unknown as new (...all: unknown[]) => WebSocket)(...args);
            const { url, readyState } = socket;
            socket.close();
            return [url, readyState, socket.readyState];
          } catch (error) {
            return `${(error as Error).name}: ${(error as Error).message}`;
          }
        };
        const url = "ws://127.0.0.1:1";
        return [
          attempt(),
          attempt("/relative"),
          attempt("http://127.0.0.1:1/"),
          attempt(`${url}/#`),
          attempt(url, "a b"),
          attempt(url, ""),
          attempt(url, ["a", "(b)"]),
          attempt(url, ["a", "a"]),
          attempt(url, ["a", "A"]),
        ];
      });
      expect(seen).toEqual([
        "TypeError: Failed to construct 'WebSocket': 1 argument required, but only 0 present.",
        "SyntaxError: WebSocket Constructor: The url is invalid.",
        "SyntaxError: WebSocket Constructor: The url scheme must be ws or wss.",
        "SyntaxError: WebSocket Constructor: The url fragment must be empty.",
        "SyntaxError: WebSocket Constructor: The protocol header token is invalid.",
        "SyntaxError: WebSocket Constructor: The protocol header token is invalid.",
        "SyntaxError: WebSocket Constructor: One of the protocol header tokens is invalid.",
        "SyntaxError: WebSocket Constructor: The protocols header cannot have repeating values.",
        ["ws://127.0.0.1:1", 0, 2],
      ]);
    });

    test("attachments are structured clones of at most 16 KiB", async () => {
      const seen = await run(() => {
        const { 0: socket } = new WebSocketPair();
        const before = socket.deserializeAttachment();
        const given = { at: new Date(0), tags: new Map([["a", 1]]) };
        socket.serializeAttachment(given);
        const kept = socket.deserializeAttachment() as typeof given;
        const messages = [() => {}, "x".repeat(17_000)].map(value => {
          try {
            socket.serializeAttachment(value);
          } catch (error) {
            return [(error as Error).name, (error as Error).message.slice(0, 63)];
          }
          return "none";
        });
        return [before, kept !== given, kept.at.getTime(), kept.tags.get("a"), messages];
      });
      expect(seen).toEqual([
        null,
        true,
        0,
        1,
        [
          ["DataCloneError", expect.stringContaining("could not be cloned")],
          ["Error", "A WebSocket 'attachment' cannot be larger than 16384 bytes. 'at"],
        ],
      ]);
    });
  },
  { compatibilityDate: "2026-08-01" },
);

eachEngine(
  "WebSocket of an older date",
  run => {
    test("has ArrayBuffers, and closes only when told to", async () => {
      const seen = await run(async () => {
        const { 0: one, 1: other } = new WebSocketPair();
        const states: unknown[] = [one.binaryType];
        one.accept();
        other.accept();
        other.onclose = () => states.push(other.readyState);
        one.close();
        await scheduler.wait(1);
        states.push(one.readyState);
        other.close();
        await scheduler.wait(1);
        return [...states, one.readyState, other.readyState];
      });
      expect(seen).toEqual(["arraybuffer", 2, 2, 3, 3]);
    });
  },
  { compatibilityDate: "2026-01-01" },
);
