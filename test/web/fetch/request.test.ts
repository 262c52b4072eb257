import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

eachEngine("Request", run => {
  test("what a plain one looks like", async () => {
    const result = await run(() => {
      const request = new Request("HTTP://Host:80/a b#f");
      const record = request as unknown as Record<string, unknown>;
      const { signal } = request;
      return {
        url: request.url,
        method: request.method,
        redirect: request.redirect,
        integrity: request.integrity,
        keepalive: request.keepalive,
        cache: record["cache"] ?? "none",
        fetcher: record["fetcher"],
        cf: record["cf"] ?? "none",
        body: request.body,
        signal: [signal instanceof AbortSignal, signal.aborted, signal === request.signal],
        absent: ["mode", "credentials", "referrer", "destination"].filter(name => name in request),
        tag: String(request),
        lengths: [Request.length, Request.prototype.clone.length],
      };
    });
    expect(result).toEqual({
      url: "http://host/a%20b#f",
      method: "GET",
      redirect: "follow",
      integrity: "",
      keepalive: false,
      cache: "none",
      fetcher: null,
      cf: "none",
      body: null,
      signal: [true, false, true],
      absent: [],
      tag: "[object Request]",
      lengths: [1, 0],
    });
  });

  test("methods", async () => {
    const result = await run(() =>
      ["get", "Patch", "pUrGe", "M-Search", "QUERY", "CONNECT", "FOO", "", "GET ", "po\u017ft"].map(
        method => {
          try {
            return new Request("http://h/", { method }).method;
          } catch (error) {
            return `${(error as Error).name}: ${(error as Error).message}`;
          }
        },
      ),
    );
    expect(result).toEqual([
      "GET",
      "PATCH",
      "PURGE",
      "M-SEARCH",
      "QUERY",
      "TypeError: Invalid HTTP method string: CONNECT",
      "TypeError: Invalid HTTP method string: FOO",
      "TypeError: Invalid HTTP method string: ",
      "TypeError: Invalid HTTP method string: GET ",
      "TypeError: Invalid HTTP method string: po\u017ft",
    ]);
  });

  test("refuses bad URLs and options", async () => {
    const result = await run(() => {
      const attempt = (input: unknown, init?: unknown) => {
        try {
          new Request(input as string, init as RequestInit);
          return "no error";
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`.slice(0, 60);
        }
      };
      return [
        attempt("/relative"),
        attempt(""),
        attempt("http://"),
        attempt("http://h/", { redirect: "error" }),
        attempt("http://h/", { redirect: "FOLLOW" }),
        attempt("http://h/", { cache: "force-cache" }),
        attempt("http://h/", { cache: "no-store" }),
        attempt("http://h/", { integrity: "sha256-x" }),
        attempt("http://h/", { integrity: "" }),
        attempt("http://h/", { signal: {} }),
        attempt("http://h/", { signal: null }),
        attempt("http://h/", { encodeResponseBody: "x" }),
        attempt("http://h/", { body: "x" }),
        attempt("http://h/", { body: "x", method: "head" }),
        attempt("http://h/", { body: null }),
        attempt("http://h/", { mode: "nonsense", credentials: 5, duplex: "half" }),
        attempt("http://h/", { fetcher: 5 }),
        attempt("http://h/", 5),
        attempt("http://h/", null),
      ];
    });
    expect(result).toEqual([
      "TypeError: Invalid URL: /relative",
      "TypeError: Invalid URL: ",
      "TypeError: Invalid URL: http://",
      'TypeError: Invalid redirect value, must be one of "follow" or "manual" ("error"'.slice(0, 60),
      "no error",
      "TypeError: Unsupported cache mode: force-cache",
      "no error",
      "TypeError: Subrequest integrity checking is not implemented. The".slice(0, 60),
      "no error",
      "TypeError: Incorrect type for the 'signal' field on 'RequestI".slice(0, 60),
      "no error",
      "TypeError: encodeResponseBody: unexpected value: x",
      "TypeError: Request with a GET or HEAD method cannot have a body.".slice(0, 60),
      "TypeError: Request with a GET or HEAD method cannot have a body.".slice(0, 60),
      "no error",
      "no error",
      "TypeError: Incorrect type for the 'fetcher' field on 'Request".slice(0, 60),
      expect.stringMatching(/^TypeError/),
      "no error",
    ]);
  });

  test("a Request from a Request takes its body along", async () => {
    const result = await run(async () => {
      const first = new Request("http://h/", {
        method: "POST",
        body: "content",
        headers: { a: "1" },
        cf: { x: [1] },
      } as never);
      const second = new Request(first, { headers: { b: "2" } });
      const attempt = () => {
        try {
          new Request(first);
          return "no error";
        } catch (error) {
          return String(error);
        }
      };
      return [
        first.bodyUsed,
        attempt(),
        second.method,
        [...second.headers],
        await second.text(),
        (second as unknown as { cf: object }).cf,
      ];
    });
    expect(result).toEqual([
      true,
      "TypeError: Cannot reconstruct a Request with a used body.",
      "POST",
      [["b", "2"]],
      "content",
      { x: [1] },
    ]);
  });

  test("a new body leaves the old one alone, even a used one", async () => {
    const result = await run(async () => {
      const first = new Request("http://h/", { method: "POST", body: "old" });
      const second = new Request(first, { body: "new" });
      const untouched = first.bodyUsed;
      await first.text();
      const third = new Request(first, { body: "newer" });
      return [untouched, await second.text(), await third.text()];
    });
    expect(result).toEqual([false, "new", "newer"]);
  });

  test("a failed construction does not use up the body", async () => {
    const result = await run(async () => {
      const first = new Request("http://h/", { method: "POST", body: "old" });
      let error = "no error";
      try {
        new Request(first, { method: "GET" });
      } catch (thrown) {
        error = (thrown as Error).message;
      }
      return [error, first.bodyUsed];
    });
    expect(result).toEqual(["Request with a GET or HEAD method cannot have a body.", false]);
  });

  test("a body whose stream was seen moves on, and leaves that stream locked", async () => {
    const result = await run(async () => {
      const first = new Request("http://h/", { method: "POST", body: "seen" });
      const stream = first.body as ReadableStream;
      const second = new Request(first);
      return [stream.locked, first.bodyUsed, second.body === stream, await second.text()];
    });
    expect(result).toEqual([true, true, false, "seen"]);
  });

  test("another Request as the options gives all but the URL", async () => {
    const result = await run(async () => {
      const options = new Request("http://other/", {
        method: "PUT",
        body: "b",
        headers: { a: "1" },
        redirect: "manual",
      });
      const request = new Request("http://h/", options as unknown as RequestInit);
      return [request.url, request.method, request.redirect, request.headers.get("a"), await request.text()];
    });
    expect(result).toEqual(["http://h/", "PUT", "manual", "1", "b"]);
  });

  test("signals: given, inherited, dropped", async () => {
    const result = await run(() => {
      const controller = new AbortController();
      const first = new Request("http://h/", { signal: controller.signal });
      const second = new Request(first);
      const third = new Request(first, { signal: null });
      const fourth = first.clone();
      controller.abort(new Error("why"));
      return [first, second, third, fourth].map(request => [
        request.signal.aborted,
        String(request.signal.reason),
      ]);
    });
    expect(result).toEqual([
      [true, "Error: why"],
      [true, "Error: why"],
      [false, "undefined"],
      [true, "Error: why"],
    ]);
  });

  test("options are read in the order of their names", async () => {
    const result = await run(() => {
      const order: string[] = [];
      const init = new Proxy(
        {},
        {
          get(_target, key) {
            order.push(String(key));
            return undefined;
          },
        },
      );
      new Request("http://h/", init);
      return order;
    });
    expect(result).toEqual([...result].sort());
    expect(result).toContain("method");
  });

  test("clone of a POST can be read twice", async () => {
    const result = await run(async () => {
      const request = new Request("http://h/", { method: "POST", body: "x", headers: { a: "1" } });
      const clone = request.clone();
      clone.headers.set("a", "2");
      return [await request.text(), await clone.text(), request.headers.get("a"), clone.method, clone.url];
    });
    expect(result).toEqual(["x", "x", "1", "POST", "http://h/"]);
  });
});
