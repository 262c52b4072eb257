/** Static assets in front of a worker: requests that they answer never enter an isolate. */
import type { Readable } from "node:stream";
import type { AssetsFetcher, AssetsResponse } from "../bindings/assets/fetcher.ts";
import type { Answer, Dispatch, OpContext } from "../engine/ops.ts";
import type { WireBody, WireHeaders, WireResponse } from "../web/fetch/contract.ts";
import { StreamTable } from "../web/streams/host.ts";

/** Hands an event to the worker; null where there is none. */
export type ToWorker = Dispatch | null;

/** Answers a fetch event by the assets, or hands it on. */
export async function assetsFirst(
  assets: AssetsFetcher,
  toWorker: ToWorker,
  ...[type, prepare, onStart]: Parameters<Dispatch>
): Promise<Answer> {
  const context = new RequestContext();
  const [method, url, headers] = prepare(context as unknown as OpContext) as [string, string, WireHeaders];
  const request = { method, url, headers };
  const answer = await (toWorker === null ? assets.fetch(request) : assets.route(request));
  // The worker's event prepares the request anew; nothing of it has been read.
  if (answer === null) return (toWorker as Dispatch)(type, prepare, onStart);
  context.discardBody();
  return answerOf(answer, method);
}

/** What stands for the context of an event while it is not known yet whether there will be one. */
class RequestContext {
  #body: Readable | undefined;

  readonly streams = {
    give: (body: Readable): number => {
      this.#body = body;
      return 1;
    },
  };

  discardBody(): void {
    this.#body?.destroy();
  }
}

/** The answer as one of a worker's. */
function answerOf({ status, statusText, headers, body, length }: AssetsResponse, method: string): Answer {
  const streams = new StreamTable();
  const wireBody: WireBody = body === null || body instanceof Uint8Array ? body : streams.give(body);
  const all = [...headers];
  if (length !== null && (method === "HEAD" || typeof wireBody === "number"))
    all.push("Content-Length", String(length));
  // The bytes are those of a file, whatever a rule says of their encoding.
  const result: WireResponse = [status, statusText, all, wireBody, "manual"];
  const context = { streams } as unknown as OpContext;
  return { result, context, release: () => wireBody !== body && (body as Readable).destroy() };
}
