/** WebSocket (https://websockets.spec.whatwg.org/#the-websocket-interface), with what workerd adds to it. */

import { type CompatibilityFlag, isFlagOn } from "../../../guest/compatibility.ts";
import { currentEvent } from "../../../guest/event-context.ts";
import { PromiseThen } from "../../../guest/primordials.ts";
import {
  boolean,
  bytesOf,
  DOMString,
  defineConstants,
  dictionary,
  exposeInterface,
  illegalInvocation,
  long,
  requireArguments,
  sequence,
  USVString,
} from "../../../guest/webidl.ts";
import { blobOver } from "../../blob/guest.ts";
import { DOMException } from "../../dom-exception/guest.ts";
import { utf8Encode } from "../../encoding/guest.ts";
import {
  CloseEvent,
  dispatch,
  ErrorEvent,
  Event,
  EventTarget,
  MessageEvent,
  reportException,
  trusted,
} from "../../events/guest.ts";
import type { WireResponse } from "../../fetch/contract.ts";
import { discardWireBody } from "../../fetch/guest/body.ts";
import { getHeader } from "../../fetch/guest/header-list.ts";
import { acceptWebSockets } from "../../fetch/guest/response.ts";
import { deserialize, serialize } from "../../structured-clone/guest.ts";
import { beginHandshake, httpUrlOf, protocolHeader } from "./handshake.ts";
import { HostLink, type Link, type PairLink, type Receiver } from "./link.ts";

const STANDARD_BINARY_TYPE: CompatibilityFlag = {
  on: "websocket_standard_binary_type",
  off: "no_websocket_standard_binary_type",
  since: "2026-03-17",
};
const AUTO_REPLY: CompatibilityFlag = {
  on: "web_socket_auto_reply_to_close",
  off: "web_socket_manual_reply_to_close",
  since: "2026-04-07",
};

const MAX_ATTACHMENT_BYTES = 16_384;
const MAX_REASON_BYTES = 123;
const NOT_ACCEPTED =
  "You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.";
const NOT_ESTABLISHED = "Failed to establish websocket connection";

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/**
 * "idle": one end of a pair, or of a fetched connection, that nobody has accepted; "released": it went to a client
 * with a Response.
 */
type Phase = "connecting" | "idle" | "accepted" | "released";

interface AcceptOptions {
  readonly allowHalfOpen?: boolean;
}

const acceptOptions = dictionary<AcceptOptions>("WebSocketAcceptOptions", [
  { key: "allowHalfOpen", converter: boolean },
]);
const strings = sequence(DOMString);
const internal = Symbol();

const isValidCode = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) ||
  (code >= 3000 && code <= 4999);

export let isWebSocket: (value: unknown) => value is WebSocket;
/** A WebSocket that waits to be accepted. */
export let socketOver: (link: Link) => WebSocket;
/** Gives a WebSocket to the client whose request is being answered; returns its number for the host. */
export let giveToClient: (socket: WebSocket) => number;

export class WebSocket extends EventTarget {
  #phase: Phase = "idle";
  #link!: Link;
  #url: string | null = null;
  #protocol = "";
  #binaryType: "blob" | "arraybuffer" = isFlagOn(STANDARD_BINARY_TYPE) ? "blob" : "arraybuffer";
  #halfOpen = !isFlagOn(AUTO_REPLY);
  #closedIncoming = false;
  #closedOutgoing = false;
  #failed = false;
  #attachment: Uint8Array | undefined;

  static {
    isWebSocket = (value): value is WebSocket =>
      typeof value === "object" && value !== null && #phase in value;
    socketOver = link => {
      const socket = new WebSocket(internal as never);
      socket.#link = link;
      return socket;
    };
    giveToClient = socket => socket.#giveToClient();
  }

  constructor(url: string, protocols: string | string[] = []) {
    super();
    if ((url as unknown) === internal) return;
    const where = "Failed to construct 'WebSocket'";
    requireArguments(arguments.length, 1, where);
    const text = USVString(url, `${where}: parameter 1`);
    const offered =
      typeof protocols === "object" && protocols !== null
        ? strings(protocols, `${where}: parameter 2`)
        : DOMString(protocols, `${where}: parameter 2`);
    const target = httpUrlOf(text);
    const protocol = protocolHeader(offered);
    const headers = protocol === undefined ? [] : ["Sec-WebSocket-Protocol", protocol];
    const { link, answer } = beginHandshake(target, headers, { decompress: false, cf: null });
    this.#phase = "connecting";
    this.#link = link;
    this.#url = text;
    PromiseThen(
      answer,
      response => this.#connected(response),
      error => this.#notConnected(error),
    );
  }

  /** Begins to deliver messages; needed before anything is sent (https://developers.cloudflare.com/workers/runtime-apis/websockets/). */
  accept(options: AcceptOptions = {}): void {
    if (!(#phase in this)) throw illegalInvocation();
    const chosen = acceptOptions(options, "Failed to execute 'accept' on 'WebSocket': parameter 1");
    if (this.#phase === "connecting") {
      throw new TypeError("Websockets obtained from the 'new WebSocket()' constructor cannot call accept");
    }
    if (this.#phase === "released") {
      throw new TypeError("Can't accept() WebSocket that was already used in a response.");
    }
    if (this.#phase === "accepted") return;
    if (chosen.allowHalfOpen !== undefined) this.#halfOpen = chosen.allowHalfOpen;
    this.#start();
  }

  send(message: string | ArrayBuffer | ArrayBufferView): void {
    if (!(#phase in this)) throw illegalInvocation();
    const where = "Failed to execute 'send' on 'WebSocket'";
    requireArguments(arguments.length, 1, where);
    // The caller may change its bytes as soon as this returns.
    const data = bytesOf(message)?.slice() ?? USVString(message, `${where}: parameter 1`);
    if (this.#closedOutgoing && !this.#failed) {
      throw new TypeError("Can't call WebSocket send() after close().");
    }
    if (this.#failed || this.#phase === "released") return;
    if (this.#phase !== "accepted") throw new TypeError(NOT_ACCEPTED);
    this.#link.send(data);
  }

  close(code: number | undefined = undefined, reason: string | undefined = undefined): void {
    if (!(#phase in this)) throw illegalInvocation();
    const where = "Failed to execute 'close' on 'WebSocket'";
    const chosen = code === undefined ? 1005 : long(code, `${where}: parameter 1`);
    if (code !== undefined && !isValidCode(chosen)) {
      throw new DOMException(`Invalid WebSocket close code: ${chosen}.`, "InvalidAccessError");
    }
    const text = reason === undefined ? "" : USVString(reason, `${where}: parameter 2`);
    if (reason !== undefined && code === undefined) {
      const message = "If you specify a WebSocket close reason, you must also specify a code.";
      throw new DOMException(message, "InvalidAccessError");
    }
    if (utf8Encode(text).byteLength > MAX_REASON_BYTES) {
      const message = `WebSocket close reason must not be longer than ${MAX_REASON_BYTES} bytes when UTF-8 encoded.`;
      throw new DOMException(message, "SyntaxError");
    }
    if (this.#closedOutgoing || this.#failed || this.#phase === "released") return;
    if (this.#phase === "idle") throw new TypeError(NOT_ACCEPTED);
    this.#closedOutgoing = true;
    if (this.#phase === "connecting") this.#link.abort();
    else this.#link.close(chosen, text);
    if (this.#closedIncoming) this.#link.end();
  }

  /** Keeps a value with the socket; Durable Objects find it again after hibernation. */
  serializeAttachment(attachment: unknown): void {
    if (!(#phase in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'serializeAttachment' on 'WebSocket'");
    const bytes = serialize(attachment);
    if (bytes.byteLength > MAX_ATTACHMENT_BYTES) {
      throw new Error(
        `A WebSocket 'attachment' cannot be larger than ${MAX_ATTACHMENT_BYTES} bytes. ` +
          `'attachment' was ${bytes.byteLength} bytes.`,
      );
    }
    this.#attachment = bytes;
  }

  deserializeAttachment(): unknown {
    if (!(#phase in this)) throw illegalInvocation();
    return this.#attachment === undefined ? null : deserialize(this.#attachment);
  }

  get readyState(): number {
    if (!(#phase in this)) throw illegalInvocation();
    if (this.#failed || (this.#closedIncoming && this.#closedOutgoing)) return CLOSED;
    if (this.#closedIncoming || this.#closedOutgoing) return CLOSING;
    return this.#phase === "connecting" ? CONNECTING : OPEN;
  }

  get bufferedAmount(): number {
    if (!(#phase in this)) throw illegalInvocation();
    return this.#link.bufferedAmount;
  }

  get url(): string | null {
    if (!(#phase in this)) throw illegalInvocation();
    return this.#url;
  }

  get protocol(): string {
    if (!(#phase in this)) throw illegalInvocation();
    return this.#protocol;
  }

  /** Always empty: no extension is offered or taken. */
  get extensions(): string {
    if (!(#phase in this)) throw illegalInvocation();
    return "";
  }

  get binaryType(): "blob" | "arraybuffer" {
    if (!(#phase in this)) throw illegalInvocation();
    return this.#binaryType;
  }

  set binaryType(value: "blob" | "arraybuffer") {
    if (!(#phase in this)) throw illegalInvocation();
    // A value outside the enumeration changes nothing (https://webidl.spec.whatwg.org/#js-attributes).
    const type = DOMString(value);
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }

  #start(): void {
    this.#phase = "accepted";
    const receiver: Receiver = {
      onMessage: data => this.#onMessage(data),
      onClose: (code, reason, clean) => this.#onClose(code, reason, clean),
      onError: error => {
        this.#fail(error);
        this.#fireClose(1006, "", false);
        this.#link.end();
      },
    };
    this.#link.start(receiver);
  }

  #connected([status, , headers, body]: WireResponse): void {
    if (this.#closedOutgoing) {
      discardWireBody(body);
      this.#link.abort();
      this.#notConnected(new Error("Called close before connection was established."));
      return;
    }
    if (status !== 101) {
      discardWireBody(body);
      const message =
        "Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 " +
        `(switching protocols), but received ${status} instead.`;
      this.#notConnected(new TypeError(message));
      return;
    }
    this.#protocol = getHeader(headers, "sec-websocket-protocol") ?? "";
    this.#phase = "accepted";
    this.#fire(new Event("open"));
    if (!this.#failed) this.#start();
  }

  #notConnected(error: unknown): void {
    this.#fail(error);
    this.#fireClose(1006, NOT_ESTABLISHED, false);
  }

  #onMessage(bytes: string | Uint8Array<ArrayBuffer>): void {
    if (this.#failed) return;
    let data: unknown = bytes;
    if (typeof bytes !== "string") {
      const whole = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
      data = this.#binaryType === "blob" ? blobOver(whole, "") : whole.buffer;
    }
    this.#fire(new MessageEvent("message", { data, origin: null }));
  }

  #onClose(code: number, reason: string, clean: boolean): void {
    if (this.#closedIncoming || this.#failed) return;
    this.#closedIncoming = true;
    if (!clean) {
      this.#failed = true;
    } else if (!this.#closedOutgoing && !this.#halfOpen) {
      this.#closedOutgoing = true;
      this.#link.close(code, reason);
    }
    this.#fireClose(code, reason, clean);
    if (this.#closedOutgoing || this.#failed) this.#link.end();
  }

  #fireClose(code: number, reason: string, wasClean: boolean): void {
    this.#fire(new CloseEvent("close", { code, reason, wasClean }));
  }

  /** As on workerd, an exception of a listener breaks the connection. */
  #fire(event: Event): void {
    let thrown: { readonly error: unknown } | undefined;
    dispatch(this, trusted(event), error => {
      thrown ??= { error };
      reportException(error, "a WebSocket's listener");
    });
    if (thrown === undefined || this.#failed) return;
    const open = this.readyState !== CLOSED;
    this.#fail(thrown.error);
    if (!open) return;
    this.#link.abort();
    this.#link.end();
  }

  /** Nothing can be sent or received any more. */
  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const message = `Uncaught ${describe(error)}`;
    dispatch(this, trusted(new ErrorEvent("error", { message, error })));
  }

  #giveToClient(): number {
    if (this.#phase === "connecting") {
      throw new TypeError("Can't return WebSocket in a Response if it was created with `new WebSocket()`");
    }
    if (this.#phase === "released") {
      throw new TypeError("Can't return WebSocket that was already used in a response.");
    }
    if (this.#phase === "accepted") {
      throw new TypeError("Can't return WebSocket in a Response after calling accept().");
    }
    const link = this.#link;
    let host = link instanceof HostLink ? link : (link as PairLink).host;
    if (host !== undefined && host.event !== currentEvent()) {
      throw new Error(
        "Cannot perform I/O on behalf of a different request. I/O objects (such as streams, request/response bodies, " +
          "and others) created in the context of one request handler cannot be accessed from a different request's handler.",
      );
    }
    this.#phase = "released";
    if (host === undefined) {
      host = new HostLink();
      host.offer();
      (link as PairLink).replaceBy(host);
    }
    return host.id;
  }
}

function describe(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "exception";
  }
}

exposeInterface(WebSocket, "WebSocket");
defineConstants(WebSocket, {
  READY_STATE_CONNECTING: CONNECTING,
  CONNECTING,
  READY_STATE_OPEN: OPEN,
  OPEN,
  READY_STATE_CLOSING: CLOSING,
  CLOSING,
  READY_STATE_CLOSED: CLOSED,
  CLOSED,
});
acceptWebSockets(isWebSocket);
