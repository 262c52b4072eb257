/** The parser of pattern strings (https://urlpattern.spec.whatwg.org/#pattern-parsers). */
import { type Token, type TokenType, tokenize } from "./tokenize.ts";

export interface Options {
  readonly delimiter: string;
  readonly prefix: string;
  readonly ignoreCase: boolean;
}

export type Modifier = "" | "?" | "*" | "+";

/** `value` is a fixed text, or the source of a "regexp"; `name` is that of a group, or its number. */
export interface Part {
  readonly type: "fixed-text" | "regexp" | "segment-wildcard" | "full-wildcard";
  readonly value: string;
  readonly modifier: Modifier;
  readonly name: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** Canonicalizes a fixed text of a component; throws when it cannot stand there. */
export type Encoder = (text: string) => string;

export const FULL_WILDCARD = ".*";

/** https://urlpattern.spec.whatwg.org/#escape-a-regexp-string */
export function escapeRegexp(text: string): string {
  return text.replace(/[.+*?^${}()[\]|/\\]/g, "\\$&");
}

/** https://urlpattern.spec.whatwg.org/#generate-a-segment-wildcard-regexp */
export function segmentWildcard(options: Options): string {
  return `[^${escapeRegexp(options.delimiter)}]+?`;
}

class PatternParser {
  readonly #input: string;
  readonly #tokens: readonly Token[];
  readonly #options: Options;
  readonly #encode: Encoder;
  readonly #segmentWildcard: string;
  readonly #parts: Part[] = [];
  #pending = "";
  #index = 0;
  #nextNumber = 0;

  constructor(input: string, options: Options, encode: Encoder) {
    this.#input = input;
    this.#tokens = tokenize(input, false);
    this.#options = options;
    this.#encode = encode;
    this.#segmentWildcard = segmentWildcard(options);
  }

  parse(): Part[] {
    while (this.#index < this.#tokens.length) {
      const char = this.#take("char");
      const name = this.#take("name");
      const matcher = this.#takeMatcher(name);
      if (name !== undefined || matcher !== undefined) {
        this.#addGroup(char?.value ?? "", name, matcher);
        continue;
      }
      const fixed = char ?? this.#take("escaped-char");
      if (fixed !== undefined) {
        this.#pending += fixed.value;
        continue;
      }
      if (this.#take("open") !== undefined) {
        const prefix = this.#takeText();
        const inner = this.#take("name");
        const innerMatcher = this.#takeMatcher(inner);
        const suffix = this.#takeText();
        this.#require("close");
        this.#add(prefix, inner, innerMatcher, suffix, this.#takeModifier());
        continue;
      }
      this.#addPending();
      this.#require("end");
    }
    return this.#parts;
  }

  #addGroup(before: string, name: Token | undefined, matcher: Token | undefined): void {
    let prefix = before;
    if (prefix !== "" && prefix !== this.#options.prefix) {
      this.#pending += prefix;
      prefix = "";
    }
    this.#addPending();
    this.#add(prefix, name, matcher, "", this.#takeModifier());
  }

  #take(type: TokenType): Token | undefined {
    const token = this.#tokens[this.#index];
    if (token?.type !== type) return undefined;
    this.#index++;
    return token;
  }

  #takeMatcher(name: Token | undefined): Token | undefined {
    return this.#take("regexp") ?? (name === undefined ? this.#take("asterisk") : undefined);
  }

  #takeModifier(): Modifier {
    const token = this.#take("other-modifier") ?? this.#take("asterisk");
    return (token?.value ?? "") as Modifier;
  }

  #takeText(): string {
    let text = "";
    for (;;) {
      const token = this.#take("char") ?? this.#take("escaped-char");
      if (token === undefined) return text;
      text += token.value;
    }
  }

  #require(type: TokenType): void {
    if (this.#take(type) !== undefined) return;
    const { index } = this.#tokens[this.#index]!;
    throw new TypeError(`Invalid pattern '${this.#input}': unexpected character at position ${index}.`);
  }

  #addPending(): void {
    if (this.#pending === "") return;
    const text = this.#pending;
    this.#pending = "";
    this.#addText(text, "");
  }

  #addText(text: string, modifier: Modifier): void {
    this.#parts.push({
      type: "fixed-text",
      value: this.#encode(text),
      modifier,
      name: "",
      prefix: "",
      suffix: "",
    });
  }

  /** https://urlpattern.spec.whatwg.org/#add-a-part */
  #add(
    prefix: string,
    name: Token | undefined,
    matcher: Token | undefined,
    suffix: string,
    modifier: Modifier,
  ): void {
    const group = name !== undefined || matcher !== undefined;
    if (!group && modifier === "") {
      this.#pending += prefix;
      return;
    }
    this.#addPending();
    if (!group) {
      if (prefix !== "") this.#addText(prefix, modifier);
      return;
    }
    const source = this.#sourceOf(matcher);
    const type =
      source === this.#segmentWildcard
        ? "segment-wildcard"
        : source === FULL_WILDCARD
          ? "full-wildcard"
          : "regexp";
    const key = name?.value ?? `${this.#nextNumber++}`;
    if (this.#parts.some(part => part.name === key)) {
      throw new TypeError(`Invalid pattern '${this.#input}': two groups have the name '${key}'.`);
    }
    this.#parts.push({
      type,
      value: type === "regexp" ? source : "",
      modifier,
      name: key,
      prefix: this.#encode(prefix),
      suffix: this.#encode(suffix),
    });
  }

  #sourceOf(matcher: Token | undefined): string {
    if (matcher === undefined) return this.#segmentWildcard;
    return matcher.type === "asterisk" ? FULL_WILDCARD : matcher.value;
  }
}

/** https://urlpattern.spec.whatwg.org/#parse-a-pattern-string */
export function parsePattern(input: string, options: Options, encode: Encoder): Part[] {
  return new PatternParser(input, options, encode).parse();
}
