/** Whatever arguments a worker passes, what it catches is an exception of the platform's, and the isolate goes on. */
import { expect, test } from "vitest";
import { eachEngine } from "../helpers/each-engine.ts";
import { ABSENCES } from "./absences.ts";
import { readSurface } from "./declarations.ts";
import { probeHostility } from "./hostile.ts";

/** Of the declared classes: those that scripts cannot make or get hold of here, or that others stand for. */
const ELSEWHERE = [
  "Body",
  "Cache",
  "CacheStorage",
  "CryptoKey",
  "ExtendableEvent",
  "FetchEvent",
  "PerformanceEntry",
  "PerformanceMeasure",
  "PerformanceObserverEntryList",
  "PerformanceResourceTiming",
  "PromiseRejectionEvent",
  "ReadableStreamBYOBRequest",
  "ScheduledEvent",
  "ServiceWorkerGlobalScope",
  "TailEvent",
  "TraceEvent",
  "WorkerGlobalScope",
];

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  events:
    "AbortController AbortSignal CloseEvent CustomEvent ErrorEvent Event EventTarget MessageEvent".split(" "),
  data: "Blob DOMException File FormData".split(" "),
  encodings:
    "CompressionStream DecompressionStream TextDecoder TextDecoderStream TextEncoder TextEncoderStream".split(
      " ",
    ),
  fetch: "Headers Request Response".split(" "),
  messages:
    "EventSource MessageChannel MessagePort WebSocket WebSocketPair WebSocketRequestResponsePair".split(" "),
  cryptography: "Crypto DigestStream SubtleCrypto".split(" "),
  "the environment": "Navigator Performance PerformanceMark PerformanceObserver console scheduler".split(" "),
  addresses: "URL URLPattern URLSearchParams HTMLRewriter".split(" "),
  "readable streams":
    "ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamDefaultController ReadableStreamDefaultReader".split(
      " ",
    ),
  "other streams":
    "ByteLengthQueuingStrategy CountQueuingStrategy FixedLengthStream IdentityTransformStream TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController WritableStreamDefaultWriter".split(
      " ",
    ),
  functions:
    "atob btoa clearImmediate clearInterval clearTimeout fetch queueMicrotask setImmediate setInterval setTimeout structuredClone".split(
      " ",
    ),
};

test("the groups have all classes that workers can make", () => {
  const probed = Object.values(GROUPS).flat();
  const declared = [...readSurface().classes.keys()];
  const absent = ABSENCES.flatMap(({ names }) => names);
  const missing = declared.filter(name => ![...probed, ...ELSEWHERE, ...absent].includes(name));
  expect(missing).toEqual([]);
});

eachEngine(
  "Hostile arguments",
  run => {
    for (const [title, group] of Object.entries(GROUPS)) {
      test(`to ${title}`, { timeout: 60_000 }, async () => {
        const { calls, complaints } = await run(probeHostility, group);
        expect(complaints).toEqual([]);
        expect(calls).toBeGreaterThan(400);
        expect(await run(async () => new Response(new Blob(["usable"])).text())).toBe("usable");
      });
    }
  },
  { onConsole: () => {} },
);
