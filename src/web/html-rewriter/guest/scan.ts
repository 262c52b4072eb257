/** Scanning of single constructs in bytes; every scan can stop at the end of a chunk and go on in the next. */

import { LIMITS } from "../limits.ts";
import { memoryLimitExceeded } from "./errors.ts";
import { asciiLower } from "./names.ts";

const SLASH = 0x2f;
const GT = 0x3e;
const EQUALS = 0x3d;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const DASH = 0x2d;
const BANG = 0x21;

const table = (characters: string): Uint8Array => {
  const classes = new Uint8Array(256);
  for (const character of characters) classes[character.charCodeAt(0)] = 1;
  return classes;
};

/** White space; ends of a tag's name; ends of an attribute's name; ends of an unquoted value. */
export const WHITESPACE: Uint8Array = table("\t\n\f\r ");
const NAME_END = table("\t\n\f\r />");
const ATTRIBUTE_END = table("\t\n\f\r />=");
const VALUE_END = table("\t\n\f\r >");

export const isLetter = (byte: number | undefined): boolean =>
  byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

// The tokenizer's states inside of a tag.
const IN_NAME = 0;
const BEFORE_ATTRIBUTE = 1;
const IN_ATTRIBUTE = 2;
const AFTER_ATTRIBUTE = 3;
const BEFORE_VALUE = 4;
const IN_QUOTED_VALUE = 5;
const IN_VALUE = 6;
const AFTER_SLASH = 7;

/** The numbers kept for an attribute: where its name starts and ends, its value starts and ends, and its source ends. */
export const ATTRIBUTE_FIELDS = 5;

/** Finds the end of a tag and its attributes (https://html.spec.whatwg.org/#tag-name-state and what follows it). */
export class TagScan {
  /** Positions relative to the tag's first byte. */
  nameStart = 0;
  nameEnd = 0;
  end = 0;
  selfClosing = false;
  /** For each attribute ATTRIBUTE_FIELDS positions; -1 stands for the value that is not there. */
  attributes: number[] = [];
  count = 0;
  #state: number = IN_NAME;
  #at = 0;
  #quote = 0;

  /** Begins a tag whose name starts `nameStart` bytes into it. */
  begin(nameStart: number): void {
    this.nameStart = nameStart;
    this.#at = nameStart;
    this.#state = IN_NAME;
    this.selfClosing = false;
    this.count = 0;
  }

  /** Finds the end of the name. Returns whether it is there. */
  scanName(bytes: Uint8Array, base: number): boolean {
    let at = base + this.#at;
    const length = bytes.length;
    while (at < length && NAME_END[bytes[at]!] === 0) at++;
    this.#at = at - base;
    if (at >= length) return false;
    this.nameEnd = at - base;
    this.#state = BEFORE_ATTRIBUTE;
    return true;
  }

  /** Finds the end of the tag. Returns whether it is there. Attributes are noted only if they are to be collected. */
  scanRest(bytes: Uint8Array, base: number, collect: boolean): boolean {
    const length = bytes.length;
    const { attributes } = this;
    let fields = (this.count - 1) * ATTRIBUTE_FIELDS;
    let at = base + this.#at;
    let state = this.#state;
    while (at < length) {
      const byte = bytes[at]!;
      switch (state) {
        case BEFORE_ATTRIBUTE:
          if (WHITESPACE[byte] === 1) at++;
          else if (byte === GT) return this.#finish(at - base);
          else if (byte === SLASH) {
            state = AFTER_SLASH;
            at++;
          } else {
            // A name takes its first byte whatever it is: "=" too.
            if (collect) fields = this.#open(at - base);
            state = IN_ATTRIBUTE;
            at++;
          }
          break;
        case IN_ATTRIBUTE:
          while (at < length && ATTRIBUTE_END[bytes[at]!] === 0) at++;
          if (at >= length) break;
          if (collect) {
            attributes[fields + 1] = at - base;
            attributes[fields + 4] = at - base;
          }
          if (bytes[at] === EQUALS) {
            state = BEFORE_VALUE;
            at++;
          } else {
            state = AFTER_ATTRIBUTE;
          }
          break;
        case AFTER_ATTRIBUTE:
          if (WHITESPACE[byte] === 1) at++;
          else if (byte === EQUALS) {
            state = BEFORE_VALUE;
            at++;
          } else {
            state = BEFORE_ATTRIBUTE;
          }
          break;
        case BEFORE_VALUE:
          if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) {
            this.#quote = byte;
            state = IN_QUOTED_VALUE;
            at++;
            if (collect) attributes[fields + 2] = at - base;
          } else if (WHITESPACE[byte] === 1) at++;
          else if (byte === GT) return this.#finish(at - base);
          else {
            if (collect) attributes[fields + 2] = at - base;
            state = IN_VALUE;
          }
          break;
        case IN_QUOTED_VALUE: {
          const quote = bytes.indexOf(this.#quote, at);
          if (quote < 0) {
            at = length;
            break;
          }
          at = quote + 1;
          if (collect) {
            attributes[fields + 3] = quote - base;
            attributes[fields + 4] = at - base;
          }
          state = BEFORE_ATTRIBUTE;
          break;
        }
        case IN_VALUE:
          while (at < length && VALUE_END[bytes[at]!] === 0) at++;
          if (at >= length) break;
          if (collect) {
            attributes[fields + 3] = at - base;
            attributes[fields + 4] = at - base;
          }
          state = BEFORE_ATTRIBUTE;
          break;
        case AFTER_SLASH:
          if (byte === GT) {
            this.selfClosing = true;
            return this.#finish(at - base);
          }
          state = BEFORE_ATTRIBUTE;
          break;
      }
    }
    this.#state = state;
    this.#at = at - base;
    return false;
  }

  /** The value of the first attribute of that name, in lower case; `base`: where the tag is in `binary`. */
  find(name: string, binary: string, base: number): string | undefined {
    const { attributes } = this;
    for (let fields = 0; fields < this.count * ATTRIBUTE_FIELDS; fields += ATTRIBUTE_FIELDS) {
      const source = binary.slice(base + attributes[fields]!, base + attributes[fields + 1]!);
      if (asciiLower(source) !== name) continue;
      return binary.slice(base + attributes[fields + 2]!, base + attributes[fields + 3]!);
    }
    return undefined;
  }

  #open(at: number): number {
    if (this.count === LIMITS.attributesPerTag) throw memoryLimitExceeded();
    const fields = this.count * ATTRIBUTE_FIELDS;
    this.count++;
    this.attributes[fields] = at;
    this.attributes[fields + 2] = -1;
    this.attributes[fields + 3] = -1;
    return fields;
  }

  #finish(at: number): true {
    this.end = at + 1;
    return true;
  }
}

/** Where a comment's text ended, and where the comment itself. */
export interface CommentEnd {
  text: number;
  end: number;
}

/**
 * Finds the end of a comment's text from `at` on: `-->` or `--!>`, after any number of further dashes. Fills `found`
 * and returns -1; else returns where to go on when there is more.
 */
export function scanCommentEnd(bytes: Uint8Array, at: number, found: CommentEnd): number {
  const length = bytes.length;
  for (;;) {
    const dash = bytes.indexOf(DASH, at);
    if (dash < 0) return length;
    if (dash + 1 >= length) return dash;
    if (bytes[dash + 1] !== DASH) {
      at = dash + 2;
      continue;
    }
    let after = dash + 2;
    while (after < length && bytes[after] === DASH) after++;
    if (after >= length) return after - 2;
    if (bytes[after] === GT || (bytes[after] === BANG && bytes[after + 1] === GT)) {
      found.text = after - 2;
      found.end = bytes[after] === GT ? after + 1 : after + 2;
      return -1;
    }
    if (bytes[after] === BANG && after + 1 >= length) return after - 2;
    at = after + 1;
  }
}

/** Whether the bytes at a position are `word` (in lower case), in whatever case; undefined while they may become it. */
export function matches(bytes: Uint8Array, at: number, word: string): boolean | undefined {
  for (let index = 0; index < word.length; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    const code = word.charCodeAt(index);
    if (byte !== code && (code < 0x61 || code > 0x7a || (byte | 0x20) !== code)) return false;
  }
  return true;
}

/** Where the next ">" is; the end if there is none. */
export function indexOrEnd(bytes: Uint8Array, from: number): number {
  const at = bytes.indexOf(GT, from);
  return at < 0 ? bytes.length : at;
}

/** Whether a byte ends the name of a tag. */
export const endsName = (byte: number): boolean => byte === GT || byte === SLASH || WHITESPACE[byte] === 1;

/** Whether `[CDATA[` is at a position; undefined while it may become that. */
export function matchesCdata(bytes: Uint8Array, at: number): boolean | undefined {
  const word = "[CDATA[";
  for (let index = 0; index < word.length; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    if (byte !== word.charCodeAt(index)) return false;
  }
  return true;
}

/** The end of the text, from `from` on, of a comment that the document's end cuts off. */
export function endWithoutDashes(bytes: Uint8Array, from: number): number {
  let end = bytes.length;
  if (end - 3 >= from && bytes[end - 1] === BANG && bytes[end - 2] === DASH && bytes[end - 3] === DASH) {
    return end - 3;
  }
  for (let dashes = 0; dashes < 2 && end > from && bytes[end - 1] === DASH; dashes++) end--;
  return end;
}
