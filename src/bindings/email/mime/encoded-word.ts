/** Text in a header that is more than ASCII (https://www.rfc-editor.org/rfc/rfc2047). */

const WORD = /=\?([^?*]+)(?:\*[^?]*)?\?([BbQq])\?([^?]*)\?=/g;
/** White space between two encoded words is not part of the text. */
const BETWEEN = /(\?=)\s+(?==\?[^?]+\?[BbQq]\?)/g;
/** UTF-8 bytes of an encoded word: 60 characters of base64, where 75 are allowed for all of it. */
const WORD_BYTES = 45;

/** The text of a field's value, which has a character for each byte. Bytes beyond ASCII are UTF-8. */
export function decodeText(value: string): string {
  const text = Buffer.from(value, "latin1").toString("utf8").trim();
  return text
    .replace(BETWEEN, "$1")
    .replace(WORD, (word, charset: string, encoding: string, content: string) => {
      try {
        return new TextDecoder(charset).decode(bytesOf(encoding, content));
      } catch {
        // An encoding that nobody knows is shown as it is.
        return word;
      }
    });
}

function bytesOf(encoding: string, content: string): Buffer {
  if (encoding.toUpperCase() === "B") return Buffer.from(content, "base64");
  const text = content
    .replaceAll("_", " ")
    .replace(/=([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(text, "latin1");
}

/** The text as a header may hold it: as it is where that is ASCII, else in encoded words. */
export function encodeText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes("=?")) return text;
  const words: string[] = [];
  let word = "";
  for (const character of text) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word].map(part => `=?utf-8?B?${Buffer.from(part).toString("base64")}?=`).join("\r\n ");
}
