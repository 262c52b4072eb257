/** WebSockets between a served worker and real clients: a library's, node's own, and ones that break the protocol. */
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket as Client } from "ws";
import { ENGINES } from "../../helpers/each-engine.ts";
import { write } from "../../helpers/project.ts";
import {
  eventually,
  folderWith,
  RawConnection,
  type RunningServer,
  startServer,
} from "../../helpers/server.ts";

const WORKER = `
const state = { closed: [], errors: 0, held: undefined, aborted: 0 };
const routes = {
  "/echo": socket => { socket.binaryType = "arraybuffer"; socket.onmessage = event => socket.send(event.data); },
  "/slow-echo": socket => { socket.onmessage = async event => { const { data } = event; await scheduler.wait(1); socket.send(data); }; },
  "/greet": socket => { socket.send("one"); socket.send(new Uint8Array([1, 2])); socket.close(4001, "done"); },
  "/half-open": socket => { socket.onclose = event => { socket.send("after " + event.code); socket.close(4002); }; },
  "/throw": socket => { socket.onmessage = () => { throw new Error("listener failed"); }; },
  "/spin": socket => { socket.onmessage = () => { for (;;); }; },
  "/late-work": (socket, context) => {
    socket.onclose = () => context.waitUntil(scheduler.wait(5).then(() => scheduler.wait(5)).then(() => state.closed.push("worked")));
  },
  "/flood": socket => {
    state.flood = socket;
    socket.onmessage = () => { for (let index = 0; index < 24; index++) socket.send(new Uint8Array(1024 * 1024).fill(index)); };
  },
  "/inform": socket => { socket.send("x"); },
};
export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/state") return Response.json({ ...state, held: undefined, flood: state.flood?.bufferedAmount });
    if (pathname === "/accept-held") {
      const received = [];
      state.held.onmessage = event => received.push(event.data.size);
      state.held.accept();
      return new Response("accepted");
    }
    if (pathname === "/relay") return fetch(request.url.replace("/relay", "/echo"), request);
    if (pathname === "/relay-greeting") {
      const upstream = await fetch(request.url.replace("/relay-greeting", "/greet"), { headers: { upgrade: "websocket" } });
      await scheduler.wait(20);
      return new Response(null, { status: 101, webSocket: upstream.webSocket });
    }
    if (pathname === "/refuse") return new Response("refused", { status: 403, headers: { "x-why": "because" } });
    if (pathname === "/fail") throw new Error("no");
    if (pathname === "/accepted-client") {
      const { 0: client } = new WebSocketPair();
      client.accept();
      return new Response(null, { status: 101, webSocket: client });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    if (pathname === "/hold") state.held = server;
    else server.accept({ allowHalfOpen: pathname === "/half-open" });
    server.addEventListener("close", event => state.closed.push([pathname, event.code, event.reason, event.wasClean]));
    server.addEventListener("error", () => state.errors++);
    routes[pathname]?.(server, context);
    const headers = { "x-worker": "caf\\u00e9" };
    const offered = request.headers.get("sec-websocket-protocol");
    if (offered !== null) headers["sec-websocket-protocol"] = offered.split(/, */).at(-1);
    return new Response(null, { status: 101, webSocket: client, headers });
  },
};
`;

const CONFIG = 'name = "sockets"\nmain = "worker.js"\ncompatibility_date = "2026-08-01"\n';
const FILES = { "worker.js": WORKER, "wrangler.toml": CONFIG };

const socketUrl = (server: RunningServer, path: string) => server.url.replace("http", "ws") + path;

async function open(server: RunningServer, path: string, protocols: string[] = []): Promise<Client> {
  const client = new Client(socketUrl(server, path), protocols);
  await once(client, "open");
  return client;
}

const message = async (client: Client) => {
  const [data, isBinary] = (await once(client, "message")) as [Buffer, boolean];
  return isBinary ? [...data] : data.toString();
};
const closing = async (client: Client) => {
  const [code, reason] = (await once(client, "close")) as [number, Buffer];
  return [code, reason.toString()];
};

interface State {
  readonly closed: unknown[];
  readonly errors: number;
  readonly flood?: number;
}
const stateOf = async (server: RunningServer) => (await (await fetch(`${server.url}/state`)).json()) as State;

describe.each(ENGINES)("WebSocket server (%s)", engine => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(
      folderWith(FILES),
      "run",
      "--engine",
      engine,
      "--timeout",
      "1000",
      "--isolates",
      "1",
    );
  });
  afterAll(async () => {
    await server?.stop();
  });

  test("text and bytes, headers and subprotocol", async () => {
    const client = new Client(socketUrl(server, "/echo"), ["first", "second"]);
    let header: unknown;
    client.once("upgrade", response => {
      header = response.headers["x-worker"];
    });
    await once(client, "open");
    expect(header).toBe(Buffer.from("café").toString("latin1"));
    expect([client.protocol, client.extensions]).toEqual(["second", ""]);
    client.send("häll☃");
    expect(await message(client)).toBe("häll☃");
    client.send(Buffer.from([0, 255]));
    expect(await message(client)).toEqual([0, 255]);
    client.send("");
    expect(await message(client)).toBe("");
    client.ping("are you there");
    expect(String((await once(client, "pong"))[0])).toBe("are you there");
    client.close(3005, "bye");
    expect(await closing(client)).toEqual([3005, "bye"]);
  });

  test("node's own client, as browsers have it", async () => {
    const client = new WebSocket(socketUrl(server, "/greet"), "chat");
    client.binaryType = "arraybuffer";
    const received: unknown[] = [];
    client.onmessage = ({ data }) =>
      received.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
    const [close] = (await once(client, "close")) as [CloseEvent];
    expect(received).toEqual(["one", [1, 2]]);
    expect([close.code, close.reason, close.wasClean, client.protocol]).toEqual([4001, "done", true, "chat"]);
  });

  test("fragments are one message; large messages arrive whole", async () => {
    const client = await open(server, "/echo");
    client.send("a", { fin: false });
    client.ping();
    client.send("b", { fin: false });
    client.send("c", { fin: true });
    expect(await message(client)).toBe("abc");
    const large = Buffer.alloc(8 * 1024 * 1024, "0123456789");
    client.send(large);
    const [back] = (await once(client, "message")) as [Buffer];
    expect(back.equals(large)).toBe(true);
    client.terminate();
  });

  test("a message above the limit ends the connection with 1009", async () => {
    const client = await open(server, "/echo");
    client.on("error", () => {});
    client.send(Buffer.alloc(32 * 1024 * 1024 + 1));
    expect((await closing(client))[0]).toBe(1009);
    const state = await eventually(async () => {
      const now = await stateOf(server);
      return now.errors > 0 && now;
    });
    expect(state.closed).toContainEqual(["/echo", 1006, "", false]);
  });

  test("what was sent before a close is answered before it", async () => {
    const client = await open(server, "/echo");
    const received: string[] = [];
    client.on("message", data => received.push(String(data)));
    for (const text of ["1", "2", "3"]) client.send(text);
    client.close(1000, "enough");
    expect(await closing(client)).toEqual([1000, "enough"]);
    expect(received).toEqual(["1", "2", "3"]);
  });

  test("a half-open socket speaks after the client's close", async () => {
    const client = await open(server, "/half-open");
    client.close(3000);
    expect(await message(client)).toBe("after 3000");
    // The code of a closing handshake is the one that was received.
    expect((await closing(client))[0]).toBe(4002);
  });

  test("a client that vanishes is a close without a frame", async () => {
    const client = await open(server, "/echo");
    client.send("here");
    await message(client);
    client.terminate();
    await eventually(async () =>
      (await stateOf(server)).closed.some(
        entry =>
          JSON.stringify(entry) ===
          JSON.stringify(["/echo", 1006, "WebSocket disconnected without sending Close frame.", false]),
      ),
    );
  });

  test("a socket outlives the time that an event has to answer, and waitUntil outlives the socket", async () => {
    const client = await open(server, "/slow-echo");
    const worker = await open(server, "/late-work");
    worker.close();
    await new Promise(resolve => setTimeout(resolve, 1200));
    client.send("still there");
    expect(await message(client)).toBe("still there");
    client.close();
    expect((await closing(client))[0]).toBe(1005);
    await eventually(async () => (await stateOf(server)).closed.includes("worked"));
  });

  test("a listener that throws breaks its connection only", async () => {
    const client = await open(server, "/throw");
    client.send("x");
    expect((await closing(client))[0]).toBe(1006);
    await server.waitFor(/listener failed/);
    const other = await open(server, "/echo");
    other.send("fine");
    expect(await message(other)).toBe("fine");
    other.terminate();
  });

  test("a client that nobody listens to has to wait", async () => {
    const client = await open(server, "/hold");
    for (let count = 0; count < 64; count++) client.send(Buffer.alloc(1024 * 1024));
    let before = -1;
    await eventually(async () => {
      const settled = before === client.bufferedAmount;
      before = client.bufferedAmount;
      await fetch(`${server.url}/state`);
      await new Promise(resolve => setTimeout(resolve, 50));
      return settled;
    });
    expect(client.bufferedAmount).toBeGreaterThan(40 * 1024 * 1024);
    await fetch(`${server.url}/accept-held`);
    await eventually(async () => client.bufferedAmount === 0);
    client.terminate();
  });

  test("what a slow client has not read waits in the worker", async () => {
    const client = await open(server, "/flood");
    client.pause();
    client.send("go");
    await eventually(async () => ((await stateOf(server)).flood ?? 0) > 12 * 1024 * 1024);
    const first: number[] = [];
    client.on("message", data => first.push((data as Buffer)[0] as number));
    client.resume();
    await eventually(async () => first.length === 24);
    expect(first).toEqual(Array.from({ length: 24 }, (_, index) => index));
    await eventually(async () => (await stateOf(server)).flood === 0);
    client.terminate();
  });

  test("a connection to another server is passed on", async () => {
    const client = await open(server, "/relay", ["p"]);
    client.send("there");
    expect(await message(client)).toBe("there");
    client.send(Buffer.from([1]));
    expect(await message(client)).toEqual([1]);
    client.close(3500, "and back");
    expect(await closing(client)).toEqual([3500, "and back"]);
  });

  test("what another server said before it was passed on is not lost", async () => {
    const client = new Client(socketUrl(server, "/relay-greeting"));
    const received: unknown[] = [];
    client.on("message", (data, isBinary) => received.push(isBinary ? [...(data as Buffer)] : String(data)));
    expect(await closing(client)).toEqual([4001, "done"]);
    expect(received).toEqual(["one", [1, 2]]);
  });

  test("a worker may answer like any other request", async () => {
    for (const [path, status] of [
      ["/refuse", 403],
      ["/fail", 500],
      ["/accepted-client", 500],
    ] as const) {
      const client = new Client(socketUrl(server, path));
      client.on("error", () => {});
      const [, response] = (await once(client, "unexpected-response")) as [unknown, { statusCode: number }];
      expect(response.statusCode).toBe(status);
      client.terminate();
    }
    await server.waitFor(/Can't return WebSocket in a Response after calling accept\(\)\./);
  });

  test("a WebSocket for a request that asked for none is an error", async () => {
    expect((await fetch(`${server.url}/echo`)).status).toBe(500);
    await server.waitFor(/which did not contain the header "Upgrade: websocket"/);
  });

  const HANDSHAKE =
    "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  const MASK = "\0\0\0\0";

  test.each([
    ["a reserved opcode", `\x83\x80${MASK}`, 1002],
    ["a frame without a mask", "\x81\x01x", 1002],
    ["a fragmented ping", `\x09\x80${MASK}`, 1002],
    ["a long ping", `\x89\xfe\x00\x7e${MASK}${"x".repeat(126)}`, 1002],
    ["a reserved bit", `\xc1\x81${MASK}x`, 1002],
    ["a continuation of nothing", `\x80\x81${MASK}x`, 1002],
    ["a message within a message", `\x01\x81${MASK}x\x81\x81${MASK}x`, 1002],
    ["an announced terabyte", `\x82\xff\x00\x00\x01\x00\x00\x00\x00\x00${MASK}`, 1009],
    ["text that is no UTF-8", `\x81\x82${MASK}\xc3\x28`, 1007],
    ["a close with half a code", `\x88\x81${MASK}\x03`, 1002],
    ["a close with a code that nobody may send", `\x88\x82${MASK}\x03\xed`, 1002],
  ])("%s ends the connection and nothing else", async (_, frames, code) => {
    const connection = await RawConnection.open(server.port);
    connection.send(HANDSHAKE);
    expect(await connection.received(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 101 /);
    connection.send(frames);
    const rest = await connection.received(/\x88[\s\S]{3}/);
    const frame = rest.slice(rest.indexOf("\r\n\r\n") + 4);
    expect([frame.charCodeAt(0), frame.charCodeAt(2) * 256 + frame.charCodeAt(3)]).toEqual([0x88, code]);
    connection.socket.destroy();
    expect((await fetch(`${server.url}/state`)).status).toBe(200);
  });

  test.each([
    ["no key", HANDSHAKE.replace(/Sec-WebSocket-Key.*\r\n/, ""), /^HTTP\/1\.1 400 /],
    ["a wrong version", HANDSHAKE.replace("13", "12"), /^HTTP\/1\.1 4\d\d /],
    ["another method", HANDSHAKE.replace("GET", "POST"), /^HTTP\/1\.1 500 /],
    [
      "another protocol",
      HANDSHAKE.replace("websocket", "h2c").replace("/echo", "/refuse"),
      /^HTTP\/1\.1 403 /,
    ],
  ])("a handshake with %s is refused", async (_, text, expected) => {
    const connection = await RawConnection.open(server.port);
    connection.send(text);
    expect(await connection.received(/\r\n\r\n/)).toMatch(expected);
    connection.socket.destroy();
  });

  test("frames that come with the handshake are not lost", async () => {
    const connection = await RawConnection.open(server.port);
    connection.send(`${HANDSHAKE}\x81\x82${MASK}hi`);
    expect(await connection.received(/\x81\x02hi/)).toContain("\x81\x02hi");
    connection.socket.destroy();
  });

  test("an isolate that is ended tells its clients 1011, and another one takes its place", async () => {
    const client = await open(server, "/spin");
    client.send("x");
    expect((await closing(client))[0]).toBe(1011);
    const other = await open(server, "/echo");
    other.send("again");
    expect(await message(other)).toBe("again");
    other.terminate();
  });

  test("a server that stops tells its clients 1001, and waits for none", async () => {
    const another = await startServer(folderWith(FILES), "run", "--engine", engine);
    const client = await open(another, "/echo");
    const closed = closing(client);
    await another.stop();
    expect((await closed)[0]).toBe(1001);
  });

  test("new code tells the clients of the old 1012", async () => {
    const folder = folderWith(FILES);
    const dev = await startServer(folder, "dev", "--engine", engine);
    const client = await open(dev, "/echo");
    const closed = closing(client);
    write(folder, { "worker.js": `${WORKER}\nglobalThis.changed = true;` });
    expect((await closed)[0]).toBe(1012);
    const next = await open(dev, "/echo");
    next.send("new");
    expect(await message(next)).toBe("new");
    next.terminate();
    await dev.stop();
  });
});
