import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";

type BodyInit = ConstructorParameters<typeof Response>[0];

const USED =
  "TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.";

eachEngine("Body", (run, { load }) => {
  test("each kind of body has its content and its type", async () => {
    const result = await run(async () => {
      async function* chunks() {
        yield new TextEncoder().encode("chunk1 ");
        yield new TextEncoder().encode("chunk2");
      }
      const stream = () =>
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode("streamed"));
            controller.close();
          },
        });
      const bodies: unknown[] = [
        null,
        undefined,
        "text\ud800",
        "",
        5,
        new Uint8Array([104, 105]),
        new Uint8Array([104, 105]).buffer,
        new DataView(new Uint8Array([120, 104, 105]).buffer, 1),
        new Blob(["blob"], { type: "a/b" }),
        new Blob(["blob"]),
        new URLSearchParams({ q: "a b" }),
        stream(),
        chunks(),
        [new Uint8Array([97]), new Uint8Array([98])],
        { toString: () => "own" },
      ];
      return Promise.all(
        bodies.map(async body => {
          const response = new Response(body as BodyInit);
          return [await response.text(), response.headers.get("content-type")];
        }),
      );
    });
    expect(result).toEqual([
      ["", null],
      ["", null],
      ["text\ufffd", "text/plain;charset=UTF-8"],
      ["", "text/plain;charset=UTF-8"],
      ["5", "text/plain;charset=UTF-8"],
      ["hi", null],
      ["hi", null],
      ["hi", null],
      ["blob", "a/b"],
      ["blob", null],
      ["q=a+b", "application/x-www-form-urlencoded;charset=UTF-8"],
      ["streamed", null],
      ["chunk1 chunk2", null],
      ["ab", null],
      ["own", "text/plain;charset=UTF-8"],
    ]);
  });

  test("arrays were text before 2026-02-19", async () => {
    const texts = async (compatibilityDate: string) => {
      const worker = await load({
        compatibilityDate,
        script: `export const run = () => new Response(["a", 1]).text().catch(String); export default {};`,
      });
      return worker.invoke("run");
    };
    expect(await texts("2026-02-18")).toBe("a,1");
    expect(await texts("2026-02-19")).toBe("TypeError: This ReadableStream did not return bytes.");
  });

  test("every reader, on every kind", async () => {
    const result = await run(async () => {
      const kinds: (() => BodyInit)[] = [
        () => '{"a":"é"}',
        () => new TextEncoder().encode('{"a":"é"}'),
        () => new Blob(['{"a":', '"é"}']),
        () => new Response('{"a":"é"}').body as ReadableStream,
      ];
      return Promise.all(
        kinds.map(async make => {
          const blob = await new Response(make(), {
            headers: { "content-type": "Text/X; Charset=A" },
          }).blob();
          return [
            await new Response(make()).text(),
            await new Response(make()).json(),
            (await new Response(make()).arrayBuffer()).byteLength,
            (await new Response(make()).bytes()).length,
            [blob.size, blob.type],
          ];
        }),
      );
    });
    for (const row of result)
      expect(row).toEqual(['{"a":"é"}', { a: "é" }, 10, 10, [10, "text/x;charset=A"]]);
  });

  test("the charset keeps its case in the type of blob()", async () => {
    expect(
      await run(
        async () =>
          (await new Response("x", { headers: { "content-type": "text/x;charset=ABC" } }).blob()).type,
      ),
    ).toBe("text/x;charset=ABC");
  });

  test("can be used once", async () => {
    const result = await run(async () => {
      const attempt = async (action: () => Promise<unknown>) => {
        try {
          return await action();
        } catch (error) {
          return String(error);
        }
      };
      const response = new Response("once");
      const first = await response.text();
      return [
        first,
        response.bodyUsed,
        await attempt(() => response.text()),
        await attempt(() => response.json()),
        await attempt(() => response.arrayBuffer()),
        await attempt(() => response.bytes()),
        await attempt(() => response.blob()),
        await attempt(() => response.formData()),
        await attempt(async () => response.clone()),
        response.body?.locked,
      ];
    });
    expect(result).toEqual(["once", true, USED, USED, USED, USED, USED, USED, USED, true]);
  });

  test("no body can be read for ever", async () => {
    const result = await run(async () => {
      const response = new Response(null);
      return [await response.text(), await response.text(), response.bodyUsed, response.body];
    });
    expect(result).toEqual(["", "", false, null]);
  });

  test("body is one stream, and reading it uses the body", async () => {
    const result = await run(async () => {
      const response = new Response("abc");
      const stream = response.body as ReadableStream;
      const same = stream === response.body;
      const reader = stream.getReader();
      const locked = await response.text().catch((error: Error) => String(error));
      const unused = response.bodyUsed;
      const { value } = await reader.read();
      return [same, unused, locked, response.bodyUsed, [...(value as Uint8Array)]];
    });
    expect(result).toEqual([
      true,
      false,
      "TypeError: This ReadableStream is currently locked to a reader.",
      true,
      [97, 98, 99],
    ]);
  });

  test("a body that was read leaves its stream locked, read and at its end", async () => {
    const result = await run(async () => {
      const response = new Response("abc");
      const stream = response.body as ReadableStream;
      const clone = response.clone();
      const text = await response.text();
      return [text, stream === response.body, stream.locked, response.bodyUsed, await clone.text()];
    });
    expect(result).toEqual(["abc", true, true, true, "abc"]);
  });

  test("a locked or disturbed stream is no body", async () => {
    const result = await run(async () => {
      const attempt = (stream: ReadableStream) => {
        try {
          new Response(stream);
          return "no error";
        } catch (error) {
          return String(error);
        }
      };
      const locked = new ReadableStream();
      locked.getReader();
      const disturbed = new Response("x").body as ReadableStream;
      await disturbed.cancel();
      return [attempt(locked), attempt(disturbed)];
    });
    expect(result[0]).toBe(
      "TypeError: This ReadableStream is locked to a reader, and cannot be used as a body.",
    );
    expect(result[1]).toMatch(/^TypeError: This ReadableStream is disturbed/);
  });

  test("clones share nothing that can be used up", async () => {
    const result = await run(async () => {
      const texts = async (body: BodyInit) => {
        const response = new Response(body);
        const first = response.clone();
        const second = response.clone();
        return Promise.all([first.text(), second.text(), response.text()]);
      };
      return [
        await texts("s"),
        await texts(new Uint8Array([98])),
        await texts(new Blob(["c"])),
        await texts(
          new ReadableStream({
            type: "bytes",
            start(controller) {
              controller.enqueue(new Uint8Array([100]));
              controller.close();
            },
          }),
        ),
      ];
    });
    expect(result).toEqual([
      ["s", "s", "s"],
      ["b", "b", "b"],
      ["c", "c", "c"],
      ["d", "d", "d"],
    ]);
  });

  test("bytes are copied in and out", async () => {
    const result = await run(async () => {
      const bytes = new Uint8Array([1, 2, 3]);
      const response = new Response(bytes);
      bytes.fill(0);
      const clone = response.clone();
      (await response.bytes()).fill(9);
      return [...(await clone.bytes())];
    });
    expect(result).toEqual([1, 2, 3]);
  });

  test("malformed content: JSON, UTF-8, byte order marks", async () => {
    const result = await run(async () => {
      const error = await new Response("{").json().catch((error: Error) => error.name);
      const empty = await new Response("").json().catch((error: Error) => error.name);
      return [
        error,
        empty,
        await new Response(new Uint8Array([0xff, 0x41])).text(),
        await new Response("\ufeffx").text(),
        await new Response("\ufeff1").json(),
        await new Response(new Uint8Array([0xef, 0xbb, 0xbf, 0x79])).text(),
      ];
    });
    expect(result).toEqual(["SyntaxError", "SyntaxError", "\ufffdA", "x", 1, "y"]);
  });

  test("a stream that fails fails its readers", async () => {
    const result = await run(async () => {
      const failing = new ReadableStream({
        pull() {
          throw new RangeError("broken");
        },
      });
      return new Response(failing).text().catch((error: Error) => String(error));
    });
    expect(result).toBe("RangeError: broken");
  });

  test("Body is a class that nobody constructs", async () => {
    const result = await run(async () => {
      const Body = (globalThis as unknown as { Body: new () => unknown }).Body;
      let error = "no error";
      try {
        new Body();
      } catch (thrown) {
        error = (thrown as Error).name;
      }
      const text = Object.getOwnPropertyDescriptor(Response.prototype, "text") ?? "inherited";
      const rejected = await Response.prototype.text
        .call({} as Response)
        .catch((thrown: Error) => thrown.name);
      return [error, text, rejected, Object.getPrototypeOf(Response) === Object.getPrototypeOf(Request)];
    });
    expect(result).toEqual(["TypeError", "inherited", "TypeError", true]);
  });
});
