/** Outbound HTTP: the ops of fetch(). undici is loaded by the first request. */
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { HostOps, OpContext } from "../../engine/ops.ts";
import { findKept, keepPassing } from "./cached-exchange.ts";
import type { FetchAsyncOps, FetchOptions, WireBody, WireHeaders, WireResponse } from "./contract.ts";
import { codingsOf, DecodedBody } from "./decoded-body.ts";
import { Exchange } from "./exchange.ts";
import { headerToLatin1 } from "./header-bytes.ts";
import { joinedHeader, removeHeaders } from "./header-list.ts";
import { fetchLimits } from "./limits.ts";
import { wireBody } from "./wire-body.ts";

let dispatcher: Promise<Dispatcher> | undefined;

/** The way to the network: through the proxy that the environment names, if it names one. */
async function createDispatcher(): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import("undici");
  const options = {
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: fetchLimits.responseHeaderBytes,
  };
  const { env } = process;
  const proxied = env["http_proxy"] || env["HTTP_PROXY"] || env["https_proxy"] || env["HTTPS_PROXY"];
  return proxied ? new EnvHttpProxyAgent(options) : new Agent(options);
}

/** Requests under way, by the event that sent them and the guest's number. */
const underWay = new WeakMap<OpContext, Map<number, Exchange>>();

/** Headers about the connection, which is not the worker's. */
const CONNECTION_HEADERS = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

function requestHeaders(headers: WireHeaders, body: WireBody): string[] {
  const sent: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    const lower = name.toLowerCase();
    // Of a stream, the guest says the length if it is known; any other body has the length it has.
    if (CONNECTION_HEADERS.has(lower) && !(lower === "content-length" && typeof body === "number")) continue;
    sent.push(name, headerToLatin1(value));
  }
  return sent;
}

async function send(
  context: OpContext,
  id: number,
  method: string,
  url: string,
  headers: WireHeaders,
  body: WireBody,
  options: FetchOptions,
): Promise<WireResponse> {
  context.countSubrequest();
  const { caching } = options;
  // What is kept is kept decoded, so it is of no use to who wants the body as it came.
  const cacheable = caching && options.decompress ? { method, url, headers, caching } : undefined;
  if (cacheable !== undefined) {
    const kept = await findKept(context, cacheable);
    if (kept !== undefined) {
      if (typeof body === "number") context.streams.take(body).destroy();
      return kept;
    }
  }
  const target = new URL(url);
  const source = typeof body === "number" ? context.streams.take(body) : body;
  const exchanges = underWay.get(context) ?? new Map<number, Exchange>();
  underWay.set(context, exchanges);
  const onEventEnd = () => exchange.abort();
  const exchange = new Exchange(() => {
    exchanges.delete(id);
    context.signal.removeEventListener("abort", onEventEnd);
  });
  exchanges.set(id, exchange);
  context.signal.addEventListener("abort", onEventEnd);
  dispatcher ??= createDispatcher();
  (await dispatcher).dispatch(
    {
      origin: target.origin,
      path: `${target.pathname}${target.search}`,
      method,
      headers: requestHeaders(headers, body),
      body: source as string | Uint8Array | Readable | null,
    },
    exchange,
  );
  const head = await exchange.head;
  if (cacheable !== undefined) {
    const received = exchange.body as Readable;
    const plain = decoded(received, head.headers, options) ?? received;
    return keepPassing(context, cacheable, { ...head, body: plain });
  }
  const responseBody = await bodyOf(exchange, head.headers, context, options);
  return [head.status, head.statusText, head.headers, responseBody];
}

/** A small body that is here already travels with its head; any other is a stream. */
async function bodyOf(
  exchange: Exchange,
  headers: WireHeaders,
  context: OpContext,
  options: FetchOptions,
): Promise<WireBody> {
  const body = exchange.body as Readable;
  const decoded = decodeBody(body, headers, context, options);
  if (decoded !== undefined) return decoded;
  const length = joinedHeader(headers, "content-length");
  if (length !== undefined && Number(length) <= fetchLimits.inlineBodyBytes) {
    if (!exchange.complete) await new Promise(setImmediate);
    if (exchange.complete && !body.destroyed) {
      const chunks: Buffer[] = [];
      for (let chunk = body.read() as Buffer | null; chunk !== null; chunk = body.read() as Buffer | null)
        chunks.push(chunk);
      body.destroy();
      return wireBody(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks), context.streams);
    }
  }
  return context.streams.give(body);
}

/** The handle of the body as it was before its Content-Encoding; undefined where it has none to undo. */
export function decodeBody(
  body: Readable,
  headers: WireHeaders,
  context: OpContext,
  options: FetchOptions,
): number | undefined {
  const plain = decoded(body, headers, options);
  return plain && context.streams.give(plain);
}

function decoded(body: Readable, headers: WireHeaders, options: FetchOptions): Readable | undefined {
  const encoding = options.decompress ? joinedHeader(headers, "content-encoding") : undefined;
  const codings = encoding === undefined ? [] : codingsOf(encoding);
  if (codings.length === 0) return undefined;
  // What workerd decodes it encodes again for the client, by the header. What else is decoded here is plain from now on.
  if (encoding !== "gzip" && encoding !== "br") removeHeaders(headers, "content-encoding", "content-length");
  return new DecodedBody(body, codings);
}

export const fetchOps: HostOps<FetchAsyncOps> = {
  "fetch.send": send,
  "fetch.abort": (context, id) => {
    underWay.get(context)?.get(id)?.abort();
    return null;
  },
};
