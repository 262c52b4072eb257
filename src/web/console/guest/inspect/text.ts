/** Text as `inspect` writes it: quoted strings, property keys, and widths in terminal columns. */

const MUST_ESCAPE =
  /[\u0000-\u001f'\\\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const TO_ESCAPE = new RegExp(MUST_ESCAPE.source, "g");
const TO_ESCAPE_BUT_QUOTES = new RegExp(MUST_ESCAPE.source.replace("'", ""), "g");
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  "'": "\\'",
  "\\": "\\\\",
};

function escapeOne(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).toUpperCase().padStart(2, "0")}` : `\\u${code.toString(16)}`;
}

/** A string as a literal, in the quotes that need the least escaping. */
export function quote(text: string): string {
  if (!MUST_ESCAPE.test(text)) return `'${text}'`;
  if (!text.includes("'")) return `'${text.replace(TO_ESCAPE, escapeOne)}'`;
  const mark = !text.includes('"') ? '"' : !text.includes("`") && !text.includes("${") ? "`" : "'";
  return `${mark}${text.replace(mark === "'" ? TO_ESCAPE : TO_ESCAPE_BUT_QUOTES, escapeOne)}${mark}`;
}

const IDENTIFIER = /^[a-zA-Z_][a-zA-Z_0-9]*$/;

/** A property's key: bare where it is an identifier. */
export function keyText(key: PropertyKey): string {
  if (typeof key === "symbol") return escapeControls(key.toString());
  const text = String(key);
  return IDENTIFIER.test(text) ? text : quote(text);
}

/** Text with its control characters escaped, for places where it stands unquoted. */
export function escapeControls(text: string): string {
  return /[\u0000-\u001f\u007f-\u009f]/.test(text)
    ? text.replace(/[\u0000-\u001f\u007f-\u009f]/g, escapeOne)
    : text;
}

const ANSI = /\u001b\[\d+m/g;
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const ZERO = /\p{Mark}|[\u200b-\u200f]|\p{Variation_Selector}/u;

/** How many columns of a terminal a text takes. */
export function widthOf(text: string): number {
  const plain = text.includes("\u001b") ? text.replace(ANSI, "") : text;
  if (/^[\u0020-\u007e]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const character of plain) width += ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
