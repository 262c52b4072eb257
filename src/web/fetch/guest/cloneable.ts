/** Headers, and Requests and Responses without a body, can be cloned on workerd. */
import { dataCloneError } from "../../structured-clone/guest/refusal.ts";
import { registerCloneable } from "../../structured-clone/guest.ts";
import type { WireHeaders } from "../contract.ts";
import { type Body, hasBody, headerListOf } from "./body.ts";
import { Headers, headersOver, listBehind } from "./headers.ts";
import { Request, requestStateOf } from "./request.ts";
import { extrasOf, Response } from "./response.ts";

registerCloneable(Headers, {
  serialize: headers => [...(listBehind(headers) ?? [])],
  deserialize: list => headersOver(list as WireHeaders, false),
});

registerCloneable(Request, {
  serialize(request) {
    refuseBody(request);
    const { method, redirect, url, cache } = requestStateOf(request);
    const { cf } = request;
    return {
      url,
      init: {
        method,
        redirect,
        headers: [...request.headers],
        ...(cf === undefined ? {} : { cf }),
        ...(cache === undefined ? {} : { cache }),
      },
    };
  },
  deserialize(data) {
    const { url, init } = data as { url: string; init: object };
    return new Request(url, init);
  },
});

registerCloneable(Response, {
  serialize(response) {
    refuseBody(response);
    if (extrasOf(response).webSocket !== undefined) {
      throw dataCloneError("A response to a WebSocket handshake cannot be cloned.");
    }
    const { status, statusText, cf } = response;
    return { status, statusText, headers: [...headerListOf(response)], ...(cf === undefined ? {} : { cf }) };
  },
  deserialize(data) {
    const { headers, ...init } = data as { headers: string[]; status: number; statusText: string };
    const pairs: string[][] = [];
    for (let index = 0; index < headers.length; index += 2) pairs.push(headers.slice(index, index + 2));
    return init.status === 0 ? Response.error() : new Response(null, { ...init, headers: pairs });
  },
});

function refuseBody(body: Body): void {
  if (hasBody(body)) throw dataCloneError("ReadableStream can only be serialized for RPC.");
}
