/** Hosts: domains, IPv4 and IPv6 addresses, opaque hosts (https://url.spec.whatwg.org/#host-parsing). */
import { callSync } from "../../../guest/host.ts";
import { C0_CONTROL, percentDecode, percentEncode } from "./percent.ts";
import { latinDomainToASCII } from "./punycode.ts";

const FORBIDDEN_IN_HOST = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const FORBIDDEN_IN_DOMAIN = /[\0-\x20#%/:<>?@[\\\]^|\x7f]/;
/** What no mapping makes valid: "<" and ">" can become one character with a combining solidus. */
const NEVER_IN_DOMAIN = /[\0-\x20#%/:?@[\\\]^|\x7f]/;
const ENDS_IN_NUMBER = /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$/;

/** The serialized host that a text stands for; null when it stands for none. */
export function parseHost(text: string, special: boolean): string | null {
  if (text.startsWith("[")) return text.endsWith("]") ? parseIPv6(text.slice(1, -1)) : null;
  if (!special) return FORBIDDEN_IN_HOST.test(text) ? null : percentEncode(text, C0_CONTROL);
  const domain = domainToASCII(percentDecode(text));
  if (domain === null) return null;
  return ENDS_IN_NUMBER.test(domain) ? parseIPv4(domain) : domain;
}

/** https://url.spec.whatwg.org/#concept-domain-to-ascii, with the check for forbidden code points that follows it. */
export function domainToASCII(domain: string): string | null {
  if (NEVER_IN_DOMAIN.test(domain)) return null;
  // An ASCII domain is taken as it is, even where its punycode decodes to nothing valid.
  const lower = domain.toLowerCase();
  const ascii = /[^\0-\x7f]/.test(domain)
    ? (latinDomainToASCII(lower) ?? callSync("url.domainToASCII", domain))
    : lower;
  return ascii === "" || FORBIDDEN_IN_DOMAIN.test(ascii) ? null : ascii;
}

/** The Unicode form of a domain, for display; "" when it is none. */
export function domainToUnicode(domain: string): string {
  return callSync("url.domainToUnicode", domain);
}

/** https://url.spec.whatwg.org/#concept-ipv4-parser */
function parseIPv4(text: string): string | null {
  const parts = text.split(".");
  if (parts.length > 1 && parts.at(-1) === "") parts.pop();
  if (parts.length > 4) return null;
  const numbers = parts.map(parseIPv4Number);
  const last = numbers.pop()!;
  if (!(last < 256 ** (4 - numbers.length))) return null;
  let address = last;
  for (const [index, number] of numbers.entries()) {
    if (!(number < 256)) return null;
    address += number * 256 ** (3 - index);
  }
  return [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** A part of an IPv4 address: hexadecimal, octal or decimal; NaN when it is no number. */
function parseIPv4Number(text: string): number {
  if (/^0x[0-9a-f]*$/.test(text)) return text.length === 2 ? 0 : Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^(?:0|[1-9][0-9]*)$/.test(text) ? Number(text) : Number.NaN;
}

/** https://url.spec.whatwg.org/#concept-ipv6-parser, with the serialization in brackets. */
function parseIPv6(text: string): string | null {
  const hexadecimal = text.includes(".") ? withoutIPv4Tail(text) : text;
  if (hexadecimal === null) return null;
  const halves = hexadecimal.split("::");
  if (halves.length > 2) return null;
  const [before, after] = halves.map(parsePieces);
  if (before === undefined || before === null || after === null) return null;
  if (after === undefined) return before.length === 8 ? serializeIPv6(before) : null;
  const missing = 8 - before.length - after.length;
  if (missing < 1) return null;
  return serializeIPv6([...before, ...new Array<number>(missing).fill(0), ...after]);
}

function parsePieces(text: string): number[] | null {
  if (text === "") return [];
  const pieces = text.split(":");
  if (pieces.length > 8 || !pieces.every(piece => /^[0-9A-Fa-f]{1,4}$/.test(piece))) return null;
  return pieces.map(piece => Number.parseInt(piece, 16));
}

/** Rewrites the dotted decimal at the end of an IPv6 address as two pieces. */
function withoutIPv4Tail(text: string): string | null {
  const start = text.lastIndexOf(":") + 1;
  const numbers = text.slice(start).split(".");
  if (
    numbers.length !== 4 ||
    !numbers.every(number => /^(?:0|[1-9][0-9]{0,2})$/.test(number) && Number(number) < 256)
  ) {
    return null;
  }
  const [a, b, c, d] = numbers.map(Number) as [number, number, number, number];
  return `${text.slice(0, start)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** https://url.spec.whatwg.org/#concept-ipv6-serializer */
function serializeIPv6(pieces: readonly number[]): string {
  let start = -1;
  let longest = 1;
  for (let index = 0; index < 8; index++) {
    let end = index;
    while (end < 8 && pieces[end] === 0) end++;
    if (end - index > longest) {
      start = index;
      longest = end - index;
    }
    if (end > index) index = end;
  }
  const hexadecimal = pieces.map(piece => piece.toString(16));
  if (start < 0) return `[${hexadecimal.join(":")}]`;
  return `[${hexadecimal.slice(0, start).join(":")}::${hexadecimal.slice(start + longest).join(":")}]`;
}
