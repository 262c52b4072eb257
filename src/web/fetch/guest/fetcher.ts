/** `Fetcher`: what a worker sends requests to by a binding (https://developers.cloudflare.com/workers/runtime-apis/fetch/). */
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import type { URL } from "../../url/guest/url.ts";
import { fetchOver, type Transport } from "./fetch.ts";
import { Request } from "./request.ts";
import type { Response } from "./response.ts";

const CONSTRUCTION = Symbol("construction");

export class Fetcher {
  #transport: Transport;

  constructor(token: symbol, transport: Transport) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#transport = transport;
  }

  /** As the global fetch(), redirects included: relative URLs have no base here either. */
  async fetch(input: Request | URL | string, init: unknown = undefined): Promise<Response> {
    if (!(#transport in this)) throw illegalInvocation();
    if (arguments.length === 0) {
      throw new TypeError(
        "Failed to execute 'fetch' on 'Fetcher': parameter 1 is not of type 'Request or string'.",
      );
    }
    return fetchOver(this.#transport, new Request(input, init));
  }
}

exposeInterface(Fetcher, "Fetcher");

/** A Fetcher whose requests go that way. */
export function createFetcher(transport: Transport): Fetcher {
  return new Fetcher(CONSTRUCTION, transport);
}
