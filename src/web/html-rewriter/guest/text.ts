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

  get text(): string {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state.text;
  }

  get lastInTextNode(): boolean {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state.last;
  }

  get removed(): boolean {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state.removed;
  }

  before(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toContent(arguments.length, content, options, "before", "Text");
    this.#scope.state.mutate().before.push(given);
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toContent(arguments.length, content, options, "after", "Text");
    this.#scope.state.mutate().after.unshift(given);
    return this;
  }

  replace(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toContent(arguments.length, content, options, "replace", "Text");
    this.#scope.state.mutate().replace(given);
    return this;
  }

  remove(): this {
    if (!(#scope in this)) throw illegalInvocation();
    this.#scope.state.mutate().removed = true;
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

  get text(): string {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state.text;
  }

  set text(text: string) {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toText(1, 1, text, "text", "Comment");
    this.#scope.state.text = given;
  }

  get removed(): boolean {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state.removed;
  }

  before(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toStringContent(arguments.length, content, options, "before", "Comment");
    this.#scope.state.mutate().before.push(given);
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toStringContent(arguments.length, content, options, "after", "Comment");
    this.#scope.state.mutate().after.unshift(given);
    return this;
  }

  replace(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toStringContent(arguments.length, content, options, "replace", "Comment");
    this.#scope.state.mutate().replace(given);
    return this;
  }

  remove(): this {
    if (!(#scope in this)) throw illegalInvocation();
    this.#scope.state.mutate().removed = true;
    return this;
  }
}

exposeInterface(Text, "Text");
exposeInterface(Comment, "Comment");
