/** Reads the tokens of CSS that selectors are made of (https://drafts.csswg.org/css-syntax/#tokenization). */

const SPACE = /[\t\n\f\r ]+/y;
const COMMENT = /\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|\/\*[\s\S]*$/y;
const ESCAPE = String.raw`\\(?:[0-9a-fA-F]{1,6}(?:\r\n|[\t\n\f\r ])?|[^\n\f\r0-9a-fA-F]|$)`;
const IDENT = new RegExp(
  `(?:--|-?(?:[a-zA-Z_\\0\\x80-\\uffff]|${ESCAPE}))(?:[-\\w\\0\\x80-\\uffff]|${ESCAPE})*`,
  "y",
);
const STRING = /"((?:[^"\\\n\f\r]|\\[\s\S])*)("|$|\\$)|'((?:[^'\\\n\f\r]|\\[\s\S])*)('|$|\\$)/y;
const NUMBER = /\.\d/y;
const OPERATOR = /[~|^$*]?=/y;
const COMBINATOR = />|~(?!=)|\+(?!\.?\d)/y;

export class CssReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get atEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  get peek(): string | undefined {
    return this.#source[this.#at];
  }

  get peekSecond(): string | undefined {
    return this.#source[this.#at + 1];
  }

  /** Whether a number such as `.5` is next. */
  get atNumber(): boolean {
    NUMBER.lastIndex = this.#at;
    return NUMBER.test(this.#source);
  }

  #match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#source);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }

  skipComments(): void {
    while (this.peek === "/" && this.#match(COMMENT) !== undefined);
  }

  /** Returns whether there was any white space. */
  skipSpace(): boolean {
    let spaced = false;
    for (;;) {
      this.skipComments();
      if (this.#match(SPACE) === undefined) return spaced;
      spaced = true;
    }
  }

  take(character: string): boolean {
    if (this.peek !== character) return false;
    this.#at++;
    return true;
  }

  /** Takes what closes a block; the end closes all blocks. */
  takeClose(character: string): boolean {
    return this.atEnd || this.take(character);
  }

  takeIdent(): string | undefined {
    const match = this.#match(IDENT);
    return match && decodeEscapes(match[0]);
  }

  takeId(): string | undefined {
    this.#at++;
    const name = this.takeIdent();
    if (name === undefined) this.#at--;
    return name;
  }

  takeString(): string | undefined {
    const match = this.#match(STRING);
    return match && decodeEscapes((match[1] ?? match[3])!);
  }

  takeOperator(): string | undefined {
    return this.#match(OPERATOR)?.[0];
  }

  takeCombinator(): string | undefined {
    return this.#match(COMBINATOR)?.[0];
  }

  /** What is left of a block, and takes its end. */
  takeUntilClose(): string {
    const close = this.#source.indexOf(")", this.#at);
    const text = this.#source.slice(this.#at, close < 0 ? undefined : close);
    this.#at = close < 0 ? this.#source.length : close + 1;
    return text.replace(/\/\*[\s\S]*?\*\//g, "");
  }
}

const ESCAPED = /\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[\t\n\f\r ])?|(\r\n|[\n\f\r])|([\s\S])|$)|\0/g;

function decodeEscapes(text: string): string {
  if (!/[\\\0]/.test(text)) return text;
  return text.replace(ESCAPED, (_, hex?: string, lineBreak?: string, other?: string) => {
    if (hex !== undefined) {
      const code = Number.parseInt(hex, 16);
      const valid = code !== 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
      return valid ? String.fromCodePoint(code) : "\ufffd";
    }
    return lineBreak === undefined ? (other ?? "\ufffd") : "";
  });
}
