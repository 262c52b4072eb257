/** A message that an `email` handler is given: what its event may do with it, and what has been done. */
import { Readable } from "node:stream";
import type { OpContext } from "../../engine/ops.ts";
import { TOKEN } from "../token.ts";
import type { WireBuilder } from "./contract.ts";
import { checkSender, type Mailbox, withMessageId } from "./mailbox.ts";
import { newMessageId } from "./message-id.ts";
import { addressesOf } from "./mime/address.ts";
import { fieldOf, type Header, parseHeader, withFields, withoutField } from "./mime/header.ts";
import type { StoredMessage } from "./store.ts";

/** Larger messages reach the worker as a stream. */
const LARGEST_INLINE_BYTES = 64 * 1024;

export interface Forward {
  readonly recipient: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly messageId: string;
}

export interface Reply {
  readonly messageId: string;
  readonly sender: string;
}

/** A message that came in. `from` and `to` are the envelope's. */
export class IncomingMessage {
  readonly from: string;
  readonly to: string;
  readonly forwards: Forward[] = [];
  readonly replies: Reply[] = [];
  /** Without `Bcc`, which a recipient does not see. */
  readonly #raw: Buffer;
  readonly #header: Header;
  readonly #mailbox: Mailbox;

  constructor(from: string, to: string, raw: Buffer, mailbox: Mailbox) {
    this.from = from;
    this.to = to;
    this.#raw = withoutField(raw, parseHeader(raw), "bcc");
    this.#header = parseHeader(this.#raw);
    this.#mailbox = mailbox;
  }

  get messageId(): string | undefined {
    return fieldOf(this.#header, "message-id");
  }

  /** Where envelope and header disagree, a sentence each. */
  get mismatches(): string[] {
    const found: string[] = [];
    const sender = addressesOf(fieldOf(this.#header, "from") ?? "")[0] ?? "";
    const recipients = addressesOf(fieldOf(this.#header, "to") ?? "");
    if (sender !== this.from) {
      found.push(`The envelope's sender is ${this.from}, and the "From" header says ${sender || "nothing"}.`);
    }
    if (!recipients.includes(this.to)) {
      const said = recipients.join(", ") || "nothing";
      found.push(`The envelope's recipient is ${this.to}, and the "To" header says ${said}.`);
    }
    return found;
  }

  /** The arguments of the event. */
  argumentsFor(context: OpContext): [string, string, string[], Uint8Array | number, number] {
    incoming.set(context, this);
    const headers = this.#header.fields
      .filter(({ name }) => TOKEN.test(name))
      .flatMap(({ name, value }) => [name, value.trim().replace(/[\0\r\n]/g, " ")]);
    const size = this.#raw.byteLength;
    const raw = size <= LARGEST_INLINE_BYTES ? this.#raw : context.streams.give(Readable.from([this.#raw]));
    return [this.from, this.to, headers, raw, size];
  }

  async forward(recipient: string, headers: readonly string[]): Promise<StoredMessage> {
    const added: (readonly [string, string])[] = [];
    for (let index = 0; index < headers.length; index += 2) {
      added.push([headers[index] ?? "", headers[index + 1] ?? ""]);
    }
    const messageId = newMessageId(recipient);
    const raw = withFields(this.#raw, this.#header, added);
    const stored = await this.#mailbox.keep("forwarded", this.from, [recipient], raw, messageId);
    this.forwards.push({ recipient, headers: added, messageId });
    return stored;
  }

  /** Answers with a message as it is. It must be a reply to this one. */
  async reply(from: string, to: string, raw: Buffer): Promise<StoredMessage> {
    this.#checkReplyable();
    const header = parseHeader(raw);
    checkSender(header, from);
    const inReplyTo = fieldOf(header, "in-reply-to");
    if (inReplyTo === undefined) throw new Error("no In-Reply-To header found in reply message");
    if (inReplyTo !== this.messageId) throw new Error("In-Reply-To does not match original Message-ID");
    const references = fieldOf(header, "references");
    const own = fieldOf(this.#header, "references") ?? "";
    if (references !== undefined && !(references.includes(inReplyTo) && references.includes(own))) {
      throw new Error("provided References header is invalid");
    }
    const messageId = newMessageId(from);
    const more = references === undefined ? [["References", this.#references()] as const] : [];
    const stored = await this.#mailbox.keep(
      "reply",
      from,
      [to],
      withMessageId(raw, header, messageId, more),
      messageId,
    );
    this.replies.push({ messageId, sender: from });
    return stored;
  }

  /** Answers the sender with a message that is made of these parts. */
  async replyComposed(
    builder: WireBuilder,
    contents: readonly (string | Uint8Array)[],
  ): Promise<StoredMessage> {
    this.#checkReplyable();
    const more = [
      ["In-Reply-To", this.messageId ?? ""] as const,
      ["References", this.#references()] as const,
    ];
    const envelope = { kind: "reply" as const, to: [this.from], more };
    const stored = await this.#mailbox.compose(
      { ...builder, to: [this.from], cc: [], bcc: [] },
      contents,
      envelope,
    );
    this.replies.push({ messageId: stored.messageId, sender: stored.from });
    return stored;
  }

  #references(): string {
    return [fieldOf(this.#header, "references"), this.messageId].filter(Boolean).join(" ");
  }

  /** Cloudflare answers no automatic mail, and no thread that is broken or too long. */
  #checkReplyable(): void {
    const value = (name: string) => fieldOf(this.#header, name);
    const automatic =
      (value("x-auto-response-suppress") ?? "none").toLowerCase() !== "none" ||
      (value("auto-submitted") ?? "no").toLowerCase() !== "no";
    const references = value("references");
    const broken = (value("in-reply-to") === undefined) !== (references === undefined);
    const length = references?.match(/@/g)?.length ?? 0;
    if (automatic || broken || length >= this.#mailbox.limits.references) {
      throw new Error("Original email is not replyable");
    }
  }
}

const incoming = new WeakMap<OpContext, IncomingMessage>();

/** The message that an event is about. */
export function incomingOf(context: OpContext): IncomingMessage {
  const message = incoming.get(context);
  if (message === undefined) throw new Error("The message belongs to an event that is over.");
  return message;
}
