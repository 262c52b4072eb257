/** MIME types (https://mimesniff.spec.whatwg.org/#understanding-mime-types). */

/** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const QUOTED_STRING = /^[\t\x20-\x7e\x80-\xff]*$/;

const isWhitespace = (code: number): boolean =>
  code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;

/** Trims HTTP whitespace. A loop, since a regular expression's time is quadratic in the length of inner whitespace. */
export function trimHttpWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhitespace(text.charCodeAt(start))) start++;
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

const trimEnd = (text: string): string => trimHttpWhitespace(`x${text}`).slice(1);

export class MimeType {
  readonly essence: string;
  readonly parameters = new Map<string, string>();

  constructor(essence: string) {
    this.essence = essence;
  }

  /** The serialization of a MIME type (https://mimesniff.spec.whatwg.org/#serializing-a-mime-type). */
  toString(): string {
    let text = this.essence;
    for (const [name, value] of this.parameters) {
      text += `;${name}=${TOKEN.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`}`;
    }
    return text;
  }
}

/** Parses a MIME type (https://mimesniff.spec.whatwg.org/#parse-a-mime-type); undefined when it is none. */
export function parseMimeType(input: string): MimeType | undefined {
  const text = trimHttpWhitespace(input);
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const semicolon = text.indexOf(";", slash);
  const type = text.slice(0, slash);
  const subtype = trimEnd(text.slice(slash + 1, semicolon < 0 ? text.length : semicolon));
  if (!TOKEN.test(type) || !TOKEN.test(subtype)) return undefined;
  const parsed = new MimeType(`${type}/${subtype}`.toLowerCase());
  if (semicolon >= 0) parseParameters(text, semicolon + 1, parsed.parameters);
  return parsed;
}

function parseParameters(text: string, from: number, parameters: Map<string, string>): void {
  let at = from;
  while (at < text.length) {
    while (at < text.length && "\t\n\r ".includes(text[at] as string)) at++;
    const start = at;
    while (at < text.length && text[at] !== ";" && text[at] !== "=") at++;
    const name = text.slice(start, at).toLowerCase();
    if (text[at] !== "=") {
      at++;
      continue;
    }
    at++;
    let value: string;
    if (text[at] === '"') {
      const quoted = collectQuotedString(text, at);
      value = quoted.value;
      const next = text.indexOf(";", quoted.end);
      at = next < 0 ? text.length : next + 1;
    } else {
      const next = text.indexOf(";", at);
      value = trimEnd(text.slice(at, next < 0 ? text.length : next));
      at = next < 0 ? text.length : next + 1;
      if (value === "") continue;
    }
    if (TOKEN.test(name) && QUOTED_STRING.test(value) && !parameters.has(name)) parameters.set(name, value);
  }
}

/** The value of the quoted string that starts at `start` (https://fetch.spec.whatwg.org/#collect-an-http-quoted-string). */
function collectQuotedString(text: string, start: number): { value: string; end: number } {
  let value = "";
  let at = start + 1;
  while (at < text.length) {
    const character = text[at++] as string;
    if (character === '"') break;
    if (character !== "\\") value += character;
    else if (at < text.length) value += text[at++];
    else value += "\\";
  }
  return { value, end: at };
}

/** The MIME type that a Content-Type header says (https://fetch.spec.whatwg.org/#concept-header-extract-mime-type). */
export function mimeTypeOf(header: string): MimeType | undefined {
  let result: MimeType | undefined;
  let charset: string | undefined;
  for (const value of splitOnCommas(header)) {
    const parsed = parseMimeType(value);
    if (parsed === undefined || parsed.essence === "*/*") continue;
    const own = parsed.parameters.get("charset");
    if (parsed.essence !== result?.essence) charset = own;
    else if (own === undefined && charset !== undefined) parsed.parameters.set("charset", charset);
    else charset = own ?? charset;
    result = parsed;
  }
  return result;
}

/** Splits at the commas outside quoted strings (https://fetch.spec.whatwg.org/#header-value-get-decode-and-split). */
function splitOnCommas(text: string): string[] {
  if (!text.includes(",")) return [text];
  const values: string[] = [];
  let start = 0;
  let at = 0;
  while (at < text.length) {
    if (text[at] === '"') {
      at = collectQuotedString(text, at).end;
      continue;
    }
    if (text[at] === ",") {
      values.push(text.slice(start, at));
      start = at + 1;
    }
    at++;
  }
  values.push(text.slice(start));
  return values;
}
