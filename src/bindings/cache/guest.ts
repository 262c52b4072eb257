/** `caches` and `Cache`, as a worker sees them (https://developers.cloudflare.com/workers/runtime-apis/cache/). */
import { requireEvent } from "../../guest/event-context.ts";
import { call } from "../../guest/host.ts";
import { wrongParameter } from "../../guest/type-errors.ts";
import {
  DOMString,
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  USVString,
} from "../../guest/webidl.ts";
import { utf8Encode } from "../../web/encoding/guest.ts";
import type { WireHeaders } from "../../web/fetch/contract.ts";
import { type BodySource, headerListOf, takeForHost } from "../../web/fetch/guest/body.ts";
import { findHeader, getHeader } from "../../web/fetch/guest/header-list.ts";
import { isRequest, requestStateOf } from "../../web/fetch/guest/request.ts";
import {
  extrasOf,
  isResponse,
  type Response,
  responseOver,
  statusOf,
} from "../../web/fetch/guest/response.ts";
import { defaultStatusText, isNullBodyStatus } from "../../web/fetch/guest/status.ts";
import { normalizeURL } from "../../web/url/guest/url.ts";

const CONSTRUCTION = Symbol("construction");
const LONGEST_NAME_BYTES = 1023;

/** What of a request's headers `match` and `put` look at. */
const LOOKED_AT = ["authorization", "if-modified-since", "if-none-match", "if-range", "range"];
const NO_HEADERS: WireHeaders = [];
/** What workerd knows of the standard's options, and refuses. */
const REFUSED_OPTIONS = ["ignoreSearch", "ignoreVary", "cacheName"];

/** What a call's first argument comes to. */
interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: WireHeaders;
  readonly cacheKey: string | undefined;
}

/** One cache of responses. */
export class Cache {
  /** Null for `caches.default`. */
  #name: string | null;

  constructor(token: symbol, name: string | null) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#name = name;
  }

  add(_request: unknown): never {
    if (!(#name in this)) throw illegalInvocation();
    throw notImplemented("add", "Cache");
  }

  addAll(_requests: unknown): never {
    if (!(#name in this)) throw illegalInvocation();
    throw notImplemented("addAll", "Cache");
  }

  async delete(request: unknown, options: unknown = undefined): Promise<boolean> {
    if (!(#name in this)) throw illegalInvocation();
    const ignoresMethod = queryOptions(options, "delete");
    const asked = askedBy(request, "delete");
    requireEvent();
    if (asked.method !== "GET" && !ignoresMethod) return false;
    return call("cache.delete", this.#name, keyOf(asked));
  }

  async match(request: unknown, options: unknown = undefined): Promise<Response | undefined> {
    if (!(#name in this)) throw illegalInvocation();
    const ignoresMethod = queryOptions(options, "match");
    const asked = askedBy(request, "match");
    requireEvent();
    if (asked.method !== "GET" && !ignoresMethod) return undefined;
    const answer = await call("cache.match", this.#name, keyOf(asked), asked.headers);
    if (answer === null) return undefined;
    const [status, headers, body] = answer;
    const source = isNullBodyStatus(status) ? null : ((body ?? "") as BodySource);
    return responseOver(status, defaultStatusText(status), headers, source);
  }

  async put(request: unknown, response: unknown): Promise<void> {
    if (!(#name in this)) throw illegalInvocation();
    const asked = askedBy(request, "put");
    if (!isResponse(response)) throw wrongParameter(2, "put", "Cache", "Response");
    const status = statusOf(response);
    if (status === 0) throw new TypeError("Cache is unable to store an error response");
    requireEvent();
    checkStorable(asked, response, status);
    // As workerd, which finds nothing in it that could be kept.
    if (status === 304) return;
    const key = keyOf(asked);
    const encoded = extrasOf(response).manualEncoding === true;
    let failure: { readonly reason: unknown } | undefined;
    const body = takeForHost(response, reason => {
      failure = { reason };
    });
    try {
      await call("cache.put", this.#name, key, asked.headers, status, headerListOf(response), body, encoded);
    } catch (error) {
      // The worker's own exception, and not what the host was told of it.
      throw failure === undefined ? error : failure.reason;
    }
  }

  matchAll(_request: unknown = undefined, _options: unknown = undefined): never {
    if (!(#name in this)) throw illegalInvocation();
    throw notImplemented("matchAll", "Cache");
  }

  keys(_request: unknown = undefined, _options: unknown = undefined): never {
    if (!(#name in this)) throw illegalInvocation();
    throw notImplemented("keys", "Cache");
  }
}

exposeInterface(Cache);

/** All caches of a worker. */
export class CacheStorage {
  /** Tells an instance from whatever else a method is called on. */
  #brand = undefined;
  declare readonly default: Cache;

  constructor(token: symbol) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    // A property of the object's own, as on workerd.
    Object.defineProperty(this, "default", {
      value: new Cache(CONSTRUCTION, null),
      enumerable: true,
      configurable: true,
    });
  }

  async open(cacheName: unknown): Promise<Cache> {
    if (!(#brand in this)) throw illegalInvocation();
    if (cacheName === undefined) throw wrongParameter(1, "open", "CacheStorage", "string");
    const name = DOMString(cacheName).toWellFormed();
    const mayBeLong = name.length > LONGEST_NAME_BYTES / 3;
    if (mayBeLong && utf8Encode(name).byteLength > LONGEST_NAME_BYTES) {
      throw new TypeError("Cache name is too long.");
    }
    return new Cache(CONSTRUCTION, name);
  }

  delete(_cacheName: unknown): never {
    if (!(#brand in this)) throw illegalInvocation();
    throw notImplemented("delete", "CacheStorage");
  }

  match(_request: unknown, _options: unknown = undefined): never {
    if (!(#brand in this)) throw illegalInvocation();
    throw notImplemented("match", "CacheStorage");
  }

  has(_cacheName: unknown): never {
    if (!(#brand in this)) throw illegalInvocation();
    throw notImplemented("has", "CacheStorage");
  }

  keys(): never {
    if (!(#brand in this)) throw illegalInvocation();
    throw notImplemented("keys", "CacheStorage");
  }
}

exposeInterface(CacheStorage);

export const caches = new CacheStorage(CONSTRUCTION);

/** `operation`: the method that is called, for its errors. */
function askedBy(value: unknown, operation: string): Asked {
  if (isRequest(value)) {
    const { method, url, cf } = requestStateOf(value);
    const cacheKey = (cf as { cacheKey?: unknown } | undefined)?.cacheKey;
    return {
      method,
      url,
      headers: headersLookedAt(headerListOf(value)),
      cacheKey: cacheKey ? DOMString(cacheKey).toWellFormed() : undefined,
    };
  }
  if (value === undefined) throw wrongParameter(1, operation, "Cache", "Request or string");
  const text = USVString(value);
  const url = normalizeURL(text);
  if (url === null) throw new TypeError(`Invalid URL: ${text}`);
  return { method: "GET", url, headers: NO_HEADERS, cacheKey: undefined };
}

function headersLookedAt(list: WireHeaders): WireHeaders {
  if (list.length === 0) return NO_HEADERS;
  const found: WireHeaders = [];
  for (const name of LOOKED_AT) {
    if (findHeader(list, name) >= 0) found.push(name, getHeader(list, name) as string);
  }
  return found;
}

/** A fragment is no part of the key. */
function keyOf({ url, cacheKey }: Asked): string {
  if (!url.startsWith("https://") && !url.startsWith("http://")) {
    throw new TypeError(
      /^[^:]+:\/\/[^/]/.test(url)
        ? `Fetch API cannot load: ${url}`
        : "Invalid URL. Cache API keys must be fully-qualified, valid URLs.",
    );
  }
  if (cacheKey !== undefined) return cacheKey;
  const hash = url.indexOf("#");
  return hash < 0 ? url : url.slice(0, hash);
}

function checkStorable({ method }: Asked, response: Response, status: number): void {
  if (method !== "GET") throw new TypeError("Cannot cache response to non-GET request.");
  if (status === 206) {
    throw new TypeError("Cannot cache response to a range request (206 Partial Content).");
  }
  if (getHeader(headerListOf(response), "vary")?.includes("*")) {
    throw new TypeError("Cannot cache response with 'Vary: *' header.");
  }
  if (extrasOf(response).webSocket !== undefined) {
    throw new TypeError(
      "Worker tried to return a WebSocket in a response to a request which did not contain the header " +
        '"Upgrade: websocket".',
    );
  }
}

/** Returns whether the method does not matter. */
function queryOptions(options: unknown, method: string): boolean {
  if (options === undefined || options === null) return false;
  if (typeof options !== "object" && typeof options !== "function") {
    throw wrongParameter(2, method, "Cache", "CacheQueryOptions");
  }
  const given = options as Record<string, unknown>;
  const ignoresMethod = Boolean(given["ignoreMethod"]);
  for (const name of REFUSED_OPTIONS) {
    if (given[name] !== undefined) {
      throw new Error(`The '${name}' field on 'CacheQueryOptions' is not implemented.`);
    }
  }
  return ignoresMethod;
}

function notImplemented(method: string, Interface: string): Error {
  return new Error(`Failed to execute '${method}' on '${Interface}': the method is not implemented.`);
}
