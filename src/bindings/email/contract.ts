/** What crosses for e-mail. Answers of ops are the Message-ID of what was sent. */

/** An address alone or in the form `Name <address>`; or its two parts. */
export type WireAddress = string | { readonly name: string; readonly email: string };

export interface WireAttachment {
  readonly filename: string;
  readonly type: string;
  readonly disposition: string;
  readonly contentId: string | null;
}

/** A message in its parts. */
export interface WireBuilder {
  readonly from: WireAddress;
  readonly to: readonly WireAddress[];
  readonly cc: readonly WireAddress[];
  readonly bcc: readonly WireAddress[];
  readonly replyTo: WireAddress | null;
  readonly subject: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly text: string | null;
  readonly html: string | null;
  /** Their contents come behind the builder: bytes, or base64. */
  readonly attachments: readonly WireAttachment[];
}

/** A message as it is sent: text, bytes, or the handle of a stream. */
export type WireRaw = string | Uint8Array | number;

export interface EmailAsyncOps {
  /** Sends a message by a binding. `from` and `to` are the envelope's. */
  "email.send"(binding: string, from: string, to: string, raw: WireRaw): string;
  "email.compose"(
    binding: string,
    builder: WireBuilder,
    ...contents: readonly (string | Uint8Array)[]
  ): string;
  /** Forwards the message that this event is about. `headers` are added to it: names and values in turn. */
  "email.forward"(recipient: string, headers: readonly string[]): string;
  /** Answers the message that this event is about. */
  "email.reply"(from: string, to: string, raw: WireRaw): string;
  "email.replyComposed"(builder: WireBuilder, ...contents: readonly (string | Uint8Array)[]): string;
}

export interface EmailEvents {
  /** A message has come in. `headers` are names and values in turn; `raw` is all of it, as bytes or a stream's handle. */
  email(
    from: string,
    to: string,
    headers: readonly string[],
    raw: Uint8Array | number,
    rawSize: number,
  ): [rejectReason: string | null];
}
