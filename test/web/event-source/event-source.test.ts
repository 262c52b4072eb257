/** EventSource: parsing by the standard, connecting as workerd does. */
import { expect, test } from "vitest";
import { eachEngine } from "../../helpers/each-engine.ts";
import { startOrigin } from "../../helpers/origin.ts";

declare const EventSource: {
  new (url: string, init?: object): EventSource;
  from(stream: ReadableStream): EventSource;
  readonly CONNECTING: number;
  readonly OPEN: number;
  readonly CLOSED: number;
};

eachEngine("EventSource", run => {
  const parse = (...chunks: string[]) =>
    run(async pieces => {
      const bytes = pieces.map(piece => Uint8Array.from(piece, character => character.charCodeAt(0)));
      const stream = new ReadableStream({
        start(controller) {
          for (const piece of bytes) controller.enqueue(piece);
          controller.close();
        },
      });
      const source = EventSource.from(stream);
      const log: string[][] = [];
      const note = (event: Event) => {
        const { type, data, lastEventId } = event as MessageEvent;
        log.push([type, data, lastEventId]);
      };
      for (const type of ["message", "other", "data"]) source.addEventListener(type, note);
      await new Promise(resolve => source.addEventListener("error", resolve));
      return log;
    }, chunks);

  test.each([
    ["a byte order mark", ["\xef\xbb\xbfdata: a\n\n"], [["message", "a", ""]]],
    ["one byte order mark only", ["\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n"], [["message", "b", ""]]],
    [
      "every end of line",
      ["data: a\r\rdata: b\r\n\r\ndata: c\n\n"],
      [
        ["message", "a", ""],
        ["message", "b", ""],
        ["message", "c", ""],
      ],
    ],
    ["a line's end cut in two", ["data: a\r", "\ndata: b\r\n\r", "\n"], [["message", "a\nb", ""]]],
    ["characters cut in two", ["data: \xc3", "\xa9\n\n"], [["message", "é", ""]]],
    ["comments and unknown fields", [": c\ndata: a\nfoo: b\n:\n\n"], [["message", "a", ""]]],
    [
      "one space after the colon",
      ["data:  a\n\ndata:b\n\n"],
      [
        ["message", " a", ""],
        ["message", "b", ""],
      ],
    ],
    [
      "types for one event",
      ["event: other\ndata: a\n\ndata: b\n\n"],
      [
        ["other", "a", ""],
        ["message", "b", ""],
      ],
    ],
    [
      "ids that stay until another comes",
      ["id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n"],
      [
        ["message", "a", "7"],
        ["message", "b", "7"],
        ["message", "c", ""],
      ],
    ],
    ["no id with a null", ["id: a\0b\ndata: a\n\n"], [["message", "a", ""]]],
    ["nothing for an unfinished event", ["data: a\n\ndata: b\n"], [["message", "a", ""]]],
    [
      "nothing for an event without data",
      ["event: other\n\nid: 1\n\ndata\n\ndata: a\n\n"],
      [["message", "a", "1"]],
    ],
    ["fields without a colon", ["data\ndata: a\ndata\n\n"], [["message", "\na\n", ""]]],
  ])("parses %s", async (_, chunks, events) => {
    expect(await parse(...chunks)).toEqual(events);
  });

  test("connects again by itself, with the last event's id", async () => {
    let count = 0;
    const origin = await startOrigin((request, response) => {
      const last = request.headers["last-event-id"] ?? "none";
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      response.end(`retry: 1\nid: ${++count}\ndata: after ${last}\n\n`);
    });
    const seen = await run(async url => {
      const source = new EventSource(url);
      const log: unknown[] = [source.readyState, source.url];
      source.onopen = () => log.push(["open", source.readyState]);
      source.onerror = (event: Event) => log.push([(event as ErrorEvent).error.message, source.readyState]);
      await new Promise<void>(resolve => {
        source.onmessage = ({ data, lastEventId, origin }) => {
          log.push([data, lastEventId, origin === new URL(url).origin]);
          if (lastEventId === "2") resolve();
        };
      });
      source.close();
      return [...log, source.readyState];
    }, `${origin.url}/events#part`);
    expect(seen).toEqual([
      0,
      `${origin.url}/events#part`,
      ["open", 1],
      ["after none", "1", true],
      ["The server disconnected.", 0],
      ["open", 1],
      ["after 1", "2", true],
      2,
    ]);
    expect(origin.requests[0]?.headers.join("\n").toLowerCase()).toContain("accept\ntext/event-stream");
  });

  test("what is no event stream closes the source for good", async () => {
    const origin = await startOrigin((request, response) => {
      if (request.url === "/404") response.writeHead(404);
      else response.setHeader("content-type", "text/plain");
      response.end("x");
    });
    const seen = await run(
      (...urls) =>
        Promise.all(
          urls.map(async url => {
            const source = new EventSource(url);
            const event = await new Promise<Event>(resolve => {
              source.onerror = resolve;
            });
            const { error } = event as ErrorEvent;
            return [error.name, error.message, source.readyState];
          }),
        ),
      `${origin.url}/404`,
      `${origin.url}/plain`,
    );
    expect(seen).toEqual([
      ["AbortError", "The response status code was 404.", 2],
      ["AbortError", "The content type 'text/plain' is invalid.", 2],
    ]);
  });

  test("a fetcher is asked instead of the network; close() ends its stream", async () => {
    const seen = await run(async () => {
      const log: unknown[] = [];
      const fetcher = {
        fetch(url: string) {
          log.push(url);
          const body = new ReadableStream({
            start: controller => controller.enqueue(new TextEncoder().encode("data: a\n\n")),
            cancel: () => void log.push("cancelled"),
          });
          return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
        },
      };
      const source = new EventSource("http://nowhere.test/", { fetcher });
      await new Promise<void>(resolve => {
        source.onmessage = ({ data }) => {
          log.push(data);
          source.close();
          resolve();
        };
      });
      await scheduler.wait(1);
      return [...log, source.readyState];
    });
    expect(seen).toEqual(["http://nowhere.test/", "a", "cancelled", 2]);
  });

  test("wrong uses have their errors", async () => {
    const seen = await run(() => {
      const attempt = (use: () => unknown) => {
        try {
          use();
          return "none";
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      };
      const locked = new ReadableStream();
      locked.getReader();
      return [
        attempt(() => new EventSource("nope")),
        attempt(() => new EventSource("http://x/", { withCredentials: true })),
        attempt(() => new EventSource("http://x/", { fetcher: 1 })),
        attempt(() => new EventSource("http://x/", 5 as never)),
        attempt(() => EventSource.from(5 as never)),
        attempt(() => EventSource.from(locked)),
        [EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED],
      ];
    });
    expect(seen).toEqual([
      "SyntaxError: Cannot open an EventSource to 'nope'. The URL is invalid.",
      "NotSupportedError: The init.withCredentials option is not supported. It must be false or undefined.",
      "TypeError: Incorrect type for the 'fetcher' field on 'EventSourceInit': the provided value is not of type 'Fetcher'.",
      "TypeError: Failed to construct 'EventSource': constructor parameter 2 is not of type 'EventSourceInit'.",
      "TypeError: Failed to execute 'from' on 'EventSource': parameter 1 is not of type 'ReadableStream'.",
      "TypeError: This ReadableStream is locked.",
      [0, 1, 2],
    ]);
  });
});
