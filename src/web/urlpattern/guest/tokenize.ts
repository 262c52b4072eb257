/** The tokenizer of patterns (https://urlpattern.spec.whatwg.org/#tokenizers). Positions count code points. */

export type TokenType =
  | "open"
  | "close"
  | "regexp"
  | "name"
  | "char"
  | "escaped-char"
  | "other-modifier"
  | "asterisk"
  | "end"
  | "invalid-char";

export interface Token {
  readonly type: TokenType;
  readonly index: number;
  readonly value: string;
}

const SINGLES: Readonly<Record<string, TokenType>> = {
  "*": "asterisk",
  "+": "other-modifier",
  "?": "other-modifier",
  "{": "open",
  "}": "close",
};

/** https://urlpattern.spec.whatwg.org/#is-a-valid-name-code-point */
export function isNameCharacter(character: string, first: boolean): boolean {
  return (first ? /^[\p{ID_Start}$_]/u : /^[\p{ID_Continue}$_\u200c\u200d]/u).test(character);
}

/** Splits a pattern. What cannot be read is an exception, or a token of its own when `lenient`. */
export function tokenize(input: string, lenient: boolean): Token[] {
  const characters = Array.from(input);
  const tokens: Token[] = [];
  let index = 0;

  const add = (type: TokenType, start: number, end: number, next = end): void => {
    tokens.push({ type, index, value: characters.slice(start, end).join("") });
    index = next;
  };
  const refuse = (start: number, end: number, reason: string): void => {
    if (!lenient) throw new TypeError(`Invalid pattern '${input}': ${reason} at position ${index}.`);
    add("invalid-char", start, end);
  };

  while (index < characters.length) {
    const character = characters[index]!;
    const single = SINGLES[character];
    if (single !== undefined) {
      add(single, index, index + 1);
    } else if (character === "\\") {
      if (index === characters.length - 1) refuse(index, index + 1, "an escape without a character");
      else add("escaped-char", index + 1, index + 2);
    } else if (character === ":") {
      const end = endOfName(characters, index + 1);
      if (end === index + 1) refuse(index, end, "a group without a name");
      else add("name", index + 1, end);
    } else if (character === "(") {
      const end = endOfRegexp(characters, index + 1);
      if (typeof end === "string") refuse(index, index + 1, end);
      else add("regexp", index + 1, end, end + 1);
    } else {
      add("char", index, index + 1);
    }
  }
  add("end", index, index);
  return tokens;
}

function endOfName(characters: readonly string[], start: number): number {
  let end = start;
  while (end < characters.length && isNameCharacter(characters[end]!, end === start)) end++;
  return end;
}

const isASCII = (character: string): boolean => character <= "\x7f";

/** The position of the parenthesis that closes a group, or what is wrong with the group. */
function endOfRegexp(characters: readonly string[], start: number): number | string {
  let depth = 1;
  for (let at = start; at < characters.length; at++) {
    const character = characters[at]!;
    if (!isASCII(character)) return "a character that is not ASCII in a regular expression";
    if (at === start && character === "?") return "a regular expression that begins with '?'";
    if (character === "\\") {
      const escaped = characters[++at];
      if (escaped === undefined) return "an escape without a character";
      if (!isASCII(escaped)) return "a character that is not ASCII in a regular expression";
    } else if (character === ")") {
      depth--;
      if (depth === 0) return at === start ? "an empty regular expression" : at;
    } else if (character === "(") {
      depth++;
      if (characters[at + 1] !== "?") return "a capturing group inside a regular expression";
    }
  }
  return "an unclosed regular expression";
}
