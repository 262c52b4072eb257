/** The `email` handler (https://developers.cloudflare.com/email-routing/email-workers/runtime-api/). */
import type { Execution } from "../../../guest/execution.ts";
import { call } from "../../../guest/host.ts";
import {
  DOMString,
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  requireArguments,
} from "../../../guest/webidl.ts";
import { findHandler, listensFor } from "../../../guest/worker.ts";
import { trusted } from "../../../web/events/guest.ts";
import { Headers } from "../../../web/fetch/guest/headers.ts";
import type { ReadableStream } from "../../../web/streams/guest/readable.ts";
import { readableFromBytes, readableFromHost } from "../../../web/streams/guest/transfer.ts";
import { CONSTRUCTION, dispatchExtendable, ExtendableEvent } from "../../worker/guest/fetch-event.ts";
import type { EmailEvents } from "../contract.ts";
import { toBuilder } from "./builder.ts";
import { crossingMessage } from "./message.ts";

interface Incoming {
  readonly from: string;
  readonly to: string;
  readonly headers: Headers;
  readonly raw: ReadableStream;
  readonly rawSize: number;
  rejectReason: string | null;
}

/** A message that has come in. */
export class ForwardableEmailMessage {
  readonly #incoming: Incoming;

  constructor(token: symbol, incoming: Incoming) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#incoming = incoming;
  }

  get from(): string {
    if (!(#incoming in this)) throw illegalInvocation();
    return this.#incoming.from;
  }

  get to(): string {
    if (!(#incoming in this)) throw illegalInvocation();
    return this.#incoming.to;
  }

  get headers(): Headers {
    if (!(#incoming in this)) throw illegalInvocation();
    return this.#incoming.headers;
  }

  get raw(): ReadableStream {
    if (!(#incoming in this)) throw illegalInvocation();
    return this.#incoming.raw;
  }

  get rawSize(): number {
    if (!(#incoming in this)) throw illegalInvocation();
    return this.#incoming.rawSize;
  }

  get canBeForwarded(): boolean {
    if (!(#incoming in this)) throw illegalInvocation();
    return true;
  }

  /** Refuses the message: whoever sent it is told the reason. The last call counts. */
  setReject(reason: unknown): void {
    if (!(#incoming in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'setReject' on 'ForwardableEmailMessage'");
    this.#incoming.rejectReason = DOMString(reason).toWellFormed();
  }

  async forward(recipient: unknown, headers?: unknown): Promise<{ messageId: string }> {
    if (!(#incoming in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'forward' on 'ForwardableEmailMessage'");
    const added = headers === undefined || headers === null ? [] : [...new Headers(headers)].flat();
    return { messageId: await call("email.forward", DOMString(recipient).toWellFormed(), added) };
  }

  async reply(message: unknown): Promise<{ messageId: string }> {
    if (!(#incoming in this)) throw illegalInvocation();
    const given = crossingMessage(message);
    if (given !== undefined) {
      const [from, to, raw] = given;
      return { messageId: await call("email.reply", from, to, raw()) };
    }
    const [builder, contents] = toBuilder(message);
    return { messageId: await call("email.replyComposed", builder, ...contents) };
  }
}
exposeInterface(ForwardableEmailMessage, "ForwardableEmailMessage");

/** What a listener for "email" is given, in service-worker syntax. */
export class EmailEvent extends ExtendableEvent {
  readonly #message: ForwardableEmailMessage;

  constructor(token: typeof CONSTRUCTION, message: ForwardableEmailMessage) {
    super(token, "email");
    this.#message = message;
  }

  get message(): ForwardableEmailMessage {
    if (!(#message in this)) throw illegalInvocation();
    return this.#message;
  }
}
exposeInterface(EmailEvent, "EmailEvent");

/** Runs the worker's `email` handler. */
export async function serveEmail(
  execution: Execution,
  [from, to, fields, raw, rawSize]: Parameters<EmailEvents["email"]>,
): Promise<[rejectReason: string | null]> {
  const headers = new Headers();
  for (let index = 0; index < fields.length; index += 2) {
    headers.append(fields[index] ?? "", fields[index + 1] ?? "");
  }
  const stream =
    typeof raw === "number"
      ? readableFromHost(raw, rawSize)
      : readableFromBytes(raw.slice() as Uint8Array<ArrayBuffer>);
  const incoming: Incoming = { from, to, headers, raw: stream, rawSize, rejectReason: null };
  const message = new ForwardableEmailMessage(CONSTRUCTION, incoming);
  if (listensFor("email")) dispatchExtendable(execution, trusted(new EmailEvent(CONSTRUCTION, message)));
  else await findHandler(execution, "email", null)(message);
  return [incoming.rejectReason];
}
