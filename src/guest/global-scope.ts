/** The only file that writes the global object: puts the rooms' interfaces and functions where workers find them. */

import { Cache, CacheStorage, caches } from "../bindings/cache/guest.ts";
import { ScheduledEvent } from "../bindings/cron/guest.ts";
import { cloudflare } from "../bindings/worker/guest/cloudflare.ts";
import { ExtendableEvent, FetchEvent } from "../bindings/worker/guest/fetch-event.ts";
import { AbortController, AbortSignal } from "../web/abort/guest.ts";
import { Blob, File } from "../web/blob/guest.ts";
import { CompressionStream, DecompressionStream } from "../web/compression/guest.ts";
import { console } from "../web/console/guest.ts";
import { Crypto, CryptoKey, crypto, SubtleCrypto } from "../web/crypto/guest/crypto.ts";
import { DOMException } from "../web/dom-exception/guest.ts";
import { TextDecoderStream, TextEncoderStream } from "../web/encoding/guest/text-streams.ts";
import { atob, btoa, TextDecoder, TextEncoder } from "../web/encoding/guest.ts";
import { EventSource } from "../web/event-source/guest/event-source.ts";
import {
  CloseEvent,
  CustomEvent,
  ErrorEvent,
  Event,
  EventTarget,
  MessageEvent,
  PromiseRejectionEvent,
  reportError,
} from "../web/events/guest.ts";
import { Body } from "../web/fetch/guest/body.ts";
import "../web/fetch/guest/cloneable.ts";
import { fetch } from "../web/fetch/guest/fetch.ts";
import { Headers } from "../web/fetch/guest/headers.ts";
import { Request } from "../web/fetch/guest/request.ts";
import { Response } from "../web/fetch/guest/response.ts";
import { FormData } from "../web/form-data/guest.ts";
import { HTMLRewriter } from "../web/html-rewriter/guest.ts";
import { MessageChannel, MessagePort } from "../web/messaging/guest.ts";
import { Navigator, navigator } from "../web/navigator/guest.ts";
import {
  Performance,
  PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
  PerformanceObserver,
  PerformanceObserverEntryList,
  PerformanceResourceTiming,
  performance,
} from "../web/performance/guest.ts";
import { FixedLengthStream, IdentityTransformStream } from "../web/streams/guest/identity.ts";
import { ReadableStream } from "../web/streams/guest/readable.ts";
import {
  ReadableByteStreamController,
  ReadableStreamBYOBRequest,
} from "../web/streams/guest/readable-byte.ts";
import { ReadableStreamDefaultController } from "../web/streams/guest/readable-default.ts";
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from "../web/streams/guest/readers.ts";
import { ByteLengthQueuingStrategy, CountQueuingStrategy } from "../web/streams/guest/strategies.ts";
import { TransformStream, TransformStreamDefaultController } from "../web/streams/guest/transform.ts";
import {
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
} from "../web/streams/guest/writable.ts";
import { structuredClone } from "../web/structured-clone/guest.ts";
import {
  clearImmediate,
  clearInterval,
  clearTimeout,
  queueMicrotask,
  scheduler,
  setImmediate,
  setInterval,
  setTimeout,
} from "../web/timers/guest.ts";
import { URLSearchParams } from "../web/url/guest/search-params.ts";
import { URL } from "../web/url/guest/url.ts";
import { URLPattern } from "../web/urlpattern/guest.ts";
import { WebSocketPair } from "../web/websocket/guest/pair.ts";
import { WebSocketRequestResponsePair } from "../web/websocket/guest/request-response-pair.ts";
import { WebSocket } from "../web/websocket/guest/websocket.ts";
import { guardCodeGeneration } from "./code-generation.ts";
import { fillEngineGaps } from "./engine-gaps.ts";
import { installRandom } from "./random.ts";
import { exposeInterface, illegalConstructor } from "./webidl.ts";

/** What all global objects of workers share (https://html.spec.whatwg.org/#the-workerglobalscope-common-interface). */
class WorkerGlobalScope extends EventTarget {
  constructor() {
    super();
    throw illegalConstructor();
  }
}
exposeInterface(WorkerGlobalScope, "WorkerGlobalScope");

/** The interface of the global object (https://w3c.github.io/ServiceWorker/#serviceworkerglobalscope-interface). */
class ServiceWorkerGlobalScope extends WorkerGlobalScope {}
exposeInterface(ServiceWorkerGlobalScope, "ServiceWorkerGlobalScope");

const interfaces = {
  AbortController,
  AbortSignal,
  Blob,
  Body,
  ByteLengthQueuingStrategy,
  Cache,
  CacheStorage,
  CloseEvent,
  CompressionStream,
  CountQueuingStrategy,
  Crypto,
  CryptoKey,
  CustomEvent,
  DOMException,
  DecompressionStream,
  ErrorEvent,
  Event,
  EventSource,
  EventTarget,
  ExtendableEvent,
  FetchEvent,
  File,
  FixedLengthStream,
  FormData,
  HTMLRewriter,
  Headers,
  IdentityTransformStream,
  MessageChannel,
  MessageEvent,
  MessagePort,
  Navigator,
  Performance,
  PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
  PerformanceObserver,
  PerformanceObserverEntryList,
  PerformanceResourceTiming,
  PromiseRejectionEvent,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  Request,
  Response,
  ScheduledEvent,
  ServiceWorkerGlobalScope,
  SubtleCrypto,
  TextDecoder,
  TextDecoderStream,
  TextEncoder,
  TextEncoderStream,
  TransformStream,
  TransformStreamDefaultController,
  URL,
  URLPattern,
  URLSearchParams,
  WebSocket,
  WebSocketPair,
  WebSocketRequestResponsePair,
  WorkerGlobalScope,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
};

const functions = {
  atob,
  btoa,
  clearImmediate,
  clearInterval,
  clearTimeout,
  fetch,
  queueMicrotask,
  reportError,
  setImmediate,
  setInterval,
  setTimeout,
  structuredClone,
};

const objects = { Cloudflare: cloudflare, caches, console, crypto, navigator, performance, scheduler };

/** Properties of the engines' global objects that workerd does not have, or that nothing stands behind. */
const ABSENT = [Symbol.toStringTag, "InternalError", "bjson", "print", "scriptArgs"];

export function installGlobals(): void {
  fillEngineGaps();
  installRandom();
  guardCodeGeneration();
  for (const [name, Interface] of Object.entries(interfaces)) {
    exposeAs(Interface, name);
    define(name, Interface, false);
  }
  for (const [name, value] of Object.entries(functions)) define(name, value, true);
  for (const [name, value] of Object.entries(objects)) define(name, value, true);
  define("self", globalThis, true);
  // A worker has no origin; as on workerd its serialization is that of an opaque one, and cannot be assigned.
  Object.defineProperty(globalThis, "origin", { value: "null", enumerable: true, configurable: true });
  for (const name of ABSENT) Reflect.deleteProperty(globalThis, name);
  // Both engines let go of the global object's prototype; its members become those of an EventTarget.
  Object.setPrototypeOf(globalThis, ServiceWorkerGlobalScope.prototype);
}

/** Two modules may declare a name; the bundler then gives one of them another, which no worker should see. */
function exposeAs(Interface: { readonly prototype: object; readonly name: string }, name: string): void {
  if (Interface.name !== name) Object.defineProperty(Interface, "name", { value: name, configurable: true });
  Object.defineProperty(Interface.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

function define(name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(globalThis, name, { value, enumerable, writable: true, configurable: true });
}
