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

export interface FetchOptions {
  /** Whether the host decompresses the response by its Content-Encoding. */
  readonly decompress: boolean;
  /** The `cf` object of the request, as JSON; null when there is none. */
  readonly cf: string | null;
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
