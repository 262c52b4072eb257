/** Where messages go that a worker sends: to the store, and a line of the log says where they are. */

import type { Clock } from "../../storage/clock.ts";
import { storePaths } from "../../storage/paths.ts";
import type { WireBuilder } from "./contract.ts";
import { type EmailLimits, emailLimits, tooLarge } from "./limits.ts";
import { newMessageId } from "./message-id.ts";
import { addressesOf } from "./mime/address.ts";
import { addressOf, compose } from "./mime/compose.ts";
import { decodeText } from "./mime/encoded-word.ts";
import { fieldOf, type Header, parseHeader, withFields, withoutField } from "./mime/header.ts";
import { SqliteEmailStore } from "./sqlite-store.ts";
import type { EmailStore, MessageKind, StoredMessage } from "./store.ts";

export interface EmailEnvironment extends Clock {
  readonly stateDir: string;
}

/** The messages of the state folder. Workers that share it share them. */
export class Mailbox {
  readonly store: EmailStore;
  readonly limits: EmailLimits;
  readonly #clock: Clock;

  constructor(store: EmailStore, clock: Clock, limits: EmailLimits = emailLimits) {
    this.store = store;
    this.limits = limits;
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Sends a message as it is, but for a new Message-ID. Refuses what Cloudflare refuses, in Miniflare's words. */
  async send(from: string, to: string, raw: Buffer): Promise<StoredMessage> {
    const header = parseHeader(raw);
    if (!fieldOf(header, "message-id")) throw new Error("invalid message-id");
    checkSender(header, from);
    const messageId = newMessageId(from);
    return this.keep("sent", from, [to], withMessageId(raw, header, messageId), messageId);
  }

  /** Sends a message that is made of these parts. */
  async compose(
    builder: WireBuilder,
    contents: readonly (string | Uint8Array)[],
    envelope: { kind: MessageKind; to: readonly string[]; more?: readonly (readonly [string, string])[] },
  ): Promise<StoredMessage> {
    const from = addressOf(builder.from);
    const messageId = newMessageId(from);
    const raw = compose(builder, contents, messageId, this.now(), envelope.more);
    return this.keep(envelope.kind, from, envelope.to, raw, messageId);
  }

  async keep(
    kind: MessageKind,
    from: string,
    to: readonly string[],
    raw: Buffer,
    messageId: string,
  ): Promise<StoredMessage> {
    this.checkSize(raw.byteLength);
    const subject = decodeText(fieldOf(parseHeader(raw), "subject") ?? "");
    return this.store.add({ kind, from, to, subject, messageId, sentAt: this.now() }, raw);
  }

  checkSize(bytes: number): void {
    if (bytes > this.limits.messageBytes) throw new Error(tooLarge(this.limits));
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

/** The mailbox of a state folder. Nothing is opened before the first message. */
export function createMailbox(_descriptor: unknown, environment: EmailEnvironment): Mailbox {
  const paths = storePaths(environment.stateDir, "email", "messages");
  return new Mailbox(new SqliteEmailStore(paths), environment);
}

/** What Cloudflare demands of the header of a message whose envelope names this sender. */
export function checkSender(header: Header, from: string): void {
  if (addressesOf(fieldOf(header, "from") ?? "")[0] !== from) {
    throw new Error("From: header does not match mail from");
  }
  if (fieldOf(header, "received") !== undefined) throw new Error("invalid headers set");
}

export function withMessageId(
  raw: Buffer,
  header: Header,
  messageId: string,
  more: readonly (readonly [string, string])[] = [],
): Buffer {
  if (!header.complete) throw new Error("could not find end of email headers");
  return withFields(withoutField(raw, header, "message-id"), header, [["Message-ID", messageId], ...more]);
}
