/** `env.ASSETS`, as a worker sees it (https://developers.cloudflare.com/workers/static-assets/binding/). */
import { call } from "../../guest/host.ts";
import { discardWireBody } from "../../web/fetch/guest/body.ts";
import { createFetcher, type Fetcher } from "../../web/fetch/guest/fetcher.ts";
import type { BindingDescriptor } from "../contracts.ts";

/** The object on `env` for a binding. */
export function createAssets({ name }: BindingDescriptor): Fetcher {
  return createFetcher((_id, method, url, headers, body) => {
    discardWireBody(body);
    return call("assets.fetch", name, method, url, headers);
  });
}
