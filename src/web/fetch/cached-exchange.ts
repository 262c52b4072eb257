/** Requests that ask for the cache: answered from it, or sent, and the answer kept as it passes to the worker. */
import { STATUS_CODES } from "node:http";
import { Readable } from "node:stream";
import type { OpContext } from "../../engine/ops.ts";
import type { FetchCaching, WireBody, WireHeaders, WireResponse } from "./contract.ts";
import { withoutHeaders } from "./header-list.ts";

/** An answer, as the cache looks at it. */
export interface FetchedHead {
  /** Headers of the request. */
  readonly request: WireHeaders;
  readonly status: number;
  readonly headers: WireHeaders;
  /** How long it is kept, whatever its headers say. */
  readonly forcedSeconds: number | undefined;
}

/** Where answers are kept. A room among the bindings has it. */
export interface FetchCache {
  match(
    key: string,
    request: WireHeaders,
  ): Promise<{
    readonly status: number;
    readonly headers: WireHeaders;
    readonly body: Uint8Array | Readable | null;
  } | null>;
  /** What keeps the body; null where the answer may not be kept. */
  prepare(key: string, head: FetchedHead): ((body: AsyncIterable<Uint8Array>) => Promise<unknown>) | null;
}

/** A request as it is asked of the cache. */
export interface Cacheable {
  readonly method: string;
  readonly url: string;
  readonly headers: WireHeaders;
  readonly caching: FetchCaching;
}

/** An answer whose body nobody has read yet. */
export interface Fetched {
  readonly status: number;
  readonly statusText: string;
  readonly headers: WireHeaders;
  readonly body: Readable;
}

const fetchCacheOf = (context: OpContext) =>
  context.resource<{ readonly fetched: FetchCache }>("cache", "caches").fetched;

/** What is kept for the request; undefined where it must be sent. */
export async function findKept(context: OpContext, request: Cacheable): Promise<WireResponse | undefined> {
  const { caching, headers, method, url } = request;
  if (caching.renew) return undefined;
  // That the cache fails is not the worker's concern: it asked for a response.
  const hit = await fetchCacheOf(context)
    .match(caching.key ?? url, headers)
    .catch(() => null);
  if (hit === null) return undefined;
  return [hit.status, STATUS_CODES[hit.status] ?? "", hit.headers, bodyOf(hit.body, method, context)];
}

function bodyOf(body: Uint8Array | Readable | null, method: string, context: OpContext): WireBody {
  if (!(body instanceof Readable)) return body;
  if (method !== "HEAD") return context.streams.give(body);
  body.destroy();
  return null;
}

/** The answer for the worker. What may be kept of it is kept while the worker reads it, and ends when it is. */
export function keepPassing(context: OpContext, request: Cacheable, fetched: Fetched): WireResponse {
  const { status, statusText, body } = fetched;
  const keep = isKeepable(request, status) ? prepare(context, request, fetched) : null;
  const headers = [...fetched.headers, "CF-Cache-Status", keep === null ? "BYPASS" : "MISS"];
  if (keep === null) return [status, statusText, headers, context.streams.give(body)];
  const copy = new Copy();
  void feed(body, copy, keep);
  return [status, statusText, headers, context.streams.give(copy)];
}

/** A redirection has the key of what it leads to. */
function isKeepable({ method, caching }: Cacheable, status: number): boolean {
  const isRedirection = status >= 300 && status < 400;
  return method === "GET" && status !== 206 && status !== 304 && !(isRedirection && caching.key !== null);
}

function prepare(context: OpContext, request: Cacheable, { status, headers }: Fetched) {
  const { key, everything, control } = request.caching;
  const forcedSeconds = secondsFor(request.caching, status);
  if (forcedSeconds === undefined && !everything && control === null) return null;
  const given =
    control === null
      ? headers
      : [...withoutHeaders(headers, new Set(["cache-control"])), "Cache-Control", control];
  const head = { request: request.headers, status, headers: given, forcedSeconds };
  return fetchCacheOf(context).prepare(key ?? request.url, head);
}

/** A server's failure is kept for a time of its own only. */
function secondsFor({ seconds, secondsByStatus }: FetchCaching, status: number): number | undefined {
  const range = secondsByStatus.find(([from, to]) => status >= from && status <= to);
  if (range !== undefined) return range[2];
  if (seconds === null) return undefined;
  return status < 500 ? seconds : 0;
}

/** The worker's half of a body that goes two ways. */
class Copy extends Readable {
  #wake: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 256 * 1024 });
    this.once("close", () => this.#wake?.());
  }

  override _read(): void {
    this.#wake?.();
  }

  /** Takes a chunk; waits while the worker has enough of them. Where it wants none, they are passed over. */
  async accept(chunk: Uint8Array): Promise<void> {
    if (this.destroyed || this.push(chunk)) return;
    await new Promise<void>(resolve => {
      this.#wake = resolve;
    });
  }
}

/** Reads the source for both, whether or not the cache fails. */
async function feed(
  source: Readable,
  copy: Copy,
  keep: (body: AsyncIterable<Uint8Array>) => Promise<unknown>,
): Promise<void> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  async function* passing(): AsyncGenerator<Uint8Array> {
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      await copy.accept(next.value);
      yield next.value;
    }
  }
  try {
    await keep(passing()).catch(() => {});
    for (let next = await chunks.next(); !next.done; next = await chunks.next())
      await copy.accept(next.value);
    if (source.errored) copy.destroy(source.errored);
    else copy.push(null);
  } catch (error) {
    copy.destroy(error as Error);
  }
}
