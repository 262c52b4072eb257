/** The limits of the cache. */
export interface CacheLimits {
  /** A response's body: Cloudflare's limit for all plans but one. A larger one is not kept. */
  readonly bodyBytes: number;
  /** All that a state folder's caches hold together. What was used least recently makes room for what is new. */
  readonly totalBytes: number;
}

export const cacheLimits: CacheLimits = {
  bodyBytes: 512 * 1024 * 1024,
  totalBytes: 1024 * 1024 * 1024,
};
