/** Response (https://fetch.spec.whatwg.org/#response-class), as workerd has it: `cf`, `webSocket`, `encodeBody`. */
import { JSONStringify } from "../../../guest/primordials.ts";
import { wrongField } from "../../../guest/type-errors.ts";
import {
  type Converter,
  DOMString,
  dictionary,
  exposeInterface,
  illegalInvocation,
  long,
  requireArguments,
  USVString,
} from "../../../guest/webidl.ts";
import { isBlob } from "../../blob/guest.ts";
import { normalizeURL } from "../../url/guest/url.ts";
import type { WireHeaders } from "../contract.ts";
import {
  Body,
  type BodySource,
  cloneSource,
  hasImmutableHeaders,
  headerListOf,
  headersOf,
  initBody,
  internal,
} from "./body.ts";
import { extractBody } from "./body-init.ts";
import { findHeader } from "./header-list.ts";
import { copyHeadersInit, type Headers } from "./headers.ts";
import { cloneCf } from "./request.ts";
import { isNullBodyStatus, isRedirectStatus } from "./status.ts";

/** What few responses have. */
interface Extras {
  readonly cf?: object | undefined;
  readonly webSocket?: object | undefined;
  readonly url?: string;
  readonly redirected?: boolean;
  /** The body is encoded already, as its Content-Encoding says. */
  readonly manualEncoding?: boolean;
}

interface ResponseInit {
  readonly cf?: object;
  readonly encodeBody?: "automatic" | "manual";
  readonly headers?: unknown;
  readonly status?: number;
  readonly statusText?: string;
  readonly webSocket?: object | null;
}

let isWebSocket: (value: unknown) => value is object = (_value): _value is object => false;

/** Tells what a `webSocket` may be. */
export function acceptWebSockets(check: (value: unknown) => value is object): void {
  isWebSocket = check;
}

const anything: Converter<unknown> = value => value;

const cf: Converter<object> = value => {
  if (typeof value === "object" && value !== null) return cloneCf(value);
  throw wrongField("cf", "InitializerDict", "object");
};

const encodeBody: Converter<"automatic" | "manual"> = (value, context) => {
  const mode = DOMString(value, context);
  if (mode === "automatic" || mode === "manual") return mode;
  throw new TypeError(`encodeBody: unexpected value: ${mode}`);
};

const webSocket: Converter<object | null> = value => {
  if (value === null || isWebSocket(value)) return value;
  throw wrongField("webSocket", "InitializerDict", "WebSocket");
};

const CONTROL_CHARACTER = /[\x00-\x1f]/;

const statusText: Converter<string> = (value, context) => {
  const text = DOMString(value, context);
  if (CONTROL_CHARACTER.test(text)) throw new TypeError("Invalid statusText");
  return text;
};

const responseInit = dictionary<ResponseInit>("ResponseInit", [
  { key: "cf", converter: cf },
  { key: "encodeBody", converter: encodeBody },
  { key: "headers", converter: anything },
  { key: "status", converter: long },
  { key: "statusText", converter: statusText },
  { key: "webSocket", converter: webSocket },
]);

const NO_EXTRAS: Extras = {};

export let isResponse: (value: unknown) => value is Response;
/** A Response that was not made by a script: headers immutable, status unchecked. */
export let responseOver: (
  status: number,
  statusText: string,
  headers: WireHeaders,
  body: BodySource,
  extras?: Extras,
) => Response;
export let extrasOf: (response: Response) => Extras;
/** Whatever a worker has made of the accessor; 0 for a Response of `Response.error()`. */
export let statusOf: (response: Response) => number;

export class Response extends Body {
  #status = 200;
  #statusText = "";
  #extras: Extras = NO_EXTRAS;

  static {
    isResponse = (value): value is Response =>
      typeof value === "object" && value !== null && #status in value;
    extrasOf = response => response.#extras;
    statusOf = response => response.#status;
    responseOver = (status, statusText, headers, body, extras = NO_EXTRAS) => {
      const response = new Response(internal);
      response.#status = status;
      response.#statusText = statusText;
      response.#extras = extras;
      initBody(response, body, headers, true);
      return response;
    };
  }

  static error(): Response {
    const response = new Response(internal);
    response.#status = 0;
    initBody(response, null, [], false);
    return response;
  }

  static json(data: unknown, init: unknown = undefined): Response {
    requireArguments(arguments.length, 1, "Failed to execute 'json' on 'Response'");
    // As on workerd what has no JSON form becomes the text "undefined"; the standard would throw.
    const text = String(JSONStringify(data) as string | undefined);
    const response = new Response(internal);
    const headers = response.#init(init, "Failed to execute 'json' on 'Response': parameter 2");
    if (findHeader(headers, "content-type") < 0) headers.push("content-type", "application/json");
    response.#initBody(text, headers, "Failed to execute 'json' on 'Response': parameter 1");
    return response;
  }

  static redirect(url: string, status: number | undefined = undefined): Response {
    requireArguments(arguments.length, 1, "Failed to execute 'redirect' on 'Response'");
    const text = USVString(url, "Failed to execute 'redirect' on 'Response': parameter 1");
    const code =
      status === undefined ? 302 : long(status, "Failed to execute 'redirect' on 'Response': parameter 2");
    if (!isRedirectStatus(code)) {
      throw new RangeError(
        `${code} is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.`,
      );
    }
    const location = normalizeURL(text);
    if (location === null) throw new TypeError(`Unable to parse URL: ${text}`);
    return responseOver(code, "", ["Location", location], null);
  }

  constructor(body: unknown = undefined, init: unknown = undefined) {
    super(internal);
    if (body === internal) return;
    const headers = this.#init(init, "Failed to construct 'Response': parameter 2");
    this.#initBody(body, headers, "Failed to construct 'Response': parameter 1");
  }

  get status(): number {
    if (!(#status in this)) throw illegalInvocation();
    return this.#status;
  }

  /** As on workerd empty unless given: what the client is sent is the status's own text then. */
  get statusText(): string {
    if (!(#status in this)) throw illegalInvocation();
    return this.#statusText;
  }

  get headers(): Headers {
    if (!(#status in this)) throw illegalInvocation();
    return headersOf(this);
  }

  get ok(): boolean {
    if (!(#status in this)) throw illegalInvocation();
    return this.#status >= 200 && this.#status <= 299;
  }

  get redirected(): boolean {
    if (!(#status in this)) throw illegalInvocation();
    return this.#extras.redirected ?? false;
  }

  get url(): string {
    if (!(#status in this)) throw illegalInvocation();
    return this.#extras.url ?? "";
  }

  get type(): "default" | "error" {
    if (!(#status in this)) throw illegalInvocation();
    return this.#status === 0 ? "error" : "default";
  }

  get cf(): object | undefined {
    if (!(#status in this)) throw illegalInvocation();
    return this.#extras.cf;
  }

  get webSocket(): object | null {
    if (!(#status in this)) throw illegalInvocation();
    return this.#extras.webSocket ?? null;
  }

  clone(): Response {
    if (!(#status in this)) throw illegalInvocation();
    if (this.#extras.webSocket !== undefined) {
      throw new TypeError("Cannot clone a response to a WebSocket handshake.");
    }
    const body = cloneSource(this);
    const response = new Response(internal);
    response.#status = this.#status;
    response.#statusText = this.#statusText;
    const { cf } = this.#extras;
    response.#extras = cf === undefined ? this.#extras : { ...this.#extras, cf: cloneCf(cf) };
    initBody(response, body, headerListOf(this).slice(), hasImmutableHeaders(this));
    return response;
  }

  /** Takes over everything but the body; returns the headers. */
  #init(init: unknown, context: string): WireHeaders {
    if (init === undefined || init === null) return [];
    if (isResponse(init)) {
      const { cf, webSocket, manualEncoding } = init.#extras;
      if (init.#extras !== NO_EXTRAS) {
        this.#extras = {
          cf: cf && cloneCf(cf),
          webSocket,
          ...(manualEncoding === undefined ? {} : { manualEncoding }),
        };
      }
      this.#setStatus(init.#status);
      this.#statusText = init.#statusText;
      return headerListOf(init).slice();
    }
    const given = responseInit(init, context);
    if (given.cf !== undefined || given.encodeBody === "manual" || given.webSocket) {
      this.#extras = {
        cf: given.cf,
        webSocket: given.webSocket ?? undefined,
        manualEncoding: given.encodeBody === "manual",
      };
    }
    const headers =
      given.headers === undefined ? [] : copyHeadersInit(given.headers, `${context}: 'headers'`);
    this.#setStatus(given.status ?? 200);
    this.#statusText = given.statusText ?? "";
    return headers;
  }

  #setStatus(status: number): void {
    if (this.#extras.webSocket !== undefined) {
      if (status !== 101) throw new RangeError("Responses with a WebSocket must have status code 101.");
    } else if (status < 200 || status > 599) {
      throw new RangeError(
        "Responses may only be constructed with status codes in the range 200 to 599, inclusive.",
      );
    }
    this.#status = status;
  }

  #initBody(init: unknown, headers: WireHeaders, context: string): void {
    let body = extractBody(init, headers, context);
    if (body !== null && isNullBodyStatus(this.#status)) {
      // workerd lets an empty body pass for none.
      if (!isEmpty(body)) {
        throw new TypeError("Response with null body status (101, 204, 205, or 304) cannot have a body.");
      }
      body = null;
    }
    initBody(this, body, headers, false);
  }
}

exposeInterface(Response, "Response");

function isEmpty(body: BodySource): boolean {
  if (typeof body === "string") return body === "";
  if (body instanceof Uint8Array) return body.byteLength === 0;
  return isBlob(body) && body.size === 0;
}
