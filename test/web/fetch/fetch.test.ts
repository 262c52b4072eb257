import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { startOrigin, startRawOrigin } from "../../helpers/origin.ts";

eachEngine("fetch", run => {
  test("sends what it was given, and nothing else", async () => {
    const origin = await startOrigin((_request, response) => {
      response.writeHead(201, "Made", [
        "X-A",
        "1",
        "x-a",
        "2",
        "Set-Cookie",
        "a=1",
        "Set-Cookie",
        "b=2",
        "X-Utf",
        "é",
      ]);
      response.end("answer");
    });
    const result = await run(async url => {
      const response = await fetch(`${url}/path?q=1#fragment`, {
        method: "POST",
        headers: { "X-Own": "naïve", Host: "elsewhere", Connection: "close", "Content-Length": "99" },
        body: "böd",
      });
      return [
        response.status,
        response.statusText,
        response.url === `${url}/path?q=1`,
        response.redirected,
        response.headers.get("x-a"),
        response.headers.getSetCookie(),
        await response.text(),
      ];
    }, origin.url);
    expect(result).toEqual([201, "Made", true, false, "1, 2", ["a=1", "b=2"], "answer"]);
    const [request] = origin.requests;
    expect(request).toMatchObject({ method: "POST", path: "/path?q=1", body: "böd" });
    const headers = request?.headers as string[];
    const names = headers.filter((_, index) => index % 2 === 0).map(name => name.toLowerCase());
    expect(names.sort()).toEqual(["connection", "content-length", "content-type", "host", "x-own"]);
    expect(headers[headers.indexOf("X-Own") + 1]).toBe(Buffer.from("naïve").toString("latin1"));
    expect(headers).toContain(origin.url.slice("http://".length));
  });

  test("a response's headers are immutable", async () => {
    const origin = await startOrigin((_request, response) => response.end("x"));
    const result = await run(async url => {
      const response = await fetch(url);
      try {
        response.headers.set("a", "b");
        return "no error";
      } catch (error) {
        const copy = new Response(response.body, response);
        copy.headers.set("a", "b");
        return [(error as Error).message, copy.headers.get("a"), await copy.text()];
      }
    }, origin.url);
    expect(result).toEqual(["Can't modify immutable headers.", "b", "x"]);
  });

  test("HEAD and null-body statuses have no body", async () => {
    const origin = await startOrigin((request, response) => {
      response.statusCode = Number(request.url?.slice(1)) || 200;
      response.end("x");
    });
    const result = await run(async url => {
      const responses = [
        await fetch(url, { method: "HEAD" }),
        await fetch(`${url}/204`),
        await fetch(`${url}/304`),
        await fetch(`${url}/404`),
      ];
      return responses.map(response => [response.status, response.body === null]);
    }, origin.url);
    expect(result).toEqual([
      [200, true],
      [204, true],
      [304, true],
      [404, false],
    ]);
  });

  test("streams both ways", async () => {
    const url = await startRawOrigin((request, response) => {
      response.writeHead(200);
      request.on("data", chunk => response.write(String(chunk).toUpperCase()));
      request.on("end", () => response.end("."));
    });
    const result = await run(async address => {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      const encoder = new TextEncoder();
      const first = writer.write(encoder.encode("one"));
      const response = await fetch(address, { method: "POST", body: readable, duplex: "half" } as never);
      await first;
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const decoder = new TextDecoder();
      const heard = [decoder.decode((await reader.read()).value)];
      const second = writer.write(encoder.encode("two"));
      heard.push(decoder.decode((await reader.read()).value));
      await second;
      await writer.close();
      heard.push(decoder.decode((await reader.read()).value));
      return [heard, (await reader.read()).done];
    }, url);
    expect(result).toEqual([["ONE", "TWO", "."], true]);
  });

  test("a large body arrives whole, in both directions", async () => {
    const origin = await startOrigin((_request, response, body) => response.end(body));
    const result = await run(async url => {
      const bytes = new Uint8Array(3_000_000);
      for (let index = 0; index < bytes.length; index += 1000) bytes[index] = index / 1000;
      const echoed = await (await fetch(url, { method: "POST", body: bytes })).bytes();
      return [echoed.length, echoed[2_999_000] === bytes[2_999_000], echoed[1000]];
    }, origin.url);
    expect(result).toEqual([3_000_000, true, 1]);
  });

  const codings: [title: string, coding: string, encode: (text: string) => Buffer][] = [
    ["gzip", "gzip", gzipSync],
    ["br", "br", brotliCompressSync],
    ["deflate with zlib's header", "deflate", deflateSync],
    ["deflate without", "deflate", deflateRawSync],
    ["zstd", "zstd", zstdCompressSync],
    ["one coding in the other", "gzip, br", text => brotliCompressSync(gzipSync(text))],
  ];
  for (const [title, coding, encode] of codings) {
    test(`decodes ${title}`, async () => {
      const origin = await startOrigin((_request, response) => {
        response.writeHead(200, { "content-encoding": coding });
        response.end(encode("compressed ".repeat(100)));
      });
      const result = await run(async url => {
        const plain = await fetch(url);
        const raw = await fetch(url, { encodeResponseBody: "manual" } as never);
        return [
          (await plain.text()).length,
          plain.headers.get("content-encoding"),
          (await raw.bytes()).length < 200,
        ];
      }, origin.url);
      // As on workerd, gzip and br stay in the headers: the response is encoded again for the client.
      expect(result).toEqual([1100, coding === "gzip" || coding === "br" ? coding : null, true]);
    });
  }

  test("codings that stand on two lines are one list", async () => {
    const origin = await startOrigin((_request, response) => {
      response.setHeader("content-encoding", ["gzip", "br"]);
      response.end(brotliCompressSync(gzipSync("compressed ".repeat(100))));
    });
    const result = await run(async url => {
      const response = await fetch(url);
      return [(await response.text()).length, response.headers.get("content-encoding")];
    }, origin.url);
    expect(result).toEqual([1100, null]);
  });

  test("a damaged encoding is an error, an unknown one is left alone", async () => {
    const origin = await startOrigin((request, response) => {
      response.writeHead(200, { "content-encoding": request.url?.slice(1) });
      response.end("not encoded at all");
    });
    const result = await run(async url => {
      const damaged = await fetch(`${url}/gzip`);
      const unknown = await fetch(`${url}/mystery`);
      return [await damaged.text().catch((error: Error) => error.message), await unknown.text()];
    }, origin.url);
    expect(result).toEqual(["Network connection lost.", "not encoded at all"]);
  });

  test("what cannot be reached, and what cannot be loaded, are errors", async () => {
    const url = await startRawOrigin(request => request.socket.destroy());
    const result = await run(async broken => {
      const attempt = async (address: string) => {
        try {
          await fetch(address);
          return "no error";
        } catch (error) {
          return [(error as Error).name, (error as Error).message, Object.keys(error as Error).join()];
        }
      };
      return [
        await attempt(broken),
        await attempt("ftp://h/"),
        await attempt("/relative"),
        await attempt("data:nonsense"),
        await attempt("blob:http://h/x"),
      ];
    }, url);
    expect(result).toEqual([
      ["Error", "Network connection lost.", "retryable"],
      ["TypeError", "Fetch API cannot load: ftp://h/", ""],
      ["TypeError", "Invalid URL: /relative", ""],
      ["TypeError", "Fetch API cannot load: data:nonsense", ""],
      ["TypeError", "Fetch API cannot load: blob:http://h/x", ""],
    ]);
  });

  test("a body that breaks off is an error", async () => {
    const url = await startRawOrigin((_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("only this");
      setImmediate(() => response.destroy());
    });
    const result = await run(async address => {
      const response = await fetch(address);
      return [
        response.status,
        await response.text().catch((error: Error) => `${error.name}: ${error.message}`),
      ];
    }, url);
    expect(result).toEqual([200, "Error: Network connection lost."]);
  });

  test("data: URLs", async () => {
    const result = await run(async () => {
      const load = async (url: string, method = "GET") => {
        try {
          const response = await fetch(url, { method });
          return [response.status, response.headers.get("content-type"), await response.text()];
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        await load("data:,a%20b%zz#fragment"),
        await load("data:text/HTML;charset=x,<b>"),
        await load("data:;base64,aGk="),
        await load("data:text/plain; base64,aGk"),
        await load("data:;charset=utf-8,%C3%A9"),
        await load("data:nonsense,x"),
        await load("data:;base64,!!!"),
        await load("data:,x", "HEAD"),
      ];
    });
    expect(result).toEqual([
      [200, "text/plain;charset=US-ASCII", "a b%zz"],
      [200, "text/html;charset=x", "<b>"],
      [200, "text/plain;charset=US-ASCII", "hi"],
      [200, "text/plain", "hi"],
      [200, "text/plain;charset=utf-8", "é"],
      [200, "text/plain;charset=US-ASCII", "x"],
      "TypeError",
      [200, "text/plain;charset=US-ASCII", ""],
    ]);
  });

  test("no-store asks caches on the way", async () => {
    const origin = await startOrigin((request, response) => {
      response.end(`${request.headers["cache-control"]} ${request.headers["pragma"]}`);
    });
    const result = await run(async url => (await fetch(url, { cache: "no-store" })).text(), origin.url);
    expect(result).toBe("no-cache no-cache");
  });

  test("a Request's body is used up by fetch", async () => {
    const origin = await startOrigin((_request, response, body) => response.end(body));
    const result = await run(async url => {
      const request = new Request(url, { method: "PUT", body: "once" });
      const text = await (await fetch(request)).text();
      const again = await fetch(request).catch((error: Error) => error.message);
      return [text, request.bodyUsed, again];
    }, origin.url);
    expect(result).toEqual(["once", true, "Cannot reconstruct a Request with a used body."]);
  });

  test("a fetcher does the fetching", async () => {
    const result = await run(async () => {
      const fetcher = { fetch: async (request: Request) => new Response(`by hand: ${request.url}`) };
      return (await fetch("http://h/x", { fetcher } as never)).text();
    });
    expect(result).toBe("by hand: http://h/x");
  });
});
