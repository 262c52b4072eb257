/** WebSockets that a worker opens, with a real server as their other side. */
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type WebSocket as Peer, WebSocketServer } from "ws";
import { eachEngine } from "../../helpers/each-engine.ts";
import { startOrigin } from "../../helpers/origin.ts";

/** A server that ends with the test; returns its address without a scheme. */
async function startPeer(onConnection: (peer: Peer, request: IncomingMessage) => void): Promise<string> {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    handleProtocols: set => [...set].at(-1) ?? false,
  });
  server.on("connection", onConnection);
  await new Promise(resolve => server.once("listening", resolve));
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const echo = (peer: Peer) => peer.on("message", (data, binary) => peer.send(data, { binary }));

eachEngine(
  "outgoing WebSocket",
  run => {
    test("opens, speaks and closes", async () => {
      const host = await startPeer(echo);
      const seen = await run(async url => {
        const socket = new WebSocket(url, ["a", "b"]);
        const log: unknown[] = [socket.readyState, socket.protocol];
        socket.onopen = event =>
          log.push([event.constructor === Event, socket.readyState, socket.protocol, socket.url]);
        await new Promise(resolve => socket.addEventListener("open", resolve));
        const messages = new Promise<void>(resolve => {
          socket.onmessage = ({ data }) => {
            log.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
            if (log.length === 5) resolve();
          };
        });
        socket.binaryType = "arraybuffer";
        socket.send("text ☃");
        socket.send(new Uint8Array([1, 2]));
        await messages;
        const close = new Promise<CloseEvent>(resolve => socket.addEventListener("close", resolve));
        socket.close(4000, "done");
        log.push(socket.readyState);
        const { code, reason, wasClean } = await close;
        return [...log, [code, reason, wasClean, socket.readyState]];
      }, `ws://${host}/path?query`);
      const url = `ws://${host}/path?query`;
      expect(seen).toEqual([0, "", [true, 1, "b", url], "text ☃", [1, 2], 2, [4000, "done", true, 3]]);
    });

    test("fetch with Upgrade gives the socket in its response", async () => {
      const heads: (string | undefined)[] = [];
      const host = await startPeer((peer, request) => {
        heads.push(request.headers["x-own"] as string, request.headers["sec-websocket-protocol"]);
        echo(peer);
        peer.send("early");
      });
      const seen = await run(async url => {
        const headers = { Upgrade: "websocket", "X-Own": "1", "Sec-WebSocket-Protocol": "p" };
        const response = await fetch(url, { headers });
        const socket = response.webSocket as WebSocket;
        const log: unknown[] = [
          response.status,
          response.headers.get("sec-websocket-protocol"),
          response.body,
        ];
        const done = new Promise<void>(resolve => {
          socket.onmessage = ({ data }) => {
            log.push(data);
            if (data === "mine") resolve();
          };
        });
        socket.accept();
        socket.send("mine");
        await done;
        socket.close();
        return log;
      }, `http://${host}/`);
      expect(seen).toEqual([101, "p", null, "early", "mine"]);
      expect(heads).toEqual(["1", "p"]);
    });

    test("a server that refuses answers like any other, and redirects lead on", async () => {
      const host = await startPeer(echo);
      const origin = await startOrigin((request, response) => {
        if (request.url === "/move") response.writeHead(302, { location: `http://${host}/` }).end();
        else response.writeHead(403, { "x-why": "no" }).end("refused");
      });
      const seen = await run(async url => {
        const upgrade = { headers: { Upgrade: "websocket" } };
        const refused = await fetch(`${url}/`, upgrade);
        const moved = await fetch(`${url}/move`, upgrade);
        moved.webSocket?.accept();
        moved.webSocket?.close();
        const text = await refused.text();
        return [
          refused.status,
          refused.headers.get("x-why"),
          refused.webSocket,
          text,
          moved.status,
          moved.redirected,
        ];
      }, origin.url);
      expect(seen).toEqual([403, "no", null, "refused", 101, true]);
    });

    test("a handshake that fails is an error and then a close", async () => {
      const origin = await startOrigin((_, response) => response.end("plain"));
      const seen = await run(
        (...urls) =>
          Promise.all(
            urls.map(async url => {
              const socket = new WebSocket(url);
              const log: unknown[] = [];
              socket.onerror = (event: Event) => log.push((event as ErrorEvent).error.message);
              const { code, reason, wasClean } = await new Promise<CloseEvent>(resolve => {
                socket.onclose = resolve;
              });
              socket.send("silently ignored");
              return [...log, code, reason, wasClean, socket.readyState];
            }),
          ),
        origin.url.replace("http", "ws"),
        "ws://127.0.0.1:1/",
      );
      const end = [1006, "Failed to establish websocket connection", false, 3];
      const message =
        "Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 (switching protocols), but received 200 instead.";
      expect(seen).toEqual([
        [message, ...end],
        ["Network connection lost.", ...end],
      ]);
    });

    test("a socket that is closed before it is open never opens", async () => {
      const host = await startPeer(echo);
      const seen = await run(async url => {
        const socket = new WebSocket(url);
        const log: unknown[] = [];
        socket.onopen = () => log.push("open");
        socket.onerror = () => log.push("error");
        socket.close();
        log.push(socket.readyState);
        const { code } = await new Promise<CloseEvent>(resolve => {
          socket.onclose = resolve;
        });
        return [...log, code, socket.readyState];
      }, `ws://${host}/`);
      expect(seen).toEqual([2, "error", 1006, 3]);
    });

    test("codes come through; a server that breaks off leaves 1006", async () => {
      const host = await startPeer((peer, request) => {
        if (request.url === "/vanish") peer.terminate();
        else if (request.url === "/bare") peer.close();
        else peer.close(4001, "go");
      });
      const seen = await run(
        (...urls) =>
          Promise.all(
            urls.map(async url => {
              const socket = new WebSocket(url);
              const { code, reason, wasClean } = await new Promise<CloseEvent>(resolve => {
                socket.onclose = resolve;
              });
              return [code, reason, wasClean, socket.readyState];
            }),
          ),
        `ws://${host}/go`,
        `ws://${host}/bare`,
        `ws://${host}/vanish`,
      );
      expect(seen).toEqual([
        [4001, "go", true, 3],
        [1005, "", true, 3],
        [1006, "WebSocket disconnected without sending Close frame.", false, 3],
      ]);
    });

    test("large messages pass in both directions", async () => {
      const host = await startPeer(echo);
      const seen = await run(async url => {
        const socket = new WebSocket(url);
        await new Promise(resolve => socket.addEventListener("open", resolve));
        socket.binaryType = "arraybuffer";
        const message = new Promise<ArrayBuffer>(resolve => {
          socket.onmessage = ({ data }) => resolve(data);
        });
        const bytes = new Uint8Array(6 * 1024 * 1024).fill(7);
        bytes[bytes.length - 1] = 8;
        socket.send(bytes);
        const buffered = socket.bufferedAmount;
        const back = new Uint8Array(await message);
        socket.close();
        return [buffered, back.length, back[0], back.at(-1)];
      }, `ws://${host}/`);
      expect(seen).toEqual([6 * 1024 * 1024, 6 * 1024 * 1024, 7, 8]);
    });
  },
  { compatibilityDate: "2026-08-01" },
);
