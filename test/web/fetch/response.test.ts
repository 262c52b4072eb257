import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

type BodyInit = ConstructorParameters<typeof Response>[0];

eachEngine("Response", run => {
  test("what a plain one looks like", async () => {
    const result = await run(() => {
      const response = new Response("x", { status: 418, headers: { a: "b" } });
      const record = response as unknown as Record<string, unknown>;
      return [
        response.status,
        response.statusText,
        response.ok,
        response.type,
        response.url,
        response.redirected,
        record["webSocket"],
        record["cf"] === undefined,
        [...response.headers],
        String(response),
      ];
    });
    expect(result).toEqual([
      418,
      "",
      false,
      "default",
      "",
      false,
      null,
      true,
      [
        ["a", "b"],
        ["content-type", "text/plain;charset=UTF-8"],
      ],
      "[object Response]",
    ]);
  });

  test("refuses bad statuses, texts, options and bodies", async () => {
    const result = await run(() => {
      const attempt = (body: unknown, init: unknown) => {
        try {
          const { status, statusText } = new Response(body as BodyInit, init as ResponseInit);
          return [status, statusText];
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        attempt(null, { status: 199 }),
        attempt(null, { status: 600 }),
        attempt(null, { status: 101 }),
        attempt(null, { status: "204.9" }),
        attempt(null, { status: 65736 }),
        attempt(null, { statusText: "a\r\nb" }),
        attempt(null, { statusText: "Fine" }),
        attempt(null, { status: 299 }),
        attempt(null, { encodeBody: "gzip" }),
        attempt(null, { encodeBody: "manual" }),
        attempt(null, { webSocket: {} }),
        attempt(null, { cf: 5 }),
        attempt(null, 5),
        attempt(null, null),
        attempt("x", { status: 204 }),
        attempt("", { status: 204 }),
        attempt(new Uint8Array(), { status: 304 }),
        attempt(new ReadableStream(), { status: 205 }),
        attempt(null, { headers: { "a b": "c" } }),
      ];
    });
    expect(result).toEqual([
      "RangeError",
      "RangeError",
      "RangeError",
      [204, ""],
      "RangeError",
      "TypeError",
      [200, "Fine"],
      [299, ""],
      "TypeError",
      [200, ""],
      "TypeError",
      "TypeError",
      "TypeError",
      [200, ""],
      "TypeError",
      [204, ""],
      [304, ""],
      "TypeError",
      "TypeError",
    ]);
  });

  test("json, redirect, error", async () => {
    const result = await run(async () => {
      const json = Response.json({ a: [1] }, { status: 201 });
      const typed = Response.json(1, { headers: { "content-type": "x/y" } });
      const redirect = Response.redirect("http://h/é", 308);
      const attempt = (action: () => unknown) => {
        try {
          action();
          return "no error";
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      };
      const error = Response.error();
      return {
        json: [json.status, json.headers.get("content-type"), await json.text()],
        typed: typed.headers.get("content-type"),
        redirect: [redirect.status, redirect.headers.get("location")],
        error: [error.type, error.status, error.statusText, error.body],
        undefinedJson: await Response.json(undefined).text(),
        circular: attempt(() => {
          const circular: unknown[] = [];
          circular.push(circular);
          Response.json(circular);
        }).split(":")[0],
        badStatus: attempt(() => Response.redirect("http://h/", 200 as never)),
        relative: attempt(() => Response.redirect("/x")),
        immutable: attempt(() => redirect.headers.set("a", "b")),
        lengths: [Response.length, Response.json.length, Response.redirect.length, Response.error.length],
      };
    });
    expect(result).toEqual({
      json: [201, "application/json", '{"a":[1]}'],
      typed: "x/y",
      redirect: [308, "http://h/%C3%A9"],
      error: ["error", 0, "", null],
      undefinedJson: "undefined",
      circular: "TypeError",
      badStatus:
        "RangeError: 200 is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.",
      relative: "TypeError: Unable to parse URL: /x",
      immutable: "TypeError: Can't modify immutable headers.",
      lengths: [0, 1, 1, 0],
    });
  });

  test("another Response as the options", async () => {
    const result = await run(async () => {
      const first = new Response("old", {
        status: 299,
        statusText: "Odd",
        headers: { a: "b" },
        cf: { x: 1 },
      } as never);
      const second = new Response("new", first);
      second.headers.set("a", "c");
      const cf = (second as unknown as { cf: object }).cf;
      return [
        second.status,
        second.statusText,
        second.headers.get("a"),
        first.headers.get("a"),
        await second.text(),
        cf,
      ];
    });
    expect(result).toEqual([299, "Odd", "c", "b", "new", { x: 1 }]);
  });

  test("clone keeps everything", async () => {
    const result = await run(async () => {
      const response = new Response("x", { status: 404, statusText: "Gone fishing", headers: { a: "b" } });
      const clone = response.clone();
      clone.headers.set("a", "c");
      return [
        clone.status,
        clone.statusText,
        response.headers.get("a"),
        clone.headers.get("a"),
        await clone.text(),
      ];
    });
    expect(result).toEqual([404, "Gone fishing", "b", "c", "x"]);
  });

  test("can be subclassed", async () => {
    const result = await run(async () => {
      class Mine extends Response {
        get shout() {
          return this.text().then(text => text.toUpperCase());
        }
      }
      return new Mine("quiet").shout;
    });
    expect(result).toBe("QUIET");
  });
});
