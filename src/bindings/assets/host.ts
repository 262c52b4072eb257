/** The op of static assets. What opens them is in open.ts, which brings more than most workers need. */
import type { HostOps } from "../../engine/ops.ts";
import { wireBody } from "../../web/fetch/wire-body.ts";
import type { AssetsAsyncOps } from "./contract.ts";
import type { AssetsFetcher } from "./fetcher.ts";

export const assetsOps: HostOps<AssetsAsyncOps> = {
  async "assets.fetch"(context, binding, method, url, headers) {
    context.countSubrequest();
    const assets = await context.resource<Promise<AssetsFetcher>>("assets", binding);
    const answer = await assets.fetch({ method, url, headers });
    return [answer.status, answer.statusText, [...answer.headers], wireBody(answer.body, context.streams)];
  },
};
