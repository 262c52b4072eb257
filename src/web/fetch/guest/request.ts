/** Request (https://fetch.spec.whatwg.org/#request-class), as workerd has it: no CORS, absolute URLs, `cf`. */
import { JSONParse, JSONStringify } from "../../../guest/primordials.ts";
import { wrongField } from "../../../guest/type-errors.ts";
import {
  type Converter,
  DOMString,
  dictionary,
  exposeInterface,
  illegalInvocation,
  requireArguments,
  USVString,
} from "../../../guest/webidl.ts";
import { type AbortSignal, createSignal, isSignal } from "../../abort/guest.ts";
import { normalizeURL, type URL } from "../../url/guest/url.ts";
import type { WireBody, WireHeaders } from "../contract.ts";
import {
  Body,
  type BodySource,
  cloneSource,
  hasBody,
  hasImmutableHeaders,
  headerListOf,
  headersOf,
  initBody,
  internal,
  takeSource,
} from "./body.ts";
import { extractBody } from "./body-init.ts";
import { type CacheMode, cacheMode } from "./caching.ts";
import { copyHeadersInit, type Headers } from "./headers.ts";
import { LOCAL_CF } from "./local-cf.ts";

type RedirectMode = "follow" | "manual";

/** What `fetcher` may be: a service binding, or anything else that fetches. */
interface Fetcher {
  fetch(request: Request): Promise<unknown>;
}

/** Gives the signal of an incoming request, made when somebody asks for it. */
export type SignalSource = () => AbortSignal;

interface RequestState {
  method: string;
  url: string;
  redirect: RedirectMode;
  /** A signal that a script gave: aborts what is fetched. */
  signal: AbortSignal | undefined;
  /** The signal that scripts see when none was given: the client's. It does not abort what is fetched. */
  seenSignal: AbortSignal | SignalSource | undefined;
  cf: object | undefined;
  /** The JSON of `cf`, until somebody asks for the object. */
  cfText: string | null;
  cache: CacheMode | undefined;
  fetcher: Fetcher | null;
  manualEncoding: boolean;
}

interface RequestInit {
  readonly body?: unknown;
  readonly cache?: CacheMode;
  readonly cf?: object;
  readonly encodeResponseBody?: "automatic" | "manual";
  readonly fetcher?: Fetcher | null;
  readonly headers?: unknown;
  readonly method?: string;
  readonly redirect?: RedirectMode;
  readonly signal?: AbortSignal | null;
}

const METHODS = new Set(
  (
    "GET HEAD POST PUT DELETE PATCH PURGE OPTIONS TRACE COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK ACL " +
    "REPORT MKACTIVITY CHECKOUT MERGE M-SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE QUERY BAN"
  ).split(" "),
);

const anything: Converter<unknown> = value => value;

const method: Converter<string> = (value, context) => {
  const given = DOMString(value, context);
  if (METHODS.has(given)) return given;
  const upper = given.replace(/[a-z]/g, letter => letter.toUpperCase());
  if (!METHODS.has(upper)) throw new TypeError(`Invalid HTTP method string: ${given}`);
  return upper;
};

const redirect: Converter<RedirectMode> = (value, context) => {
  const mode = DOMString(value, context).toLowerCase();
  if (mode === "follow" || mode === "manual") return mode;
  throw new TypeError(
    'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented since it does not ' +
      'make sense at the edge; use "manual" and check the response status code).',
  );
};

const encodeResponseBody: Converter<"automatic" | "manual"> = (value, context) => {
  const mode = DOMString(value, context);
  if (mode === "automatic" || mode === "manual") return mode;
  throw new TypeError(`encodeResponseBody: unexpected value: ${mode}`);
};

const integrity: Converter<string> = (value, context) => {
  if (DOMString(value, context) === "") return "";
  throw new TypeError(
    "Subrequest integrity checking is not implemented. The integrity option must be either undefined or an empty string.",
  );
};

const signal: Converter<AbortSignal | null> = value => {
  if (value === null || isSignal(value)) return value;
  throw wrongField("signal", "RequestInitializerDict", "AbortSignal");
};

const fetcher: Converter<Fetcher | null> = value => {
  if (value === null) return null;
  if (typeof value === "object" && typeof (value as Partial<Fetcher>).fetch === "function")
    return value as Fetcher;
  throw wrongField("fetcher", "RequestInitializerDict", "Fetcher");
};

const cf: Converter<object> = value => {
  if (typeof value === "object" && value !== null) return cloneCf(value);
  throw wrongField("cf", "RequestInitializerDict", "object");
};

/** workerd copies `cf` by way of JSON. */
export const cloneCf = (value: object): object => JSONParse(JSONStringify(value)) as object;

const requestInit = dictionary<RequestInit>("RequestInit", [
  { key: "body", converter: anything },
  { key: "cache", converter: cacheMode },
  { key: "cf", converter: cf },
  { key: "encodeResponseBody", converter: encodeResponseBody },
  { key: "fetcher", converter: fetcher },
  { key: "headers", converter: anything },
  { key: "integrity", converter: integrity },
  { key: "method", converter: method },
  { key: "redirect", converter: redirect },
  { key: "signal", converter: signal },
]);

const NO_BODY_ALLOWED = "Request with a GET or HEAD method cannot have a body.";

/** The Request of a `fetch` event. Nothing of it was written by the worker, so nothing is checked. */
export let incomingRequest: (
  method: string,
  url: string,
  headers: WireHeaders,
  body: WireBody,
  cf: string | null,
  signal: SignalSource | undefined,
) => Request;
/** What fetch() needs to know of a Request. */
export let requestStateOf: (request: Request) => Readonly<RequestState>;
export let isRequest: (value: unknown) => value is Request;
/** The `cf` of a Request as JSON, null when nobody gave it one. */
export let cfTextOf: (request: Request) => string | null;

export class Request extends Body {
  #state!: RequestState;

  static {
    isRequest = (value): value is Request => typeof value === "object" && value !== null && #state in value;
    requestStateOf = request => request.#state;
    cfTextOf = request => {
      const { cf, cfText } = request.#state;
      if (cf !== undefined) return JSONStringify(cf);
      return cfText === LOCAL_CF ? null : cfText;
    };
    incomingRequest = (method, url, headers, body, cf, signal) => {
      const request = new Request(internal as unknown as string);
      request.#state = newState(method, url, cf ?? LOCAL_CF, signal);
      // What goes on to somewhere else answers the client, redirects and all.
      request.#state.redirect = "manual";
      initBody(request, body as BodySource, headers, true);
      return request;
    };
  }

  constructor(input: Request | URL | string, init: unknown = undefined) {
    requireArguments(arguments.length, 1, "Failed to construct 'Request'");
    super(internal);
    if ((input as unknown) === internal) return;
    const from = isRequest(input) ? input : undefined;
    this.#state = from === undefined ? newState("GET", absoluteUrl(input), null, undefined) : copyState(from);
    if (isRequest(init)) this.#adopt(init);
    else this.#apply(from, init);
  }

  get method(): string {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.method;
  }

  get url(): string {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.url;
  }

  get headers(): Headers {
    if (!(#state in this)) throw illegalInvocation();
    return headersOf(this);
  }

  get redirect(): string {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.redirect;
  }

  get fetcher(): object | null {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.fetcher;
  }

  get signal(): AbortSignal {
    if (!(#state in this)) throw illegalInvocation();
    const state = this.#state;
    if (state.signal !== undefined) return state.signal;
    if (typeof state.seenSignal === "function") state.seenSignal = state.seenSignal();
    state.seenSignal ??= createSignal();
    return state.seenSignal;
  }

  get cf(): object | undefined {
    if (!(#state in this)) throw illegalInvocation();
    const state = this.#state;
    if (state.cf === undefined && state.cfText !== null) state.cf = JSONParse(state.cfText) as object;
    return state.cf;
  }

  get integrity(): string {
    if (!(#state in this)) throw illegalInvocation();
    return "";
  }

  get keepalive(): boolean {
    if (!(#state in this)) throw illegalInvocation();
    return false;
  }

  get cache(): string | undefined {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.cache;
  }

  clone(): Request {
    if (!(#state in this)) throw illegalInvocation();
    const body = cloneSource(this);
    const request = new Request(internal as unknown as string);
    request.#state = copyState(this);
    initBody(request, body, headerListOf(this).slice(), hasImmutableHeaders(this));
    return request;
  }

  /** The second argument is a Request: workerd takes all but the URL from it, and shares its body. */
  #adopt(init: Request): void {
    const url = this.#state.url;
    this.#state = { ...copyState(init), url };
    const body = init.body;
    initBody(this, extractBody(body, [], ""), headerListOf(init).slice(), false);
  }

  #apply(from: Request | undefined, init: unknown): void {
    const state = this.#state;
    const given: RequestInit =
      init === undefined ? {} : requestInit(init, "Failed to construct 'Request': parameter 2");
    if (given.method !== undefined) state.method = given.method;
    if (given.redirect !== undefined) state.redirect = given.redirect;
    if (given.cache !== undefined) state.cache = given.cache;
    if (given.fetcher !== undefined) state.fetcher = given.fetcher;
    if (given.encodeResponseBody !== undefined) state.manualEncoding = given.encodeResponseBody === "manual";
    if (given.cf !== undefined) state.cf = given.cf;
    if (given.signal !== undefined) {
      state.signal = given.signal ?? undefined;
      state.seenSignal = undefined;
    }
    const headers = this.#headersFrom(from, given.headers);
    const givesBody = given.body !== undefined && given.body !== null;
    const inheritsBody = from !== undefined && !givesBody && hasBody(from);
    if (state.method === "GET" || state.method === "HEAD") {
      // A Request that came in with such a body may go on with it, unless its method was chosen anew.
      if (givesBody || (inheritsBody && given.method !== undefined)) throw new TypeError(NO_BODY_ALLOWED);
    }
    let body: BodySource = null;
    if (givesBody)
      body = extractBody(given.body, headers, "Failed to construct 'Request': 'body' of 'RequestInit'");
    else if (inheritsBody) body = takeBodyOf(from);
    initBody(this, body, headers, false);
  }

  #headersFrom(from: Request | undefined, given: unknown): WireHeaders {
    if (given !== undefined) {
      return copyHeadersInit(given, "Failed to construct 'Request': 'headers' of 'RequestInit'");
    }
    return from === undefined ? [] : headerListOf(from).slice();
  }
}

exposeInterface(Request, "Request");

function newState(
  method: string,
  url: string,
  cfText: string | null,
  seenSignal: SignalSource | undefined,
): RequestState {
  return {
    method,
    url,
    redirect: "follow",
    signal: undefined,
    seenSignal,
    cf: undefined,
    cfText,
    cache: undefined,
    fetcher: null,
    manualEncoding: false,
  };
}

function copyState(from: Request): RequestState {
  const state = { ...requestStateOf(from) };
  if (state.cf !== undefined) state.cf = cloneCf(state.cf);
  // Asked of the original, so that both see one and the same signal.
  if (typeof state.seenSignal === "function") state.seenSignal = () => from.signal;
  return state;
}

function takeBodyOf(from: Request): BodySource {
  if (from.bodyUsed) throw new TypeError("Cannot reconstruct a Request with a used body.");
  return takeSource(from);
}

function absoluteUrl(input: unknown): string {
  const text = USVString(input, "Failed to construct 'Request': parameter 1");
  const url = normalizeURL(text);
  if (url === null) throw new TypeError(`Invalid URL: ${text}`);
  return url;
}
