/** What crosses for rate limits. */
export interface RateLimitAsyncOps {
  /**
   * Counts `delta` for the key and answers true, unless the key has reached the limit in the current window of `period`
   * seconds. The binding's name says in which namespace.
   */
  "ratelimit.limit"(binding: string, key: string, limit: number, period: number, delta: number): boolean;
}
