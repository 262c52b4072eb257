/** HTMLRewriter (https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/), with the behaviour of lol-html. */
import { wrongField } from "../../guest/type-errors.ts";
import { DOMString, exposeInterface, illegalInvocation } from "../../guest/webidl.ts";
import { headerListOf } from "../fetch/guest/body.ts";
import { getHeader } from "../fetch/guest/header-list.ts";
import { isResponse, Response } from "../fetch/guest/response.ts";
import { parseMimeType } from "../form-data/guest/mime-type.ts";
import { exposeReadable } from "../streams/guest/readable.ts";
import { readableOf } from "../streams/guest/readable-state.ts";
import { charsetOf } from "./guest/charset.ts";
import type { Registration } from "./guest/rewriter.ts";
import { Rewriting } from "./guest/rewriting.ts";
import { parseSelectors } from "./guest/selector-parser.ts";
import type { Callback } from "./guest/start-tag.ts";

type Members = "element" | "doctype" | "comments" | "text" | "end";

/** The handlers of an object, which stays the receiver of their calls. */
function toCallbacks(value: unknown, where: string, type: string, members: readonly Members[]) {
  const isObject = typeof value === "object" || typeof value === "function";
  if (!isObject) throw new TypeError(`Failed to execute ${where} is not of type '${type}'.`);
  const callbacks: { [Member in Members]?: Callback } = {};
  if (value === null) return callbacks;
  const receiver = value;
  for (const member of members) {
    const call = (receiver as { readonly [Member in Members]?: unknown })[member];
    if (call === undefined) continue;
    if (typeof call !== "function") throw wrongField(member, type, "function");
    callbacks[member] = { call: call as (token: object) => unknown, receiver };
  }
  return callbacks;
}

/** Rewrites the HTML of a response while it streams by. */
export class HTMLRewriter {
  readonly #registrations: Registration[] = [];

  on(selector: string, handlers: unknown): this {
    if (!(#registrations in this)) throw illegalInvocation();
    if (arguments.length === 0) {
      throw new TypeError("Failed to execute 'on' on 'HTMLRewriter': parameter 1 is not of type 'string'.");
    }
    const source = DOMString(selector, "Failed to execute 'on' on 'HTMLRewriter': parameter 1");
    // Nothing will do where it is said, as on workerd.
    const given = arguments.length > 1 ? (handlers ?? null) : undefined;
    const callbacks = toCallbacks(given, "'on' on 'HTMLRewriter': parameter 2", "ElementContentHandlers", [
      "element",
      "comments",
      "text",
    ]);
    this.#registrations.push({ ...callbacks, selectors: parseSelectors(source) });
    return this;
  }

  onDocument(handlers: unknown): this {
    if (!(#registrations in this)) throw illegalInvocation();
    const where = "'onDocument' on 'HTMLRewriter': parameter 1";
    const given = arguments.length > 0 ? (handlers ?? null) : undefined;
    const callbacks = toCallbacks(given, where, "DocumentContentHandlers", [
      "doctype",
      "comments",
      "text",
      "end",
    ]);
    this.#registrations.push({ ...callbacks, selectors: undefined });
    return this;
  }

  transform(response: Response): Response {
    if (!(#registrations in this)) throw illegalInvocation();
    if (!isResponse(response)) {
      throw new TypeError(
        "Failed to execute 'transform' on 'HTMLRewriter': parameter 1 is not of type 'Response'.",
      );
    }
    const { body } = response;
    if (body === null) return response;
    const type = getHeader(headerListOf(response), "content-type");
    const label = type === null ? undefined : parseMimeType(type)?.parameters.get("charset");
    const charset = charsetOf(label);
    const { readable } = new Rewriting(readableOf(body)!, [...this.#registrations], charset);
    return new Response(exposeReadable(readable), response);
  }
}

exposeInterface(HTMLRewriter, "HTMLRewriter");
