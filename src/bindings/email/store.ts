import type { Readable } from "node:stream";

/** Why a message is there: sent by a binding, or forwarded or answered by an `email` handler. */
export type MessageKind = "sent" | "forwarded" | "reply";

export interface NewMessage {
  readonly kind: MessageKind;
  /** The envelope's sender. */
  readonly from: string;
  /** The envelope's recipients, `Bcc` among them. */
  readonly to: readonly string[];
  readonly subject: string;
  /** With its angle brackets. */
  readonly messageId: string;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
}

export interface StoredMessage extends NewMessage {
  /** From 1 on, in the order in which messages were stored; never given twice. */
  readonly id: number;
  /** The message's length in bytes. */
  readonly size: number;
  /** Where its text is, an .eml file; null in a store that has no files. */
  readonly file: string | null;
}

/**
 * What keeps the messages that workers have sent: nothing leaves the machine. Another implementation passes the suite
 * `describeEmailStore`.
 */
export interface EmailStore {
  /** Resolves when a crash of the process can no longer lose the message. */
  add(message: NewMessage, raw: Uint8Array): Promise<StoredMessage>;
  /** All messages, the oldest first. */
  list(): Promise<StoredMessage[]>;
  /** A message and its bytes, which the caller reads to their end or destroys; null when there is none. */
  get(id: number): Promise<{ readonly message: StoredMessage; readonly raw: Readable } | null>;
  close(): Promise<void>;
}
