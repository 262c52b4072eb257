/** The op of static assets. What opens them is in open.ts, which brings more than most workers need. */
import type { HostOps } from "../../engine/ops.ts";
import type { AssetsAsyncOps } from "./contract.ts";
import type { AssetsFetcher } from "./fetcher.ts";

export const assetsOps: HostOps<AssetsAsyncOps> = {
  async "assets.fetch"(context, binding, method, url, headers) {
    context.countSubrequest();
    const assets = await context.resource<Promise<AssetsFetcher>>("assets", binding);
    const answer = await assets.fetch({ method, url, headers });
    const { body } = answer;
    const wireBody = body === null || body instanceof Uint8Array ? body : context.streams.give(body);
    return [answer.status, answer.statusText, [...answer.headers], wireBody];
  },
};
