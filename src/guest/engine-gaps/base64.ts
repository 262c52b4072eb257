/** Base64 and hexadecimal of Uint8Array (https://tc39.es/ecma262/#sec-additional-properties-of-the-uint8array-constructor). */
import { defineMissingMethods } from "./define.ts";

type Alphabet = "base64" | "base64url";
type LastChunk = "loose" | "strict" | "stop-before-partial";

interface Decoded {
  readonly bytes: number[];
  /** How many characters were used. */
  readonly read: number;
  readonly error: SyntaxError | undefined;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const digitsOf: Readonly<Record<Alphabet, string>> = { base64: `${DIGITS}+/`, base64url: `${DIGITS}-_` };
const HEX = "0123456789abcdef";

const typedArrayTag = Object.getOwnPropertyDescriptor(
  Reflect.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get as () => string | undefined;

function requireBytes(value: unknown): asserts value is Uint8Array {
  if (Reflect.apply(typedArrayTag, value, []) !== "Uint8Array")
    throw new TypeError("this is not a Uint8Array");
}

function requireString(value: unknown): asserts value is string {
  if (typeof value !== "string") throw new TypeError("The first argument is not a string");
}

function optionsOf(options: unknown): Record<string, unknown> {
  if (options === undefined) return {};
  if (typeof options !== "object" || options === null) throw new TypeError("The options are not an object");
  return options as Record<string, unknown>;
}

function alphabetOf(options: Record<string, unknown>): Alphabet {
  const { alphabet } = options;
  if (alphabet === undefined || alphabet === "base64" || alphabet === "base64url")
    return alphabet ?? "base64";
  throw new TypeError('The alphabet is neither "base64" nor "base64url"');
}

function lastChunkOf(options: Record<string, unknown>): LastChunk {
  const mode = options["lastChunkHandling"];
  if (mode === undefined) return "loose";
  if (mode === "loose" || mode === "strict" || mode === "stop-before-partial") return mode;
  throw new TypeError('lastChunkHandling is none of "loose", "strict" and "stop-before-partial"');
}

const isSpace = (code: number) => code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b);

function skipSpaces(text: string, from: number): number {
  let index = from;
  while (index < text.length && isSpace(text.charCodeAt(index))) index++;
  return index;
}

/** https://tc39.es/ecma262/#sec-frombase64 */
function fromBase64(text: string, alphabet: Alphabet, lastChunk: LastChunk, maximum: number): Decoded {
  const bytes: number[] = [];
  if (maximum === 0) return { bytes, read: 0, error: undefined };
  const digits = digitsOf[alphabet];
  let read = 0;
  let chunk = 0;
  let filled = 0;
  const fail = (message: string): Decoded => ({ bytes, read, error: new SyntaxError(message) });
  const finish = (end: number, strict: boolean): Decoded => {
    if (filled === 1) return fail("The Base64 text ends in an incomplete group");
    const rest = filled === 2 ? chunk & 0x0f : chunk & 0x03;
    if (strict && rest !== 0) return fail("The Base64 text has bits set that stand for nothing");
    if (filled === 2) bytes.push(chunk >> 4);
    else bytes.push(chunk >> 10, (chunk >> 2) & 0xff);
    return { bytes, read: end, error: undefined };
  };
  for (let index = skipSpaces(text, 0); ; index = skipSpaces(text, index)) {
    if (index === text.length) {
      if (filled === 0) return { bytes, read: index, error: undefined };
      if (lastChunk === "stop-before-partial") return { bytes, read, error: undefined };
      if (lastChunk === "strict") return fail("The Base64 text lacks its padding");
      return finish(index, false);
    }
    const character = text[index++]!;
    if (character === "=") {
      if (filled < 2) return fail("The Base64 text has padding where there is none");
      index = skipSpaces(text, index);
      if (filled === 2) {
        if (index === text.length) {
          if (lastChunk === "stop-before-partial") return { bytes, read, error: undefined };
          return fail("The Base64 text lacks a part of its padding");
        }
        if (text[index] === "=") index = skipSpaces(text, index + 1);
        else return fail("The Base64 text has one padding character where two belong");
      }
      if (index < text.length) return fail("The Base64 text goes on after its padding");
      return finish(index, lastChunk === "strict");
    }
    const digit = digits.indexOf(character);
    if (digit < 0) return fail(`The Base64 text has the invalid character ${JSON.stringify(character)}`);
    const room = maximum - bytes.length;
    if ((room === 1 && filled === 2) || (room === 2 && filled === 3))
      return { bytes, read, error: undefined };
    chunk = (chunk << 6) | digit;
    filled++;
    if (filled < 4) continue;
    bytes.push(chunk >> 16, (chunk >> 8) & 0xff, chunk & 0xff);
    chunk = 0;
    filled = 0;
    read = index;
    if (bytes.length === maximum) return { bytes, read, error: undefined };
  }
}

/** https://tc39.es/ecma262/#sec-fromhex */
function fromHex(text: string, maximum: number): Decoded {
  const bytes: number[] = [];
  if (text.length % 2 !== 0) {
    return { bytes, read: 0, error: new SyntaxError("The hexadecimal text has an odd number of digits") };
  }
  let read = 0;
  while (read < text.length && bytes.length < maximum) {
    const pair = text.slice(read, read + 2);
    if (!/^[0-9a-fA-F]{2}$/.test(pair)) {
      return { bytes, read, error: new SyntaxError("The hexadecimal text has an invalid digit") };
    }
    bytes.push(Number.parseInt(pair, 16));
    read += 2;
  }
  return { bytes, read, error: undefined };
}

function whole(decoded: Decoded): Uint8Array {
  if (decoded.error !== undefined) throw decoded.error;
  return new Uint8Array(decoded.bytes);
}

function into(target: Uint8Array, decoded: Decoded): { read: number; written: number } {
  target.set(decoded.bytes);
  if (decoded.error !== undefined) throw decoded.error;
  return { read: decoded.read, written: decoded.bytes.length };
}

function toBase64(bytes: Uint8Array, alphabet: Alphabet, padding: boolean): string {
  const digits = digitsOf[alphabet];
  let text = "";
  let index = 0;
  for (; index + 2 < bytes.length; index += 3) {
    const chunk = (bytes[index]! << 16) | (bytes[index + 1]! << 8) | bytes[index + 2]!;
    text +=
      digits[chunk >> 18]! + digits[(chunk >> 12) & 63]! + digits[(chunk >> 6) & 63]! + digits[chunk & 63]!;
  }
  const rest = bytes.length - index;
  if (rest === 0) return text;
  const chunk = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8);
  text += digits[chunk >> 18]! + digits[(chunk >> 12) & 63]!;
  if (rest === 2) text += digits[(chunk >> 6) & 63]!;
  return padding ? text + "=".repeat(3 - rest) : text;
}

/** Adds the methods that the engine lacks. */
export function fillBase64(): void {
  const statics = {
    fromBase64(text: unknown, options?: unknown): Uint8Array {
      requireString(text);
      const chosen = optionsOf(options);
      return whole(fromBase64(text, alphabetOf(chosen), lastChunkOf(chosen), Number.POSITIVE_INFINITY));
    },
    fromHex(text: unknown): Uint8Array {
      requireString(text);
      return whole(fromHex(text, Number.POSITIVE_INFINITY));
    },
  };
  const methods = {
    setFromBase64(this: unknown, text: unknown, options?: unknown) {
      requireBytes(this);
      requireString(text);
      const chosen = optionsOf(options);
      return into(this, fromBase64(text, alphabetOf(chosen), lastChunkOf(chosen), this.length));
    },
    setFromHex(this: unknown, text: unknown) {
      requireBytes(this);
      requireString(text);
      return into(this, fromHex(text, this.length));
    },
    toBase64(this: unknown, options?: unknown): string {
      requireBytes(this);
      const chosen = optionsOf(options);
      return toBase64(this, alphabetOf(chosen), !chosen["omitPadding"]);
    },
    toHex(this: unknown): string {
      requireBytes(this);
      let text = "";
      for (const byte of this) text += HEX[byte >> 4]! + HEX[byte & 15]!;
      return text;
    },
  };
  for (const method of [statics.fromBase64, methods.setFromBase64]) {
    Object.defineProperty(method, "length", { value: 1, configurable: true });
  }
  Object.defineProperty(methods.toBase64, "length", { value: 0, configurable: true });
  defineMissingMethods(Uint8Array, statics);
  defineMissingMethods(Uint8Array.prototype, methods);
}
