/** WebSocketPair (https://developers.cloudflare.com/workers/runtime-apis/websockets/#websocketpair). */
import { requireEvent } from "../../../guest/event-context.ts";
import { exposeInterface } from "../../../guest/webidl.ts";
import { PairLink } from "./link.ts";
import { socketOver, type WebSocket } from "./websocket.ts";

/** Two connected WebSockets: one goes to the client with a Response, the other stays. */
export class WebSocketPair {
  declare readonly 0: WebSocket;
  declare readonly 1: WebSocket;

  constructor() {
    requireEvent();
    const links = PairLink.createPair();
    for (const index of [0, 1] as const) {
      const value = socketOver(links[index]);
      Object.defineProperty(this, index, { value, enumerable: true, configurable: true });
    }
  }

  [Symbol.iterator](): Iterator<WebSocket> {
    return [this[0], this[1]].values();
  }
}

exposeInterface(WebSocketPair);
Object.defineProperty(WebSocketPair.prototype, Symbol.iterator, { enumerable: false });
