/** `EmailMessage` of `cloudflare:email` (https://developers.cloudflare.com/email-routing/email-workers/runtime-api/#emailmessage-definition). */
import {
  bytesOf,
  DOMString,
  exposeInterface,
  illegalInvocation,
  requireArguments,
} from "../../../guest/webidl.ts";
import { ReadableStream } from "../../../web/streams/guest/readable.ts";
import { sendToHost } from "../../../web/streams/guest/transfer.ts";
import type { WireRaw } from "../contract.ts";

/** A message as it crosses; undefined for what is no `EmailMessage`. A stream in it is handed over for good. */
export let crossingMessage: (value: unknown) => [from: string, to: string, raw: () => WireRaw] | undefined;

/** A message that a worker sends. */
export class EmailMessage {
  readonly #from: string;
  readonly #to: string;
  readonly #raw: string | Uint8Array | ReadableStream;

  static {
    crossingMessage = value => {
      if (typeof value !== "object" || value === null || !(#raw in value)) return undefined;
      const raw = value.#raw;
      return [value.#from, value.#to, () => (raw instanceof ReadableStream ? sendToHost(raw) : raw)];
    };
  }

  constructor(from: unknown, to: unknown, raw: unknown) {
    const where = "Failed to construct 'EmailMessage'";
    requireArguments(arguments.length, 3, where);
    this.#from = DOMString(from, `${where}: parameter 1`);
    this.#to = DOMString(to, `${where}: parameter 2`);
    this.#raw =
      raw instanceof ReadableStream
        ? raw
        : (bytesOf(raw)?.slice() ?? DOMString(raw, `${where}: parameter 3`));
  }

  get from(): string {
    if (!(#from in this)) throw illegalInvocation();
    return this.#from;
  }

  get to(): string {
    if (!(#to in this)) throw illegalInvocation();
    return this.#to;
  }
}
exposeInterface(EmailMessage, "EmailMessage");
