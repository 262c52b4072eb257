/** HTTP between a client and a worker: node:http's requests and responses to the wire's form and back, streaming. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  type ServerOptions as ServerSettings,
} from "node:http";
import type { Readable } from "node:stream";
import type { Answer, Dispatch, OpContext } from "../engine/ops.ts";
import type { WireHeaders } from "../web/fetch/contract.ts";
import { headerFromLatin1 } from "../web/fetch/header-bytes.ts";
import { wireBody } from "../web/fetch/wire-body.ts";
import { RequestBody } from "./request-body.ts";
import { sendAnswer } from "./response.ts";
import {
  asksForWebSocket,
  dropWebSocket,
  openWebSocket,
  responseTo,
  type Upgrade,
  upgradeNotAsked,
  webSocketOf,
} from "./websocket.ts";

/** A body of at most this size that has arrived with its head travels with it. */
const INLINE_BODY_BYTES = 16 * 1024;

/** As in workerd, the head of a request may be this large. */
const MAX_HEADER_BYTES = 128 * 1024;

export interface HttpOptions {
  readonly scheme: "http" | "https";
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Hands an event to the worker that serves this server. */
  readonly dispatch: Dispatch;
  /** Answers requests that never reach the worker. Returns false for all others. */
  intercept(request: IncomingMessage, response: ServerResponse): boolean;
  /** Answers for an event that failed. The head has not been sent. */
  onError(error: Error, request: IncomingMessage, response: ServerResponse): void;
  /** Called when a response is finished; absent when nobody wants to know. */
  onFinished?:
    | ((request: IncomingMessage, response: ServerResponse, milliseconds: number) => void)
    | undefined;
  /** Appended to every HTML response. */
  readonly htmlSuffix?: string | undefined;
}

/** A server that is not listening yet. */
export async function createHttpServer(options: HttpOptions): Promise<Server> {
  const settings = {
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
    noDelay: true,
    // All other upgrades that a client may offer are ignored, as HTTP allows.
    shouldUpgradeCallback: asksForWebSocket,
  };
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    receive(options, request, response);
  const server = await createNodeServer(options, settings, listener);
  server.on("upgrade", (request: IncomingMessage, _socket: unknown, head: Buffer) =>
    receive(options, request, responseTo(request), { head }),
  );
  return server;
}

async function createNodeServer(
  options: HttpOptions,
  settings: ServerSettings,
  listener: RequestListener,
): Promise<Server> {
  if (options.tls === undefined) return createServer(settings, listener);
  const https = await import("node:https");
  return https.createServer({ ...settings, ...options.tls }, listener) as unknown as Server;
}

function receive(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  upgrade?: Upgrade,
): void {
  if (options.onFinished !== undefined) {
    const startedAt = performance.now();
    response.once("close", () => options.onFinished?.(request, response, performance.now() - startedAt));
  }
  const target = request.url ?? "/";
  if (target.startsWith("/cdn-cgi/") || target.startsWith("/__")) {
    if (options.intercept(request, response)) return;
  }
  const url = requestUrl(options.scheme, request);
  if (url === undefined) {
    refuse(response, 400, "Bad Request: the Host header or the request target is malformed.");
    return;
  }
  const length = request.headers["content-length"];
  if (length === undefined && request.headers["transfer-encoding"] === undefined) {
    serve(options, request, response, url, null, upgrade);
  } else if (length !== undefined && Number(length) <= INLINE_BODY_BYTES) {
    // The body usually comes in the same packet as the head: by the next turn it is here.
    setImmediate(() => {
      if (request.complete)
        serve(options, request, response, url, (request.read() as Buffer | null) ?? new Uint8Array());
      else serve(options, request, response, url, new RequestBody(request));
    });
  } else {
    serve(options, request, response, url, new RequestBody(request));
  }
}

const HOST = /^(?:[a-z0-9._~!$&'()*+,;=%-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

function requestUrl(scheme: string, request: IncomingMessage): string | undefined {
  const target = request.url ?? "/";
  if (/^https?:\/\//i.test(target)) return URL.canParse(target) ? target : undefined;
  const host = request.headers.host ?? "localhost";
  if (!HOST.test(host)) return undefined;
  return target.startsWith("/") ? `${scheme}://${host}${target}` : `${scheme}://${host}/${target}`;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" });
  response.end(text);
}

function serve(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  body: null | Uint8Array | Readable,
  upgrade?: Upgrade,
): void {
  let abort: ((reason: string) => void) | undefined;
  let answer: Answer | undefined;
  let closed = false;
  response.once("close", () => {
    closed = true;
    if (!response.writableFinished) abort?.("The client has disconnected.");
    answer?.release();
  });
  const prepare = (context: OpContext) => {
    const wire = wireBody(body, context.streams);
    return [request.method ?? "GET", url, withClientAddress(request), wire, null, null];
  };
  options
    .dispatch("fetch", prepare, value => {
      abort = value;
    })
    .then(
      value => {
        answer = value;
        if (closed) {
          dropWebSocket(answer);
          answer.release();
        } else if (webSocketOf(answer) === undefined) {
          sendAnswer(answer, request, response, options.htmlSuffix);
        } else if (upgrade === undefined) {
          dropWebSocket(answer);
          options.onError(upgradeNotAsked(), request, response);
        } else {
          void openWebSocket(answer, request, response, upgrade).then(() => {
            // As far as HTTP goes, this is the end of the request.
            abort = undefined;
            response.emit("close");
          });
        }
      },
      error => {
        if (closed) return;
        if (response.headersSent) response.destroy();
        else options.onError(error, request, response);
      },
    );
}

const isNotAscii = (text: string) => /[^\0-\x7f]/.test(text);

const clientAddresses = new WeakMap<object, string>();

/** The request's headers, with the client's address where Cloudflare's edge would have put it. */
function withClientAddress(request: IncomingMessage): WireHeaders {
  const headers = request.rawHeaders.some(isNotAscii)
    ? request.rawHeaders.map(headerFromLatin1)
    : request.rawHeaders;
  if (request.headers["cf-connecting-ip"] !== undefined) return headers;
  let address = clientAddresses.get(request.socket);
  if (address === undefined) {
    address = request.socket.remoteAddress ?? "127.0.0.1";
    clientAddresses.set(request.socket, address);
  }
  return [...headers, "CF-Connecting-IP", address];
}
