/** The encoding of a document: from its bytes to what handlers see, and back. */

import { incompleteTail } from "../../encoding/guest/utf8.ts";
import { binaryString, TextDecoder, utf8Decode, utf8Encode } from "../../encoding/guest.ts";
import { encodingFromLabel } from "../../encoding/labels.ts";
import { parserError } from "./errors.ts";

const NOT_ASCII = /[^\0-\x7f]/;

/** Encodings in which an ASCII byte may be part of something else anywhere. */
const INCOMPATIBLE = new Set(["utf-16le", "utf-16be", "iso-2022-jp"]);

/** Decodes the pieces of one text, which may split characters. */
export interface TextPieces {
  /** Whether bytes of an unfinished character are held back. */
  readonly pending: boolean;
  decode(bytes: Uint8Array, last: boolean): string;
}

/** A document's encoding. */
export interface Charset {
  readonly isUtf8: boolean;
  decode(bytes: Uint8Array): string;
  /** The text of bytes that stand in a string, one in each code unit. */
  decodeBinary(binary: string): string;
  /** The bytes of a text; what the encoding lacks becomes a character reference. */
  encode(text: string): Uint8Array;
  /** The bytes in a string, where the encoding has all of the text. */
  toBinary(text: string): string | undefined;
  pieces(): TextPieces;
}

/** The charset of a label of a Content-Type. Throws what workerd throws for those that cannot be rewritten. */
export function charsetOf(label: string | undefined): Charset {
  if (label === undefined) return utf8;
  const name = encodingFromLabel(label);
  if (name === undefined || name === "replacement") {
    throw parserError("Unknown character encoding has been provided.");
  }
  if (INCOMPATIBLE.has(name)) throw parserError("Expected ASCII-compatible encoding.");
  return name === "utf-8" ? utf8 : new LegacyCharset(name);
}

function bytesOfBinary(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

class Utf8Pieces implements TextPieces {
  #rest: Uint8Array | undefined;

  get pending(): boolean {
    return this.#rest !== undefined;
  }

  decode(bytes: Uint8Array, last: boolean): string {
    let whole = bytes;
    if (this.#rest !== undefined) {
      whole = new Uint8Array(this.#rest.length + bytes.length);
      whole.set(this.#rest);
      whole.set(bytes, this.#rest.length);
      this.#rest = undefined;
    }
    const tail = last ? 0 : incompleteTail(whole);
    if (tail > 0) {
      this.#rest = whole.slice(whole.length - tail);
      whole = whole.subarray(0, whole.length - tail);
    }
    return utf8Decode(whole);
  }
}

export const utf8: Charset = {
  isUtf8: true,
  decode: bytes => utf8Decode(bytes),
  decodeBinary: binary => (NOT_ASCII.test(binary) ? utf8Decode(bytesOfBinary(binary)) : binary),
  encode: utf8Encode,
  toBinary: text => (NOT_ASCII.test(text) ? binaryString(utf8Encode(text)) : text),
  pieces: () => new Utf8Pieces(),
};

class LegacyPieces implements TextPieces {
  readonly pending = true;
  readonly #decoder: TextDecoder;

  constructor(name: string) {
    this.#decoder = new TextDecoder(name);
  }

  decode(bytes: Uint8Array, last: boolean): string {
    return this.#decoder.decode(bytes, { stream: !last });
  }
}

class LegacyCharset implements Charset {
  readonly isUtf8 = false;
  readonly #name: string;
  #bytesOf: Map<number, string> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  decode(bytes: Uint8Array): string {
    return new TextDecoder(this.#name).decode(bytes);
  }

  decodeBinary(binary: string): string {
    return NOT_ASCII.test(binary) ? this.decode(bytesOfBinary(binary)) : binary;
  }

  encode(text: string): Uint8Array {
    return bytesOfBinary(this.#encode(text, code => `&#${code};`)!);
  }

  toBinary(text: string): string | undefined {
    return this.#encode(text, () => undefined);
  }

  pieces(): TextPieces {
    return new LegacyPieces(this.#name);
  }

  #encode(text: string, replace: (code: number) => string | undefined): string | undefined {
    if (!NOT_ASCII.test(text)) return text;
    this.#bytesOf ??= reverse(this.#name);
    let binary = "";
    for (const character of text.toWellFormed()) {
      const code = character.codePointAt(0)!;
      const bytes = code < 0x80 ? character : (this.#bytesOf.get(code) ?? replace(code));
      if (bytes === undefined) return undefined;
      binary += bytes;
    }
    return binary;
  }
}

/** For each character of an encoding the bytes of one or two that decode to it, found by decoding them all. */
function reverse(name: string): Map<number, string> {
  const bytesOf = new Map<number, string>();
  const note = (text: string, binary: string): void => {
    const code = text.codePointAt(0);
    if (code === undefined || code < 0x80 || code === 0xfffd || bytesOf.has(code)) return;
    if (text.length === (code > 0xffff ? 2 : 1)) bytesOf.set(code, binary);
  };
  const decoder = new TextDecoder(name);
  const leads: number[] = [];
  for (let lead = 0x80; lead <= 0xff; lead++) {
    const text = decoder.decode(Uint8Array.of(lead));
    if (text === "\ufffd") leads.push(lead);
    else note(text, String.fromCharCode(lead));
  }
  if (leads.length < 40) return bytesOf;
  for (const lead of leads) {
    // One call for each lead byte: pairs between line breaks, which no trail byte is.
    const pairs: number[] = [];
    for (let trail = 0x30; trail <= 0xfe; trail++) pairs.push(lead, trail, 0x0a);
    const texts = decoder.decode(Uint8Array.from(pairs)).split("\n");
    for (let trail = 0x30; trail <= 0xfe; trail++) {
      note(texts[trail - 0x30] ?? "", String.fromCharCode(lead, trail));
    }
  }
  return bytesOf;
}
