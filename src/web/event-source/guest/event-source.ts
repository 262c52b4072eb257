/** EventSource (https://html.spec.whatwg.org/multipage/server-sent-events.html), over fetch and as workerd has it. */
import { currentEvent } from "../../../guest/event-context.ts";
import { PromiseThen } from "../../../guest/primordials.ts";
import { wrongField } from "../../../guest/type-errors.ts";
import {
  defineConstants,
  exposeInterface,
  illegalInvocation,
  requireArguments,
  USVString,
} from "../../../guest/webidl.ts";
import { type AbortSignal, createSignal, onAbort, signalAbort } from "../../abort/guest.ts";
import { DOMException } from "../../dom-exception/guest.ts";
import { TextDecoder } from "../../encoding/guest.ts";
import {
  defineEventHandler,
  dispatch,
  ErrorEvent,
  Event,
  EventTarget,
  MessageEvent,
  reportException,
  trusted,
} from "../../events/guest.ts";
import { fetch } from "../../fetch/guest/fetch.ts";
import type { Response } from "../../fetch/guest/response.ts";
import { parseMimeType } from "../../form-data/guest/mime-type.ts";
import { isReadableStream, type ReadableStream } from "../../streams/guest/readable.ts";
import { isDisturbed, isLocked } from "../../streams/guest/transfer.ts";
import { startTimer, stopTimer } from "../../timers/guest/timer.ts";
import { originOf, parseURL, serializeURL, type UrlRecord } from "../../url/guest/url.ts";
import { EventStreamParser, type StreamedEvent } from "./parser.ts";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

const DEFAULT_RETRY_MS = 2000;
const MIN_RETRY_MS = 1000;
const MAX_RETRY_MS = 10_000;

interface Fetcher {
  fetch(input: string, init: object): Promise<Response>;
}

interface EventSourceInit {
  readonly withCredentials?: boolean;
  readonly fetcher?: Fetcher;
}

const internal = Symbol();
const ignore = (): void => {};

function toInit(value: unknown): EventSourceInit {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" && typeof value !== "function") {
    throw new TypeError(
      "Failed to construct 'EventSource': constructor parameter 2 is not of type 'EventSourceInit'.",
    );
  }
  const { fetcher, withCredentials } = value as EventSourceInit;
  if (fetcher !== undefined && typeof (fetcher as Fetcher | null)?.fetch !== "function") {
    throw wrongField("fetcher", "EventSourceInit", "Fetcher");
  }
  if (withCredentials) {
    const message = "The init.withCredentials option is not supported. It must be false or undefined.";
    throw new DOMException(message, "NotSupportedError");
  }
  return fetcher === undefined ? {} : { fetcher };
}

function requireRequest(): void {
  if (currentEvent() !== 0) return;
  const message = "An EventSource can only be created within the context of a worker request.";
  throw new DOMException(message, "NotSupportedError");
}

/** Why a response is no event stream; undefined when it is one. */
function refusalOf(response: Response): string | undefined {
  if (!response.ok) return `The response status code was ${response.status}.`;
  const type = response.headers.get("content-type");
  if (type === null) return "No content type header was present in the response.";
  const essence = parseMimeType(type)?.essence;
  return essence === "text/event-stream" ? undefined : `The content type '${type}' is invalid.`;
}

export class EventSource extends EventTarget {
  #readyState = CONNECTING;
  /** Undefined for one that reads a stream. */
  #url: UrlRecord | undefined;
  #fetcher: Fetcher | undefined;
  #signal: AbortSignal = createSignal();
  #lastEventId = "";
  #retryMilliseconds = DEFAULT_RETRY_MS;
  #timer: number | undefined;

  constructor(url: string, init: EventSourceInit = {}) {
    super();
    if ((url as unknown) === internal) return;
    const where = "Failed to construct 'EventSource'";
    requireArguments(arguments.length, 1, where);
    const text = USVString(url, `${where}: parameter 1`);
    const { fetcher } = toInit(init);
    requireRequest();
    const record = parseURL(text);
    if (record === null) {
      throw new DOMException(`Cannot open an EventSource to '${text}'. The URL is invalid.`, "SyntaxError");
    }
    this.#url = record;
    this.#fetcher = fetcher;
    this.#connect(record);
  }

  /** Reads the events of a stream; when it ends, the source is closed. */
  static from(stream: ReadableStream): EventSource {
    const where = "Failed to execute 'from' on 'EventSource'";
    requireArguments(arguments.length, 1, where);
    if (!isReadableStream(stream)) {
      throw new TypeError(`${where}: parameter 1 is not of type 'ReadableStream'.`);
    }
    requireRequest();
    if (isLocked(stream)) throw new TypeError("This ReadableStream is locked.");
    if (isDisturbed(stream)) throw new TypeError("This ReadableStream has already been read from.");
    const source = new EventSource(internal as never);
    source.#read(stream);
    return source;
  }

  close(): void {
    if (!(#readyState in this)) throw illegalInvocation();
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSED;
    if (this.#timer !== undefined) stopTimer(this.#timer);
    signalAbort(this.#signal, new DOMException("The EventSource was closed.", "AbortError"));
  }

  get url(): string {
    if (!(#readyState in this)) throw illegalInvocation();
    return this.#url === undefined ? "" : serializeURL(this.#url);
  }

  get withCredentials(): boolean {
    if (!(#readyState in this)) throw illegalInvocation();
    return false;
  }

  get readyState(): number {
    if (!(#readyState in this)) throw illegalInvocation();
    return this.#readyState;
  }

  #connect(url: UrlRecord): void {
    this.#signal = createSignal();
    const headers: [string, string][] = [
      ["accept", "text/event-stream"],
      ["cache-control", "no-cache"],
    ];
    if (this.#lastEventId !== "") headers.push(["last-event-id", this.#lastEventId]);
    const init = { headers, signal: this.#signal };
    const target = serializeURL(url);
    const signal = this.#signal;
    const fetcher = this.#fetcher;
    PromiseThen(
      fetcher === undefined ? fetch(target, init) : fetcher.fetch(target, init),
      response => this.#opened(response, signal),
      error => this.#fail(error, signal),
    );
  }

  #opened(response: Response, signal: AbortSignal): void {
    if (signal !== this.#signal || this.#readyState === CLOSED) return;
    const refusal = refusalOf(response);
    if (refusal !== undefined) {
      this.#fail(new DOMException(refusal, "AbortError"), signal);
      return;
    }
    if (response.redirected) this.#url = parseURL(response.url) ?? this.#url;
    if (response.body === null) this.#disconnected();
    else this.#read(response.body);
  }

  #read(stream: ReadableStream): void {
    const signal = this.#signal;
    this.#readyState = OPEN;
    this.#fire(new Event("open"));
    PromiseThen(
      this.#pump(stream, signal),
      () => {
        if (signal === this.#signal) this.#disconnected();
      },
      error => this.#fail(error, signal),
    );
  }

  async #pump(stream: ReadableStream, signal: AbortSignal): Promise<void> {
    const isOver = () => signal.aborted || this.#readyState === CLOSED;
    const parser = new EventStreamParser(
      this.#lastEventId,
      event => {
        if (!isOver()) this.#deliver(event);
      },
      milliseconds => {
        this.#retryMilliseconds = Math.min(Math.max(milliseconds, MIN_RETRY_MS), MAX_RETRY_MS);
      },
    );
    const decoder = new TextDecoder();
    const reader = stream.getReader();
    onAbort(signal, reason => PromiseThen(reader.cancel(reason), ignore, ignore));
    for (;;) {
      const { value, done } = await reader.read();
      if (done || isOver()) return;
      parser.feed(decoder.decode(value as Uint8Array<ArrayBuffer>, { stream: true }));
      this.#lastEventId = parser.lastEventId;
    }
  }

  #deliver({ type, data, lastEventId }: StreamedEvent): void {
    const origin = this.#url === undefined ? null : originOf(this.#url);
    this.#fire(new MessageEvent(type, { data, lastEventId, origin }));
  }

  /** The stream is at its end: another one is asked for, where there is a server to ask. */
  #disconnected(): void {
    if (this.#readyState === CLOSED) return;
    const url = this.#url;
    this.#readyState = url === undefined ? CLOSED : CONNECTING;
    this.#fireError(new Error("The server disconnected."));
    if (url === undefined || this.#readyState !== CONNECTING) return;
    this.#timer = startTimer(this.#retryMilliseconds, () => {
      this.#timer = undefined;
      if (this.#readyState === CONNECTING) this.#connect(this.#url ?? url);
    });
  }

  /** As on workerd, what is more than the end of a stream is the end of the source. */
  #fail(error: unknown, signal: AbortSignal): void {
    if (signal !== this.#signal || this.#readyState === CLOSED) return;
    this.#readyState = CLOSED;
    signalAbort(signal, error);
    this.#fireError(error);
  }

  /** An exception of a listener closes the source, as on workerd. */
  #fire(event: Event): void {
    let thrown: { readonly error: unknown } | undefined;
    dispatch(this, trusted(event), error => {
      thrown ??= { error };
      reportException(error, "an EventSource's listener");
    });
    if (thrown !== undefined) this.#fail(thrown.error, this.#signal);
  }

  #fireError(error: unknown): void {
    dispatch(this, trusted(new ErrorEvent("error", { error })));
  }
}

for (const attribute of ["onopen", "onmessage", "onerror"] as const)
  defineEventHandler(EventSource.prototype, attribute);
exposeInterface(EventSource);
defineConstants(EventSource, { CONNECTING, OPEN, CLOSED });
