/** Text and Comment, as handlers see them (https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/#text-chunks). */
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import type { Charset } from "./charset.ts";
import { type Part, Scope, TokenState, toContent, toStringContent, toText } from "./content.ts";
import { parserError } from "./errors.ts";

export class TextState extends TokenState {
  readonly text: string;
  readonly last: boolean;

  constructor(text: string, last: boolean) {
    super();
    this.text = text;
    this.last = last;
  }
}

export class Text {
  readonly #scope: Scope<TextState>;

  constructor(scope: Scope<TextState> | undefined = undefined) {
    if (!(scope instanceof Scope)) throw illegalConstructor();
    this.#scope = scope;
  }

  get #state(): TextState {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state;
  }

  get text(): string {
    return this.#state.text;
  }

  get lastInTextNode(): boolean {
    return this.#state.last;
  }

  get removed(): boolean {
    return this.#state.removed;
  }

  before(content: unknown, options: unknown = undefined): this {
    this.#state.mutate().before.push(toContent(arguments.length, content, options, "before", "Text"));
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    this.#state.mutate().after.unshift(toContent(arguments.length, content, options, "after", "Text"));
    return this;
  }

  replace(content: unknown, options: unknown = undefined): this {
    this.#state.mutate().replace(toContent(arguments.length, content, options, "replace", "Text"));
    return this;
  }

  remove(): this {
    this.#state.mutate().removed = true;
    return this;
  }
}

export class CommentState extends TokenState {
  readonly #charset: Charset;
  readonly #binary: string;
  readonly #source: Part;
  #text: string | undefined;
  #changed = false;

  constructor(charset: Charset, binary: string, source: Part) {
    super();
    this.#charset = charset;
    this.#binary = binary;
    this.#source = source;
  }

  get text(): string {
    this.#text ??= this.#charset.decodeBinary(this.#binary);
    return this.#text;
  }

  set text(text: string) {
    if (text.includes("-->") || text.includes("--!>") || text.startsWith(">") || text.startsWith("->")) {
      throw parserError("Comment text shouldn't contain a comment-closing sequence.");
    }
    if (this.#charset.toBinary(text) === undefined) {
      throw parserError(
        "Comment text contains a character that can't be represented in the document's character encoding.",
      );
    }
    this.#text = text;
    this.#changed = true;
  }

  /** Whether anything is to be written that was not in the source. */
  get isTouched(): boolean {
    return this.#changed || this.mutations !== undefined;
  }

  /** The comment without what surrounds it. */
  get self(): readonly Part[] {
    return this.#changed ? ["<!--", this.text, "-->"] : [this.#source];
  }
}

export class Comment {
  readonly #scope: Scope<CommentState>;

  constructor(scope: Scope<CommentState> | undefined = undefined) {
    if (!(scope instanceof Scope)) throw illegalConstructor();
    this.#scope = scope;
  }

  get #state(): CommentState {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state;
  }

  get text(): string {
    return this.#state.text;
  }

  set text(text: string) {
    this.#state.text = toText(1, 1, text, "text", "Comment");
  }

  get removed(): boolean {
    return this.#state.removed;
  }

  before(content: unknown, options: unknown = undefined): this {
    this.#state
      .mutate()
      .before.push(toStringContent(arguments.length, content, options, "before", "Comment"));
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    this.#state
      .mutate()
      .after.unshift(toStringContent(arguments.length, content, options, "after", "Comment"));
    return this;
  }

  replace(content: unknown, options: unknown = undefined): this {
    this.#state.mutate().replace(toStringContent(arguments.length, content, options, "replace", "Comment"));
    return this;
  }

  remove(): this {
    this.#state.mutate().removed = true;
    return this;
  }
}

exposeInterface(Text, "Text");
exposeInterface(Comment, "Comment");
