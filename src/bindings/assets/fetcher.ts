import type { Readable } from "node:stream";

/**
 * What answers for a worker's static assets. Another implementation (assets that a build keeps in memory, a bucket)
 * passes the suite `describeAssetsFetcher`; one that only keeps its files elsewhere implements `AssetsSource`, and
 * leaves the rules to `RoutedAssets`.
 *
 * https://developers.cloudflare.com/workers/static-assets/
 */
export interface AssetsFetcher {
  /**
   * The answer to a request of a client that the assets give before the worker is asked; null where the request is
   * the worker's.
   */
  route(request: AssetsRequest): Promise<AssetsResponse | null>;

  /** The answer to a request that is meant for the assets: what `env.ASSETS.fetch()` gives. 404 where there is none. */
  fetch(request: AssetsRequest): Promise<AssetsResponse>;

  /** Lets go of files. Answers under way are read to their end. */
  close(): Promise<void>;
}

/** Header names and values in turn: `[name, value, name, value, …]`. */
export type HeaderList = readonly string[];

export interface AssetsRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: HeaderList;
}

export interface AssetsResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderList;
  /** Bytes are not written to; a stream is read to its end or destroyed. Null for a request whose method is HEAD. */
  readonly body: Uint8Array | Readable | null;
  /** How long the body is, or would be for another method; null where the response has none. */
  readonly length: number | null;
}
