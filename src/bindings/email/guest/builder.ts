/** The parts of a message, as a worker gives them to `send()` and `reply()`. */
import { bytesOf, DOMString } from "../../../guest/webidl.ts";
import type { WireAddress, WireAttachment, WireBuilder } from "../contract.ts";

type Content = string | Uint8Array;
type Given = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Given => typeof value === "object" && value !== null;

/** Converts a message in parts, with the contents of its attachments. */
export function toBuilder(given: unknown): [WireBuilder, Content[]] {
  if (!isObject(given))
    throw new TypeError("The message is neither an EmailMessage nor an object of its parts.");
  const { from, to, cc, bcc, replyTo, subject, headers, text, html, attachments } = given;
  if (from === undefined || from === null) throw new TypeError('The message has no "from".');
  const contents: Content[] = [];
  const builder: WireBuilder = {
    from: toAddress(from, "from"),
    to: toAddresses(to, "to"),
    cc: toAddresses(cc, "cc"),
    bcc: toAddresses(bcc, "bcc"),
    replyTo: replyTo === undefined || replyTo === null ? null : toAddress(replyTo, "replyTo"),
    subject: optionalText(subject) ?? "",
    headers: isObject(headers)
      ? Object.entries(headers).map(([name, value]) => [name, DOMString(value).toWellFormed()] as const)
      : [],
    text: optionalText(text),
    html: optionalText(html),
    attachments: list(attachments, "attachments").map(attachment => toAttachment(attachment, contents)),
  };
  return [builder, contents];
}

function toAddress(value: unknown, member: string): WireAddress {
  if (!isObject(value)) return DOMString(value, `"${member}"`).toWellFormed();
  const { name, email } = value;
  if (email === undefined) throw new TypeError(`"${member}" has an address without an "email".`);
  const address = DOMString(email, `"${member}"`).toWellFormed();
  return name === undefined || name === null
    ? address
    : { name: DOMString(name).toWellFormed(), email: address };
}

function toAddresses(value: unknown, member: string): WireAddress[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(address => toAddress(address, member));
}

function toAttachment(value: unknown, contents: Content[]): WireAttachment {
  if (!isObject(value)) throw new TypeError("An attachment is an object with filename, type and content.");
  const { filename, type, disposition, contentId, content } = value;
  contents.push(bytesOf(content)?.slice() ?? DOMString(content, "The content of an attachment"));
  return {
    filename: optionalText(filename) ?? "attachment",
    type: optionalText(type) ?? "application/octet-stream",
    disposition: optionalText(disposition) ?? "attachment",
    contentId: optionalText(contentId),
  };
}

function list(value: unknown, member: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError(`"${member}" is not an array.`);
  return value;
}

const optionalText = (value: unknown) =>
  value === undefined || value === null ? null : DOMString(value).toWellFormed();
