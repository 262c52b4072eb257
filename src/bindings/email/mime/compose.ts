/** A message from its parts (https://www.rfc-editor.org/rfc/rfc2045, rfc2046). */
import { randomUUID } from "node:crypto";
import { TOKEN } from "../../token.ts";
import type { WireAddress, WireAttachment, WireBuilder } from "../contract.ts";
import { addressesOf } from "./address.ts";
import { encodeText } from "./encoded-word.ts";

/** Fields that are made from the builder's other members. */
const MANAGED = new Set(
  "bcc cc content-transfer-encoding content-type date from message-id mime-version reply-to subject to".split(
    " ",
  ),
);
const MIME_TYPE = /^[!#$%&'*+\-.^_`|~\w]+\/[!#$%&'*+\-.^_`|~\w]+(?:\s*;.*)?$/;
const LINE_CHARACTERS = 76;

/** An address without its name. */
export function addressOf(address: WireAddress): string {
  return typeof address === "string" ? (addressesOf(address)[0] ?? "") : address.email;
}

/** The bytes of a message. `more` are fields beside the builder's own, which they replace. */
export function compose(
  builder: WireBuilder,
  contents: readonly (string | Uint8Array)[],
  messageId: string,
  now: number,
  more: readonly (readonly [string, string])[] = [],
): Buffer {
  checkFields(builder);
  const attachments = builder.attachments.map((attachment, index) =>
    attachmentPart(attachment, contents[index] ?? ""),
  );
  const inline = attachments.filter((_, index) => builder.attachments[index]?.disposition === "inline");
  const others = attachments.filter(part => !inline.includes(part));
  const texts = [
    ...(builder.text !== null || builder.html === null ? [textPart("plain", builder.text ?? "")] : []),
    ...(builder.html === null ? [] : [textPart("html", builder.html)]),
  ];
  const body = multipart("mixed", [
    multipart("related", [multipart("alternative", texts), ...inline]),
    ...others,
  ]);
  const fields = [...messageFields(builder, messageId, now), ...more, ...ownFields(builder, more)];
  return Buffer.from(`${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}${body}`, "utf8");
}

function messageFields(builder: WireBuilder, messageId: string, now: number): [string, string][] {
  const fields: [string, string][] = [["From", formatAddress(builder.from)]];
  if (builder.to.length > 0) fields.push(["To", builder.to.map(formatAddress).join(", ")]);
  if (builder.cc.length > 0) fields.push(["Cc", builder.cc.map(formatAddress).join(", ")]);
  if (builder.replyTo !== null) fields.push(["Reply-To", formatAddress(builder.replyTo)]);
  fields.push(["Subject", encodeText(builder.subject)]);
  fields.push(["Message-ID", messageId]);
  fields.push(["Date", new Date(now).toUTCString().replace("GMT", "+0000")]);
  fields.push(["MIME-Version", "1.0"]);
  return fields;
}

function ownFields(builder: WireBuilder, more: readonly (readonly [string, string])[]): [string, string][] {
  const taken = new Set([...MANAGED, ...more.map(([name]) => name.toLowerCase())]);
  return builder.headers
    .filter(([name]) => !taken.has(name.toLowerCase()))
    .map(([name, value]) => [name, encodeText(value)]);
}

/** Nothing that goes into the header may begin a line of its own. */
function checkFields({ from, to, cc, bcc, replyTo, subject, headers, attachments }: WireBuilder): void {
  const addresses = [from, ...to, ...cc, ...bcc, ...(replyTo === null ? [] : [replyTo])];
  const texts = addresses.flatMap(address =>
    typeof address === "string" ? [address] : [address.name, address.email],
  );
  for (const { filename, contentId } of attachments) texts.push(filename, contentId ?? "");
  for (const [name, value] of headers) {
    if (!TOKEN.test(name) || name.toLowerCase() === "received") throw new Error("invalid headers set");
    texts.push(value);
  }
  if ([...texts, subject].some(text => /[\0-\x1f\x7f]/.test(text))) throw new Error("invalid headers set");
  for (const { type, disposition, contentId } of attachments) {
    const known = disposition === "attachment" || (disposition === "inline" && contentId);
    if (!known || !MIME_TYPE.test(type)) throw new Error("invalid attachment");
  }
}

function formatAddress(address: WireAddress): string {
  if (typeof address === "string") {
    const named = /^(.*?)\s*(<[^<>]*>)$/.exec(address);
    return named === null ? address : `${encodeText(named[1] ?? "")} ${named[2]}`.trim();
  }
  const { name, email } = address;
  const ascii = /^[\x20-\x7e]*$/.test(name);
  return `${ascii ? quotedString(name) : encodeText(name)} <${email}>`;
}

function quotedString(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

function textPart(subtype: string, text: string): string {
  const lines = text.replace(/\r\n|\r|\n/g, "\r\n");
  const type = `Content-Type: text/${subtype}; charset=utf-8\r\n`;
  if (/^[\x20-\x7e\t\r\n]*$/.test(lines) && !/.{999}/.test(lines)) return `${type}\r\n${lines}`;
  return `${type}Content-Transfer-Encoding: base64\r\n\r\n${wrapped(Buffer.from(lines).toString("base64"))}`;
}

function attachmentPart(
  { filename, type, disposition, contentId }: WireAttachment,
  content: string | Uint8Array,
): string {
  const name = quotedString(encodeText(filename));
  const id =
    contentId === null ? "" : `Content-ID: ${contentId.startsWith("<") ? contentId : `<${contentId}>`}\r\n`;
  return (
    `Content-Type: ${type}; name=${name}\r\nContent-Disposition: ${disposition}; filename=${name}\r\n${id}` +
    `Content-Transfer-Encoding: base64\r\n\r\n${wrapped(base64Of(content))}`
  );
}

/** One part is itself; several are one of that type. */
function multipart(type: string, parts: readonly string[]): string {
  const [first = ""] = parts;
  if (parts.length < 2) return first;
  const boundary = `=_${randomUUID()}`;
  const inner = parts.map(part => `--${boundary}\r\n${part}\r\n`).join("");
  return `Content-Type: multipart/${type}; boundary="${boundary}"\r\n\r\n${inner}--${boundary}--\r\n`;
}

/** Text is base64 already. */
function base64Of(content: string | Uint8Array): string {
  if (typeof content !== "string") {
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("base64");
  }
  const text = content.replace(/\s/g, "");
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    throw new Error("invalid attachment content");
  return text;
}

function wrapped(base64: string): string {
  const lines: string[] = [];
  for (let at = 0; at < base64.length; at += LINE_CHARACTERS)
    lines.push(base64.slice(at, at + LINE_CHARACTERS));
  return lines.join("\r\n");
}
