/** Outgoing handshakes, and the checks before them. */
import { requireEvent } from "../../../guest/event-context.ts";
import { call } from "../../../guest/host.ts";
import { DOMException } from "../../dom-exception/guest.ts";
import type { FetchOptions, WireHeaders, WireResponse } from "../../fetch/contract.ts";
import { TOKEN } from "../../form-data/guest/mime-type.ts";
import { parseURL } from "../../url/guest/url.ts";
import { HostLink } from "./link.ts";

export interface Handshake {
  readonly link: HostLink;
  readonly answer: Promise<WireResponse>;
}

/** Asks the server at an http or https URL for a WebSocket. */
export function beginHandshake(url: string, headers: WireHeaders, options: FetchOptions): Handshake {
  requireEvent();
  const link = new HostLink();
  return { link, answer: call("websocket.connect", link.id, url, headers, options) };
}

const syntaxError = (message: string) => new DOMException(`WebSocket Constructor: ${message}`, "SyntaxError");

/** The http or https URL behind a ws or wss one. Throws for all others, as workerd does. */
export function httpUrlOf(url: string): string {
  const record = parseURL(url);
  if (record === null) throw syntaxError("The url is invalid.");
  const { scheme } = record;
  if (scheme !== "ws" && scheme !== "wss") throw syntaxError("The url scheme must be ws or wss.");
  if (record.fragment !== null) throw syntaxError("The url fragment must be empty.");
  return url.trim().replace(/^wss?/i, scheme === "ws" ? "http" : "https");
}

/** The value of Sec-WebSocket-Protocol; undefined where no protocol is offered. */
export function protocolHeader(protocols: string | readonly string[]): string | undefined {
  if (typeof protocols === "string") {
    if (!TOKEN.test(protocols)) throw syntaxError("The protocol header token is invalid.");
    return protocols;
  }
  const present = new Set<string>();
  for (const protocol of protocols) {
    if (!TOKEN.test(protocol)) throw syntaxError("One of the protocol header tokens is invalid.");
    if (present.has(protocol)) throw syntaxError("The protocols header cannot have repeating values.");
    present.add(protocol);
  }
  return protocols.length === 0 ? undefined : protocols.join(", ");
}
