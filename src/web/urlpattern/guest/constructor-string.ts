/** Patterns written as one URL-like string (https://urlpattern.spec.whatwg.org/#constructor-string-parsing). */
import { isSpecial } from "../../url/guest/record.ts";
import { canonicalizeProtocol } from "./canonicalize.ts";
import { type Component, compileComponent } from "./component.ts";
import type { ComponentName, Components } from "./init.ts";
import type { Options } from "./parts.ts";
import { type Token, tokenize } from "./tokenize.ts";

type State = "init" | "authority" | "done" | ComponentName;

export const DEFAULT_OPTIONS: Options = { delimiter: "", prefix: "", ignoreCase: false };

const SPECIAL_SCHEMES = ["http", "https", "ws", "wss", "ftp", "file"].filter(isSpecial);

/** https://urlpattern.spec.whatwg.org/#protocol-component-matches-a-special-scheme */
export function matchesSpecialScheme(protocol: Component): boolean {
  return SPECIAL_SCHEMES.some(scheme => protocol.regexp.test(scheme));
}

const ORDER: readonly State[] = [
  "protocol",
  "authority",
  "username",
  "password",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
];
const isBefore = (state: State, other: State): boolean => ORDER.indexOf(state) < ORDER.indexOf(other);

class ConstructorStringParser {
  readonly #characters: readonly string[];
  readonly #tokens: readonly Token[];
  readonly #result: Components = {};
  #start = 0;
  #index = 0;
  #step = 1;
  #groupDepth = 0;
  #bracketDepth = 0;
  #special = false;
  #state: State = "init";

  constructor(input: string) {
    this.#characters = Array.from(input);
    this.#tokens = tokenize(input, true);
  }

  parse(): Components {
    while (this.#index < this.#tokens.length && this.#state !== "done") {
      this.#step = 1;
      const { type } = this.#tokens[this.#index]!;
      if (type === "end") this.#end();
      else if (type === "open") this.#groupDepth++;
      else if (this.#groupDepth === 0) this.#next();
      else if (type === "close") this.#groupDepth--;
      this.#index += this.#step;
    }
    if (this.#result.hostname !== undefined) this.#result.port ??= "";
    return this.#result;
  }

  #end(): void {
    if (this.#state === "init") {
      // There is no protocol, so this is relative: start again with the first component that it can have.
      this.#rewind("init");
      if (this.#is("#")) this.#change("hash", 1);
      else if (this.#isSearchPrefix()) this.#change("search", 1);
      else this.#change("pathname", 0);
    } else if (this.#state === "authority") {
      this.#rewind("hostname");
    } else {
      this.#change("done", 0);
    }
  }

  #next(): void {
    switch (this.#state) {
      case "init":
        if (this.#is(":")) this.#rewind("protocol");
        break;
      case "protocol":
        if (this.#is(":")) this.#endProtocol();
        break;
      case "authority":
        if (this.#is("@")) this.#rewind("username");
        else if (this.#is("/") || this.#isSearchPrefix() || this.#is("#")) this.#rewind("hostname");
        break;
      case "username":
        if (this.#is(":")) this.#change("password", 1);
        else if (this.#is("@")) this.#change("hostname", 1);
        break;
      case "password":
        if (this.#is("@")) this.#change("hostname", 1);
        break;
      case "hostname":
        if (this.#is("[")) this.#bracketDepth++;
        else if (this.#is("]")) this.#bracketDepth--;
        else if (this.#is(":") && this.#bracketDepth === 0) this.#change("port", 1);
        else this.#endBefore("pathname");
        break;
      case "port":
        this.#endBefore("pathname");
        break;
      case "pathname":
        this.#endBefore("search");
        break;
      case "search":
        this.#endBefore("hash");
        break;
    }
  }

  #endProtocol(): void {
    const protocol = compileComponent(this.#component(), canonicalizeProtocol, DEFAULT_OPTIONS);
    this.#special = matchesSpecialScheme(protocol);
    if (this.#is("/", 1) && this.#is("/", 2)) this.#change("authority", 3);
    else this.#change(this.#special ? "authority" : "pathname", 1);
  }

  /** Ends the component where a later one begins: `first` or one after it. */
  #endBefore(first: "pathname" | "search" | "hash"): void {
    if (first === "pathname" && this.#is("/")) this.#change("pathname", 0);
    else if (first !== "hash" && this.#isSearchPrefix()) this.#change("search", 1);
    else if (this.#is("#")) this.#change("hash", 1);
  }

  /** https://urlpattern.spec.whatwg.org/#change-state */
  #change(state: State, skip: number): void {
    const before = this.#state;
    const result = this.#result;
    if (before !== "init" && before !== "authority" && before !== "done") result[before] = this.#component();
    if (before !== "init" && state !== "done") {
      if (isBefore(before, "hostname") && isBefore("hostname", state)) result.hostname ??= "";
      if (isBefore(before, "pathname") && isBefore("pathname", state))
        result.pathname ??= this.#special ? "/" : "";
      if (isBefore(before, "search") && state === "hash") result.search ??= "";
    }
    this.#state = state;
    this.#index += skip;
    this.#start = this.#index;
    this.#step = 0;
  }

  #rewind(state: State): void {
    this.#index = this.#start;
    this.#step = 0;
    this.#state = state;
  }

  #tokenAt(index: number): Token {
    return this.#tokens[index] ?? this.#tokens.at(-1)!;
  }

  /** Whether a token stands for a character and has no meaning in patterns. */
  #is(value: string, ahead = 0): boolean {
    const token = this.#tokenAt(this.#index + ahead);
    return (
      token.value === value &&
      (token.type === "char" || token.type === "escaped-char" || token.type === "invalid-char")
    );
  }

  /** A question mark begins the search, unless it is the modifier of the group before it. */
  #isSearchPrefix(): boolean {
    if (this.#is("?")) return true;
    if (this.#tokenAt(this.#index).value !== "?") return false;
    const previous = this.#tokens[this.#index - 1]?.type;
    return previous !== "name" && previous !== "regexp" && previous !== "close" && previous !== "asterisk";
  }

  #component(): string {
    return this.#characters
      .slice(this.#tokenAt(this.#start).index, this.#tokenAt(this.#index).index)
      .join("");
  }
}

/** https://urlpattern.spec.whatwg.org/#parse-a-constructor-string */
export function parseConstructorString(input: string): Components {
  return new ConstructorStringParser(input).parse();
}
