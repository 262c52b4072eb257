/** E-mail on the host. Nothing leaves the machine: what is sent is kept, and the log says where. */
import type { HostOps, OpContext } from "../../engine/ops.ts";
import type { EmailAsyncOps, WireRaw } from "./contract.ts";
import { incomingOf } from "./incoming.ts";
import type { Mailbox } from "./mailbox.ts";
import { addressOf } from "./mime/compose.ts";
import { printable } from "./printable.ts";
import type { StoredMessage } from "./store.ts";

/** The type of the resource that every worker has, with or without a binding. */
export const MAILBOX = "mailbox";

const mailboxOf = (context: OpContext): Mailbox => context.resource<Mailbox>(MAILBOX, "");

const VERBS = { sent: "sent", forwarded: "forwarded", reply: "sent as a reply" } as const;

/** Tells where a message is; returns its Message-ID. */
function told(context: OpContext, { kind, from, to, subject, file, messageId }: StoredMessage): string {
  const about = subject === "" ? "" : ` about ${JSON.stringify(subject)}`;
  const line = `E-mail${about} from ${from} to ${to.join(", ")} ${VERBS[kind]}: ${file ?? "kept in memory"}`;
  context.writeConsole("log", printable(line));
  return messageId;
}

async function bytesOf(context: OpContext, raw: WireRaw, mailbox: Mailbox): Promise<Buffer> {
  if (typeof raw === "string") return Buffer.from(raw, "utf8");
  if (typeof raw !== "number") return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of context.streams.take(raw) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    mailbox.checkSize(size);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The ops of e-mail. */
export const emailOps: HostOps<EmailAsyncOps> = {
  async "email.send"(context, _binding, from, to, raw) {
    context.countSubrequest();
    const mailbox = mailboxOf(context);
    return told(context, await mailbox.send(from, to, await bytesOf(context, raw, mailbox)));
  },

  async "email.compose"(context, _binding, builder, ...contents) {
    context.countSubrequest();
    const to = [...builder.to, ...builder.cc, ...builder.bcc].map(addressOf);
    return told(context, await mailboxOf(context).compose(builder, contents, { kind: "sent", to }));
  },

  async "email.forward"(context, recipient, headers) {
    context.countSubrequest();
    return told(context, await incomingOf(context).forward(recipient, headers));
  },

  async "email.reply"(context, from, to, raw) {
    context.countSubrequest();
    const message = incomingOf(context);
    return told(context, await message.reply(from, to, await bytesOf(context, raw, mailboxOf(context))));
  },

  async "email.replyComposed"(context, builder, ...contents) {
    context.countSubrequest();
    return told(context, await incomingOf(context).replyComposed(builder, contents));
  },
};
