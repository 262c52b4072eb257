/** HTMLRewriter as an interface, and as a stage between two streams. */
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { ILLEGAL_INVOCATION } from "../../helpers/illegal-invocation.ts";

eachEngine("HTMLRewriter", run => {
  test("the response keeps its status and headers; one without a body is handed back", async () => {
    const outcome = await run(() => {
      const headers = { "Content-Type": "text/plain", "X-A": "b" };
      const from = new Response("abc", { status: 201, statusText: "Made", headers });
      const to = new HTMLRewriter().transform(from);
      const empty = new Response(null, { status: 204 });
      return [
        [to.status, to.statusText, ...to.headers],
        [to !== from, from.bodyUsed, to.bodyUsed],
        new HTMLRewriter().transform(empty) === empty,
      ];
    });
    expect(outcome).toEqual([
      [201, "Made", ["content-type", "text/plain"], ["x-a", "b"]],
      [true, true, false],
      true,
    ]);
  });

  test("wrong arguments", async () => {
    const messages = await run(() => {
      const rewriter = new HTMLRewriter() as unknown as Record<string, (...args: unknown[]) => unknown>;
      const used = new Response("x");
      void used.text();
      const attempts = [
        () => rewriter["on"]?.(),
        () => rewriter["on"]?.("p"),
        () => rewriter["on"]?.("p", { element: 1 }),
        () => rewriter["onDocument"]?.(),
        () => rewriter["onDocument"]?.({ end: null }),
        () => rewriter["transform"]?.(),
        () => rewriter["transform"]?.(new Blob([]).stream()),
        () => rewriter["transform"]?.(used),
        () => Reflect.apply(rewriter["on"] as () => void, {}, ["p", {}]),
      ];
      return attempts.map(attempt => {
        try {
          attempt();
          return "accepted";
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      });
    });
    expect(messages).toEqual([
      "TypeError: Failed to execute 'on' on 'HTMLRewriter': parameter 1 is not of type 'string'.",
      "TypeError: Failed to execute 'on' on 'HTMLRewriter': parameter 2 is not of type 'ElementContentHandlers'.",
      "TypeError: Incorrect type for the 'element' field on 'ElementContentHandlers': the provided value is not of type 'function'.",
      "TypeError: Failed to execute 'onDocument' on 'HTMLRewriter': parameter 1 is not of type 'DocumentContentHandlers'.",
      "TypeError: Incorrect type for the 'end' field on 'DocumentContentHandlers': the provided value is not of type 'function'.",
      "TypeError: Failed to execute 'transform' on 'HTMLRewriter': parameter 1 is not of type 'Response'.",
      "TypeError: Failed to execute 'transform' on 'HTMLRewriter': parameter 1 is not of type 'Response'.",
      "TypeError: This ReadableStream is currently locked to a reader.",
      ILLEGAL_INVOCATION,
    ]);
  });

  test("tokens serve while their handler runs, and refuse what HTML cannot say", async () => {
    const outcome = await run(async () => {
      type Token = Record<string, unknown> &
        Record<"before" | "getAttribute" | "setAttribute", (...args: unknown[]) => unknown>;
      const said: string[] = [];
      const attempt = (action: () => unknown) => {
        try {
          said.push(`accepted ${String(action())}`);
        } catch (error) {
          said.push((error as Error).message);
        }
      };
      let kept: Token | undefined;
      let iterator: Iterable<unknown> | undefined;
      const rewriter = new HTMLRewriter()
        .on("p", {
          element(element: Token) {
            kept = element;
            iterator = element["attributes"] as Iterable<unknown>;
            for (const name of ["", "1", "a b", "a/"])
              attempt(() => Object.assign(element, { tagName: name }));
            for (const name of ["", "a=", "a>"]) attempt(() => element.setAttribute(name, ""));
            attempt(() => element.getAttribute("no such"));
            attempt(() => element.before());
            attempt(() => element.before("x", 1));
            attempt(() => Reflect.construct(element["constructor"] as never, []));
          },
          comments: (comment: Token) => {
            for (const text of ["-->", "--!>", ">", "->"]) attempt(() => Object.assign(comment, { text }));
            attempt(() => comment.before(new Response("x")));
          },
        })
        .on("br", {
          element: (br: Token) => attempt(() => (br["onEndTag"] as (f: unknown) => void)(() => {})),
        });
      const output = await rewriter.transform(new Response("<p a><!--x--><br></p>")).text();
      attempt(() => kept?.["tagName"]);
      attempt(() => kept?.before("x"));
      attempt(() => [...(iterator ?? [])]);
      return { output, said };
    });
    const invalid =
      "This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.";
    const closing = "Parser error: Comment text shouldn't contain a comment-closing sequence.";
    expect(outcome).toEqual({
      output: "<p a><!--x--><br></p>",
      said: [
        "Parser error: Tag name can't be empty.",
        "Parser error: The first character of the tag name should be an ASCII alphabetical character.",
        "Parser error: ` ` character is forbidden in the tag name",
        "Parser error: `/` character is forbidden in the tag name",
        "Parser error: Attribute name can't be empty.",
        "Parser error: `=` character is forbidden in the attribute name",
        "Parser error: `>` character is forbidden in the attribute name",
        "accepted null",
        "Failed to execute 'before' on 'Element': parameter 1 is not of type 'string or JsReadableStream or Response'.",
        "Failed to execute 'before' on 'Element': parameter 2 is not of type 'ContentOptions'.",
        "Illegal constructor",
        closing,
        closing,
        closing,
        closing,
        "Replacing content in HTML comments using a ReadableStream or Response object is not implemented. You must provide a string.",
        "Parser error: No end tag.",
        invalid,
        invalid,
        invalid,
      ],
    });
  });

  test("the members of tokens are those of interfaces", async () => {
    const outcome = await run(async () => {
      const shapes: unknown[] = [];
      const shape = (token: object) => {
        const members = [];
        for (const name in token) members.push(name);
        shapes.push([Object.prototype.toString.call(token), ...members.sort()]);
      };
      await new HTMLRewriter()
        .onDocument({
          doctype: shape,
          comments: shape,
          text: (text: { lastInTextNode: boolean }) => text.lastInTextNode && shape(text),
          end: shape,
        })
        .on("p", {
          element(element: { onEndTag(f: unknown): void; attributes: object }) {
            shape(element);
            shape(element.attributes);
            element.onEndTag(shape);
          },
        })
        .transform(new Response("<!doctype html><p a=1>x</p><!--y-->"))
        .text();
      return [shapes, typeof (globalThis as { Element?: unknown }).Element];
    });
    expect(outcome).toEqual([
      [
        ["[object Doctype]", "name", "publicId", "systemId"],
        [
          "[object Element]",
          "after",
          "append",
          "attributes",
          "before",
          "getAttribute",
          "hasAttribute",
          "namespaceURI",
          "onEndTag",
          "prepend",
          "remove",
          "removeAndKeepContent",
          "removeAttribute",
          "removed",
          "replace",
          "setAttribute",
          "setInnerContent",
          "tagName",
        ],
        ["[object AttributesIterator]", "next"],
        ["[object Text]", "after", "before", "lastInTextNode", "remove", "removed", "replace", "text"],
        ["[object EndTag]", "after", "before", "name", "remove"],
        ["[object Comment]", "after", "before", "remove", "removed", "replace", "text"],
        ["[object DocumentEnd]", "append"],
      ],
      "undefined",
    ]);
  });

  test("a handler's promise is waited for, with all that comes before it on its way; its receiver is its object", async () => {
    const outcome = await run(async () => {
      const events: string[] = [];
      let go: (() => void) | undefined;
      const handlers = {
        name: "receiver",
        async element(element: { before(text: string): void }) {
          events.push(this.name);
          await new Promise<void>(resolve => {
            go = resolve;
          });
          element.before("late");
        },
      };
      const settle = (resolve: () => void) => {
        events.push("then");
        resolve();
      };
      // biome-ignore lint/suspicious/noThenProperty: what is no promise and has a `then` is waited for, too.
      const thenable = { element: () => ({ then: settle }) };
      const { body } = new HTMLRewriter()
        .on("p", handlers)
        .on("p", thenable)
        .transform(new Response("early<p>"));
      const reader = (body as ReadableStream<Uint8Array>).getReader();
      const decoder = new TextDecoder();
      const read = async () => decoder.decode((await reader.read()).value);
      events.push(await read());
      go?.();
      events.push(await read(), String((await reader.read()).done));
      return events;
    });
    expect(outcome).toEqual(["receiver", "early", "then", "late<p>", "true"]);
  });

  test("what a handler throws reaches the reader, and the source is cancelled", async () => {
    const outcome = await run(async () => {
      const attempt = async (handler: () => unknown) => {
        let cancelled: unknown = "not cancelled";
        const body = new ReadableStream({
          pull: controller => controller.enqueue(new TextEncoder().encode("<p>")),
          cancel: reason => {
            cancelled = (reason as Error).message;
          },
        });
        const response = new HTMLRewriter().on("p", { element: handler }).transform(new Response(body));
        const error = (await response.text().catch((reason: unknown) => reason)) as Error;
        return [error.name, error.message, cancelled];
      };
      return [
        await attempt(() => {
          throw new RangeError("thrown");
        }),
        await attempt(async () => {
          await null;
          throw new SyntaxError("rejected");
        }),
      ];
    });
    expect(outcome).toEqual([
      ["RangeError", "thrown", "thrown"],
      ["SyntaxError", "rejected", "rejected"],
    ]);
  });

  test("failures and cancellation cross the rewriter; the reader sets the pace", async () => {
    const outcome = await run(async () => {
      const failing = new ReadableStream({ pull: controller => controller.error(new RangeError("source")) });
      const failed = await new HTMLRewriter()
        .transform(new Response(failing))
        .text()
        .catch((error: Error) => error.message);
      let pulled = 0;
      let cancelled: unknown;
      const endless = new ReadableStream(
        {
          pull(controller) {
            pulled++;
            controller.enqueue(new Uint8Array(1000).fill(97));
          },
          cancel(reason) {
            cancelled = reason;
          },
        },
        { highWaterMark: 0 },
      );
      const { body } = new HTMLRewriter().on("p", {}).transform(new Response(endless));
      const reader = (body as ReadableStream<Uint8Array>).getReader();
      await reader.read();
      await scheduler.wait(1);
      const ahead = pulled;
      await reader.read();
      await reader.cancel("enough");
      await scheduler.wait(1);
      return [failed, ahead <= 3, pulled <= 4, cancelled];
    });
    expect(outcome).toEqual(["source", true, true, "enough"]);
  });

  test("one rewriter serves many responses at once", async () => {
    const outcome = await run(async () => {
      const rewriter = new HTMLRewriter().on("p", {
        element: (p: { append(text: string): void }) => p.append("!"),
      });
      const pages = ["<p>a</p>", "<p>b", "<div><p>c</p></div>"].map(page =>
        rewriter.transform(new Response(page)).text(),
      );
      return Promise.all(pages);
    });
    expect(outcome).toEqual(["<p>a!</p>", "<p>b", "<div><p>c!</p></div>"]);
  });
});
