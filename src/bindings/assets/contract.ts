/** What crosses for static assets. */
import type { WireHeaders, WireResponse } from "../../web/fetch/contract.ts";

export interface AssetsAsyncOps {
  /** The assets' answer to a request. Its body is none of their concern. */
  "assets.fetch"(binding: string, method: string, url: string, headers: WireHeaders): WireResponse;
}
