/** https://developers.cloudflare.com/durable-objects/api/state/#setwebsocketautoresponse */
import { DOMString, exposeInterface, illegalInvocation, requireArguments } from "../../../guest/webidl.ts";

/** A message that WebSockets answer without the worker, and the answer. */
export class WebSocketRequestResponsePair {
  readonly #request: string;
  readonly #response: string;

  constructor(request: string, response: string) {
    const where = "Failed to construct 'WebSocketRequestResponsePair'";
    requireArguments(arguments.length, 2, where);
    this.#request = DOMString(request, `${where}: parameter 1`);
    this.#response = DOMString(response, `${where}: parameter 2`);
  }

  get request(): string {
    if (!(#request in this)) throw illegalInvocation();
    return this.#request;
  }

  get response(): string {
    if (!(#request in this)) throw illegalInvocation();
    return this.#response;
  }
}
exposeInterface(WebSocketRequestResponsePair, "WebSocketRequestResponsePair");
