/** What crosses for the Cache API. The first argument is always the cache's name; null is `caches.default`. */
import type { WireBody, WireHeaders } from "../../web/fetch/contract.ts";

export interface CacheAsyncOps {
  /**
   * The response kept under a key, as the request's headers want it: whole, a part of it (206), or none of its body
   * (304, 416). Null when there is none. Of the request only the headers that matter come.
   */
  "cache.match"(
    cache: string | null,
    key: string,
    request: WireHeaders,
  ): readonly [status: number, headers: WireHeaders, body: WireBody] | null;
  /**
   * Keeps a response, where its headers and those of the request allow that; where they do not, its body is read and
   * thrown away. Answers when that is done. `encoded`: the body is encoded already as its Content-Encoding says.
   */
  "cache.put"(
    cache: string | null,
    key: string,
    request: WireHeaders,
    status: number,
    headers: WireHeaders,
    body: WireBody,
    encoded: boolean,
  ): null;
  /** Whether there was a response to remove. */
  "cache.delete"(cache: string | null, key: string): boolean;
}
