/** HTTP as clients really speak it, against a server process. */
import { request as httpRequest } from "node:http";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENGINES } from "../helpers/each-engine.ts";
import {
  eventually,
  exchange,
  folderWith,
  RawConnection,
  type RunningServer,
  startServer,
} from "../helpers/server.ts";

const WORKER = `
const seen = { aborted: 0, uploadFailed: 0, pulled: 0, cancelled: 0 };
const routes = {
  "/echo": request => new Response(request.body),
  "/text": async request => {
    try { return new Response(await request.text()); } catch (error) { seen.uploadFailed++; throw error; }
  },
  "/about": request => Response.json({ method: request.method, url: request.url }),
  "/headers": request => Response.json([...request.headers]),
  "/unread": () => new Response("not read"),
  "/hello": () => new Response("hello"),
  "/204": () => new Response(null, { status: 204 }),
  "/304": () => new Response(null, { status: 304, headers: { etag: '"x"' } }),
  "/inject": request => new Response("x", { headers: { "x-a": "a\\r\\nInjected: yes" } }),
  "/inject-status": () => new Response("x", { statusText: "OK\\r\\nInjected: yes" }),
  "/cookies": () => {
    const headers = new Headers({ "x-one": "1" });
    headers.append("set-cookie", "a=1; Path=/"); headers.append("set-cookie", "b=2");
    headers.append("x-one", "2");
    return new Response("", { headers });
  },
  "/latin": () => new Response("", { headers: { "x-latin": "caf\\u00e9" } }),
  "/gzip": () => new Response("text ".repeat(1000), { headers: { "content-encoding": "gzip" } }),
  "/br": () => new Response("text ".repeat(1000), { headers: { "content-encoding": "br" } }),
  "/gzip-stream": () => new Response(new Blob(["text ".repeat(1000)]).stream(), { headers: { "content-encoding": "gzip" } }),
  "/manual": async request => new Response(await request.arrayBuffer(), { encodeBody: "manual", headers: { "content-encoding": request.headers.get("x-encoding") } }),
  "/fixed": request => {
    const { readable, writable } = new FixedLengthStream(5);
    const writer = writable.getWriter();
    writer.write(new TextEncoder().encode("fixed")); writer.close();
    return new Response(readable);
  },
  "/wait": request => new Promise(resolve => {
    request.signal.addEventListener("abort", () => { seen.aborted++; resolve(new Response("late")); });
    setTimeout(resolve, 20000, new Response("timeout"));
  }),
  "/endless": () => new Response(new ReadableStream({
    pull(controller) { seen.pulled += 65536; controller.enqueue(new Uint8Array(65536)); },
    cancel() { seen.cancelled++; },
  })),
  "/seen": () => Response.json(seen),
};
export default { fetch: request => routes[new URL(request.url).pathname]?.(request) ?? new Response("none", { status: 404 }) };
`;

describe.each(ENGINES)("HTTP (%s)", engine => {
  let server: RunningServer;
  beforeAll(async () => {
    const folder = folderWith({
      "index.js": WORKER,
      "wrangler.json": `{ "main": "index.js", "compatibility_date": "2026-11-01" }`,
    });
    server = await startServer(folder, "run", "--engine", engine, "--isolates", "1");
  });
  afterAll(() => server?.stop());

  const get = (path: string, headers = "") =>
    exchange(server.port, `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${headers}\r\n`);
  const seen = async (): Promise<Record<string, number>> =>
    (await (await fetch(`${server.url}/seen`)).json()) as Record<string, number>;
  const serves = async () => expect(await (await fetch(`${server.url}/hello`)).text()).toBe("hello");
  const statusOf = (response: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(response)?.[1]);

  describe("requests that are none", () => {
    test.each([
      ["bytes", "\x00\x01\x02\xff\r\n\r\n", 400],
      ["words", "hello there\r\n\r\n", 400],
      ["a method of signs", "G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400],
      ["an unknown version", "GET / HTTP/9.9\r\nHost: h\r\n\r\n", 400],
      ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
      ["a Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", 400],
      ["a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n", 400],
      ["a Host with a user", "GET / HTTP/1.1\r\nHost: u@h\r\nConnection: close\r\n\r\n", 400],
      ["a target that is no URL", "GET http://[ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 400],
      ["a length that is no number", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", 400],
      ["two lengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400],
      [
        "a length and chunks",
        "POST /text HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
      ],
      [
        "a chunk without a size",
        "POST /text HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        400,
      ],
      ["a header with a line break", "GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n", 400],
      ["a huge header", `GET / HTTP/1.1\r\nHost: h\r\nA: ${"a".repeat(200_000)}\r\n\r\n`, 431],
      ["a huge target", `GET /${"a".repeat(200_000)} HTTP/1.1\r\nHost: h\r\n\r\n`, 431],
    ])("%s", async (_, text, status) => {
      expect(statusOf(await exchange(server.port, text))).toBe(status);
      await serves();
    });

    test("a client that says nothing and goes", async () => {
      const connection = await RawConnection.open(server.port);
      connection.socket.destroy();
      await serves();
    });
  });

  describe("the URL", () => {
    test("comes from Host and target", async () => {
      expect(await get("/about?a=%20b#c")).toContain(`"url":"http://h/about?a=%20b`);
    });
    test("comes from an absolute target", async () => {
      expect(await get("http://example.com:81/about")).toContain(`"url":"http://example.com:81/about"`);
    });
    test("is never rewritten", async () => {
      expect(await get("/about//..%2f/?x=http://h/&&=")).toContain(`404`);
      expect(await get("/about?x=http://h/&&=")).toContain(`"url":"http://h/about?x=http://h/&&="`);
    });
    test("of OPTIONS * reaches the worker", async () => {
      const text = "OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
      expect(statusOf(await exchange(server.port, text))).toBe(404);
    });
  });

  describe("bodies of requests", () => {
    test("in chunks, with extensions and trailers", async () => {
      const head =
        "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
      const response = await exchange(
        server.port,
        `${head}3;a=b\r\nabc\r\n5\r\ndefgh\r\n0\r\nTrailer: x\r\n\r\n`,
      );
      expect(statusOf(response)).toBe(200);
      expect(response.replace(/\r\n[0-9a-f]+\r\n/g, "")).toContain("abc");
      expect(response).toContain("defgh");
    });

    test("that come byte by byte", async () => {
      const connection = await RawConnection.open(server.port);
      connection.socket.setNoDelay(true);
      for (const char of "POST /text HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nConnection: close\r\n\r\nslow")
        connection.send(char);
      expect(await connection.rest()).toMatch(/\r\n\r\nslow$/);
    });

    test("that wait for 100 Continue", async () => {
      const connection = await RawConnection.open(server.port);
      connection.send(
        "POST /text HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n",
      );
      expect(await connection.received(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 100 Continue\r\n/);
      connection.send("more");
      expect(await connection.rest()).toMatch(/HTTP\/1\.1 200 OK[\s\S]*more$/);
    });

    test.each([100, 50_000, 3_000_000])(
      "of %i bytes, left unread, leave the connection usable",
      async size => {
        const connection = await RawConnection.open(server.port);
        connection.send(`POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`);
        connection.send("x".repeat(size));
        expect(await connection.received(/not read/)).toContain("200 OK");
        connection.send("GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        const rest = await connection.rest();
        expect(rest).toMatch(/hello$/);
      },
    );

    test("that break off fail in the worker, and nowhere else", async () => {
      const before = (await seen())["uploadFailed"] ?? 0;
      const short = await RawConnection.open(server.port);
      short.send("POST /text HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\npart");
      short.socket.end();
      const gone = await RawConnection.open(server.port);
      gone.send("POST /text HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n");
      await serves();
      gone.socket.destroy();
      await eventually(async () => ((await seen())["uploadFailed"] ?? 0) >= before + 2);
    });
  });

  describe("responses", () => {
    test("to pipelined requests come in order", async () => {
      const one = (path: string, close = "") => `GET ${path} HTTP/1.1\r\nHost: h\r\n${close}\r\n`;
      const text =
        one("/gzip-stream") + one("/about?1") + one("/hello") + one("/about?2", "Connection: close\r\n");
      const response = await exchange(server.port, text);
      const order = [...response.matchAll(/about\?1|about\?2|hello/g)].map(([match]) => match);
      expect(order).toEqual(["about?1", "hello", "about?2"]);
    });

    test("to HEAD have the head alone", async () => {
      const response = await exchange(
        server.port,
        "HEAD /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
      );
      expect(response).toMatch(/content-length: 5\r\n/i);
      expect(response).toMatch(/\r\n\r\n$/);
    });

    test.each([204, 304])("with the status %i have no body", async status => {
      const response = await get(`/${status}`);
      expect(statusOf(response)).toBe(status);
      expect(response).toMatch(/\r\n\r\n$/);
      expect(response).not.toMatch(/content-length|transfer-encoding/i);
    });

    test("of known length say so, of unknown length come in chunks", async () => {
      expect(await get("/hello")).toMatch(/content-length: 5\r\n/i);
      expect(await get("/fixed")).toMatch(/content-length: 5\r\n[\s\S]*\r\n\r\nfixed$/i);
      const chunked =
        "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
      expect(await exchange(server.port, chunked)).toMatch(/transfer-encoding: chunked/i);
    });

    test.each(["/inject", "/inject-status"])("cannot carry lines into the head: %s", async path => {
      const response = await get(path);
      expect(statusOf(response)).toBe(500);
      expect(response).not.toMatch(/^Injected/m);
    });

    test("keep each Set-Cookie on a line of its own, and lose none of the others", async () => {
      const response = await get("/cookies");
      expect(response.match(/^set-cookie: .*$/gim)).toEqual(
        ["Set-Cookie: a=1; Path=/", "Set-Cookie: b=2"].map(line =>
          expect.stringMatching(new RegExp(`^${line.replace("/", "\\/")}\\r?$`, "i")),
        ),
      );
      expect(response).toMatch(/x-one: 1(?:, |\r\n(?:.*\r\n)*?x-one: )2\r\n/i);
    });

    test("carry header bytes as they are", async () => {
      expect(await get("/latin")).toMatch(/x-latin: (?:caf\xe9|caf\xc3\xa9)\r\n/i);
      expect(await get("/headers", "X-Bytes: caf\xe9\r\n")).toContain("caf");
    });
  });

  describe("content encodings", () => {
    /** The bytes as they came, with nothing decoded. */
    const bytesOf = (path: string, body?: Buffer, headers: Record<string, string> = {}) =>
      new Promise<{ encoding: string | undefined; bytes: Buffer }>((resolve, reject) => {
        const request = httpRequest(
          `${server.url}${path}`,
          { method: body ? "POST" : "GET", headers },
          response => {
            const chunks: Buffer[] = [];
            response.on("data", chunk => chunks.push(chunk));
            response.on("error", reject);
            response.on("end", () =>
              resolve({ encoding: response.headers["content-encoding"], bytes: Buffer.concat(chunks) }),
            );
          },
        );
        request.on("error", reject).end(body);
      });
    const text = "text ".repeat(1000);

    test.each(["/gzip", "/gzip-stream"])("gzip is applied: %s", async path => {
      const { encoding, bytes } = await bytesOf(path);
      expect(encoding).toBe("gzip");
      expect(gunzipSync(bytes).toString()).toBe(text);
    });
    test("br is applied", async () => {
      const { encoding, bytes } = await bytesOf("/br");
      expect(encoding).toBe("br");
      expect(brotliDecompressSync(bytes).toString()).toBe(text);
    });
    test.each([
      ["gzip", gzipSync(text)],
      ["br", brotliCompressSync(text)],
    ])("%s that the worker applied itself passes", async (encoding, body) => {
      const response = await bytesOf("/manual", body, { "x-encoding": encoding });
      expect(response.encoding).toBe(encoding);
      expect(response.bytes.equals(body)).toBe(true);
    });
  });

  describe("clients that go away", () => {
    test("abort request.signal", async () => {
      const before = (await seen())["aborted"] ?? 0;
      const connection = await RawConnection.open(server.port);
      connection.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
      await serves();
      connection.socket.destroy();
      await eventually(async () => ((await seen())["aborted"] ?? 0) === before + 1);
    });

    test("hold an endless stream back, and end it", async () => {
      const before = await seen();
      const connection = await RawConnection.open(server.port);
      connection.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n");
      await connection.received(/\r\n\r\n/);
      connection.socket.pause();
      let last = -1;
      await eventually(async () => {
        const { pulled = 0 } = await seen();
        const still = pulled === last;
        last = pulled;
        return still;
      });
      expect(last - (before["pulled"] ?? 0)).toBeLessThan(32 * 1024 * 1024);
      connection.socket.destroy();
      await eventually(async () => ((await seen())["cancelled"] ?? 0) === (before["cancelled"] ?? 0) + 1);
    });

    test("a hundred at once change nothing for the others", async () => {
      await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const connection = await RawConnection.open(server.port);
          connection.send(
            `POST ${index % 2 ? "/endless" : "/echo"} HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nx`,
          );
          connection.socket.destroy();
        }),
      );
      await serves();
    });
  });
});
