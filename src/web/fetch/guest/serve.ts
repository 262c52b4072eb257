/** The worker as a server: from a `fetch` event to its handler, and from what the handler returns to the wire. */
import type { Execution } from "../../../guest/execution.ts";
import { notify } from "../../../guest/host.ts";
import { PromiseResolve, PromiseThen } from "../../../guest/primordials.ts";
import { createSignal, signalAbort } from "../../abort/guest.ts";
import { DOMException } from "../../dom-exception/guest.ts";
import { giveToClient, type WebSocket } from "../../websocket/guest/websocket.ts";
import type { FetchEvents, WireBody, WireHeaders, WireResponse } from "../contract.ts";
import { BODY_USED, discardBody, framedHeaders, headerListOf, isReplayable, takeForHost } from "./body.ts";
import { incomingRequest, type Request } from "./request.ts";
import { extrasOf, isResponse, type Response } from "./response.ts";
import { defaultStatusText } from "./status.ts";

/** Answers a `fetch` event with what `handle` returns or resolves to. */
export function serveFetch(
  execution: Execution,
  args: Parameters<FetchEvents["fetch"]>,
  handle: (request: Request) => unknown,
): Promise<WireResponse> {
  const { 0: method, 1: url, 2: headers, 3: body, 4: cf } = args;
  let gone: DOMException | undefined;
  execution.onAbort = () => {
    gone = new DOMException("The client has disconnected", "AbortError");
  };
  const request = incomingRequest(method, url, headers, body, cf, () => {
    const signal = createSignal();
    notify("event.awaitsClient");
    if (gone !== undefined) signalAbort(signal, gone);
    execution.onAbort = () =>
      signalAbort(signal, new DOMException("The client has disconnected", "AbortError"));
    return signal;
  });
  const answer = PromiseResolve(handle(request));
  return PromiseThen(answer, method === "HEAD" ? headResponseToWire : responseToWire);
}

/** The wire form of a handler's answer. */
export function responseToWire(answer: unknown): WireResponse {
  const response = sendable(answer);
  const body = takeForHost(response);
  return toWire(response, framedHeaders(response, headerListOf(response)), body);
}

/** The same for a HEAD request: a body that is at hand tells the host its length, a stream is of no use. */
function headResponseToWire(answer: unknown): WireResponse {
  const response = sendable(answer);
  const body = isReplayable(response) ? takeForHost(response) : discardBody(response);
  return toWire(response, headerListOf(response), body);
}

function sendable(answer: unknown): Response {
  if (!isResponse(answer)) {
    throw noResponse("Incorrect type for Promise: the Promise did not resolve to 'Response'.");
  }
  if (answer.status === 0) {
    throw noResponse("A Response made by Response.error() cannot be sent to a client.");
  }
  if (answer.bodyUsed) {
    throw noResponse(BODY_USED);
  }
  return answer;
}

function noResponse(message: string): Error {
  const error: Error & { code?: string } = new TypeError(message);
  error.code = "no-response";
  return error;
}

function toWire(response: Response, headers: WireHeaders, body: WireBody): WireResponse {
  const { status } = response;
  const statusText = response.statusText || defaultStatusText(status);
  const { webSocket } = extrasOf(response);
  if (webSocket !== undefined) {
    return [status, statusText, headers, body, "automatic", giveToClient(webSocket as WebSocket)];
  }
  if (extrasOf(response).manualEncoding) return [status, statusText, headers, body, "manual"];
  return [status, statusText, headers, body];
}
