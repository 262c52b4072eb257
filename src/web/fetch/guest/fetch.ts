/** fetch() (https://fetch.spec.whatwg.org/#fetch-method): redirects, data: URLs and aborting; the host does HTTP. */
import { currentEvent, requireEvent, withinEvent } from "../../../guest/event-context.ts";
import { call } from "../../../guest/host.ts";
import { PromiseThen } from "../../../guest/primordials.ts";
import { type AbortSignal, onAbort } from "../../abort/guest.ts";
import { ReadableStream } from "../../streams/guest/readable.ts";
import type { ReadableByteStreamController } from "../../streams/guest/readable-byte.ts";
import { readableFromHost } from "../../streams/guest/transfer.ts";
import { URL } from "../../url/guest/url.ts";
import { beginHandshake } from "../../websocket/guest/handshake.ts";
import type { HostLink } from "../../websocket/guest/link.ts";
import { socketOver } from "../../websocket/guest/websocket.ts";
import type { FetchOptions, WireBody, WireHeaders, WireResponse } from "../contract.ts";
import {
  type BodySource,
  discardBody,
  discardWireBody,
  framedHeaders,
  headerListOf,
  isReplayable,
  replayForHost,
  takeForHost,
} from "./body.ts";
import { cachingOf } from "./caching.ts";
import { processDataUrl } from "./data-url.ts";
import { deleteHeader, findHeader, getHeader } from "./header-list.ts";
import { cfTextOf, Request, requestStateOf } from "./request.ts";
import { type Response, responseOver } from "./response.ts";
import { isNullBodyStatus, isRedirectStatus } from "./status.ts";

const MAX_REDIRECTS = 20;
/** https://fetch.spec.whatwg.org/#request-body-header-name */
const BODY_HEADERS = ["content-encoding", "content-language", "content-location", "content-type"];

let lastId = 0;

/** One fetch: what its requests have in common. */
interface Fetch {
  readonly request: Request;
  readonly signal: AbortSignal | undefined;
  readonly options: FetchOptions;
  readonly replayable: boolean;
  readonly transport: Transport;
}

/** Sends one request of a fetch, and answers with its response, which may be a redirect. */
export type Transport = (
  id: number,
  method: string,
  url: string,
  headers: WireHeaders,
  body: WireBody,
  options: FetchOptions,
) => Promise<WireResponse>;

const network: Transport = (...args) => call("fetch.send", ...args);

/** What one of its requests sends. */
interface Hop {
  method: string;
  url: string;
  headers: WireHeaders;
  body: WireBody;
  readonly redirects: number;
  /** Where it asks for a WebSocket: the connection that there may be. */
  link?: HostLink | undefined;
}

export async function fetch(input: Request | URL | string, init: unknown = undefined): Promise<Response> {
  if (arguments.length === 0) {
    throw new TypeError(
      "Failed to execute 'fetch' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'Request or string'.",
    );
  }
  const request = new Request(input, init);
  const { fetcher } = requestStateOf(request);
  if (fetcher !== null) return fetcher.fetch(request) as Promise<Response>;
  return fetchOver(network, request);
}

/** What fetch() does, by another way than the network. */
export async function fetchOver(transport: Transport, request: Request): Promise<Response> {
  const state = requestStateOf(request);
  const { signal, method } = state;
  const url = withoutFragment(state.url);
  if (signal?.aborted) {
    discardBody(request);
    throw signal.reason;
  }
  if (url.startsWith("data:")) return fetchDataUrl(url, method);
  requireHttp(url);
  requireEvent();
  const caching = cachingOf(method, state.cf, state.cache);
  const options = { decompress: !state.manualEncoding, cf: cfTextOf(request), caching };
  const headers = headerListOf(request).slice();
  if (state.cache !== undefined) {
    if (findHeader(headers, "cache-control") < 0) headers.push("Cache-Control", "no-cache");
    if (findHeader(headers, "pragma") < 0) headers.push("Pragma", "no-cache");
  }
  const task = { request, signal, options, replayable: isReplayable(request), transport };
  const body = takeForHost(request);
  return follow(task, { method, url, headers: framedHeaders(request, headers), body, redirects: 0 });
}

/** Sends one request after the other until the answer is no redirect. */
async function follow(task: Fetch, first: Hop): Promise<Response> {
  const follows = requestStateOf(task.request).redirect === "follow";
  for (let hop = first; ; ) {
    if (task.signal?.aborted) throw task.signal.reason;
    const id = ++lastId;
    const event = currentEvent();
    const answer = await send(task, hop, id, event);
    const [status, , headers] = answer;
    const location = follows && isRedirectStatus(status) ? getHeader(headers, "location") : null;
    if (location === null) return toResponse(task, hop, answer, id, event);
    discardWireBody(answer[3]);
    hop = nextHop(task, hop, status, location);
  }
}

function send(task: Fetch, hop: Hop, id: number, event: number): Promise<WireResponse> {
  const answer = exchange(task, hop, id);
  const { signal } = task;
  if (signal === undefined) return answer;
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, reason => {
      if (hop.link !== undefined) hop.link.abort();
      else abortOnHost(id, event);
      reject(reason);
    });
    PromiseThen(
      answer,
      response => {
        forget();
        if (signal.aborted) discardWireBody(response[3]);
        else resolve(response);
      },
      error => {
        forget();
        reject(error);
      },
    );
  });
}

/** A request with `Upgrade: websocket` asks for a WebSocket (https://developers.cloudflare.com/workers/examples/websockets/). */
function exchange(task: Fetch, hop: Hop, id: number): Promise<WireResponse> {
  const { method, url, headers, body } = hop;
  hop.link = undefined;
  if (task.transport !== network || getHeader(headers, "upgrade")?.toLowerCase() !== "websocket")
    return task.transport(id, method, url, headers, body, task.options);
  discardWireBody(body);
  const { link, answer } = beginHandshake(url, headers, task.options);
  hop.link = link;
  return answer;
}

const ignore = (): void => {};

/** The host knows an exchange by the event that began it, which need not be the one that runs now. */
function abortOnHost(id: number, event: number): void {
  withinEvent(event, () => PromiseThen(call("fetch.abort", id), ignore, ignore));
}

/** https://fetch.spec.whatwg.org/#http-redirect-fetch */
function nextHop(task: Fetch, hop: Hop, status: number, location: string): Hop {
  let target: URL;
  try {
    target = new URL(location, hop.url);
  } catch {
    throw new TypeError("Invalid Location header; unable to follow redirect.");
  }
  const url = withoutFragment(target.href);
  requireHttp(url);
  if (hop.redirects >= MAX_REDIRECTS) throw new TypeError("Too many redirects.");
  let { method, headers, body } = hop;
  if (status !== 303 && body !== null && !task.replayable) {
    throw new TypeError(
      "A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect " +
        "requiring the body to be retransmitted. To avoid this error in the future, construct this request from a " +
        "buffer-like body initializer.",
    );
  }
  const becomesGet =
    ((status === 301 || status === 302) && method === "POST") ||
    (status === 303 && method !== "GET" && method !== "HEAD");
  if (becomesGet) {
    method = "GET";
    body = null;
    headers = headers.slice();
    for (const name of BODY_HEADERS) deleteHeader(headers, name);
  } else if (body !== null) {
    body = replayForHost(task.request);
  }
  if (target.origin !== new URL(hop.url).origin && findHeader(headers, "authorization") >= 0) {
    headers = headers.slice();
    deleteHeader(headers, "authorization");
  }
  return { method, url, headers, body, redirects: hop.redirects + 1 };
}

function toResponse(task: Fetch, hop: Hop, answer: WireResponse, id: number, event: number): Response {
  const [status, statusText, headers, body] = answer;
  const { signal } = task;
  if (signal?.aborted) {
    discardWireBody(body);
    throw signal.reason;
  }
  const extras = {
    url: hop.url,
    redirected: hop.redirects > 0,
    webSocket: status === 101 && hop.link !== undefined ? socketOver(hop.link) : undefined,
    ...(task.options.decompress ? {} : { manualEncoding: true }),
  };
  if (hop.method === "HEAD" || isNullBodyStatus(status)) {
    discardWireBody(body);
    return responseOver(status, statusText, headers, null, extras);
  }
  const source =
    signal !== undefined && typeof body === "number"
      ? abortableStream(body, signal, id, event)
      : (body as BodySource);
  return responseOver(status, statusText, headers, source, extras);
}

/** The host's stream, which fails with the signal's reason when that aborts. */
function abortableStream(handle: number, signal: AbortSignal, id: number, event: number): ReadableStream {
  const reader = readableFromHost(handle).getReader();
  let forget = ignore;
  return new ReadableStream({
    type: "bytes",
    start(controller: ReadableByteStreamController) {
      forget = onAbort(signal, reason => {
        abortOnHost(id, event);
        controller.error(reason);
      });
    },
    async pull(controller: ReadableByteStreamController) {
      try {
        const { value, done } = await reader.read();
        if (signal.aborted) return;
        if (!done) return controller.enqueue(value as Uint8Array);
        forget();
        controller.close();
        controller.byobRequest?.respond(0);
      } catch (error) {
        forget();
        throw error;
      }
    },
    cancel(reason: unknown) {
      forget();
      return reader.cancel(reason);
    },
  });
}

function fetchDataUrl(url: string, method: string): Response {
  const data = processDataUrl(url);
  if (data === undefined) throw new TypeError(`Fetch API cannot load: ${url}`);
  const body = method === "HEAD" ? null : data.body;
  return responseOver(200, "OK", ["Content-Type", data.type], body, { url });
}

function withoutFragment(url: string): string {
  const hash = url.indexOf("#");
  return hash < 0 ? url : url.slice(0, hash);
}

function requireHttp(url: string): void {
  if (!url.startsWith("http://") && !url.startsWith("https://"))
    throw new TypeError(`Fetch API cannot load: ${url}`);
}
