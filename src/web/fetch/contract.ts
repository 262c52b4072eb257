/** A body as it crosses: nothing, text, bytes, or the handle of a stream (see streams/contract.ts). */
export type WireBody = null | string | Uint8Array | number;

/** Header names and values in turn: `[name, value, name, value, …]`, in the order received. */
export type WireHeaders = string[];

/**
 * A response as it crosses. "manual" tells that the body is encoded already as the Content-Encoding header says;
 * otherwise the server encodes the body on its way to the client. `webSocket` is the number of the WebSocket that a
 * client's handshake is answered with (see websocket/contract.ts).
 */
export type WireResponse = [
  status: number,
  statusText: string,
  headers: WireHeaders,
  body: WireBody,
  encoding?: "automatic" | "manual",
  webSocket?: number,
];

/** How a request wants its answer to be kept and found again. */
export interface FetchCaching {
  /** What the answer is kept under, instead of the URL. */
  readonly key: string | null;
  /** Keep what the answer's own headers allow. */
  readonly everything: boolean;
  /** What counts in place of the answer's Cache-Control. */
  readonly control: string | null;
  /** How long, whatever the answer's headers say: by its status, else always. 0 or less: not at all. */
  readonly seconds: number | null;
  readonly secondsByStatus: readonly (readonly [from: number, to: number, seconds: number])[];
  /** Ask again, whatever is kept. */
  readonly renew: boolean;
}

export interface FetchOptions {
  /** Whether the host decompresses the response by its Content-Encoding. */
  readonly decompress: boolean;
  /** The `cf` object of the request, as JSON; null when there is none. */
  readonly cf: string | null;
  /** Where it is absent the cache is not asked, and nothing is kept. */
  readonly caching?: FetchCaching | undefined;
}

export interface FetchAsyncOps {
  /**
   * Sends one HTTP request, follows no redirect, and answers with status, status text, headers and body.
   * `id` lets `fetch.abort` name it. A network failure is a TypeError.
   */
  "fetch.send"(
    id: number,
    method: string,
    url: string,
    headers: WireHeaders,
    body: WireBody,
    options: FetchOptions,
  ): WireResponse;
  "fetch.abort"(id: number): null;
}

export interface FetchEvents {
  /** A request for the worker's `fetch` handler. `cf` is the JSON of `request.cf`, or null. */
  fetch(
    method: string,
    url: string,
    headers: WireHeaders,
    body: WireBody,
    cf: string | null,
    entrypoint: string | null,
  ): WireResponse;
}
