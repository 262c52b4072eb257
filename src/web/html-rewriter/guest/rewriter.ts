/** One rewriting of one document: runs the handlers on the tokens, and writes what becomes of them. */
import type { Outcome } from "../../streams/guest/promises.ts";
import { invoke, resolvedWith } from "../../streams/guest/promises.ts";
import type { Charset, TextPieces } from "./charset.ts";
import { Program, type Step } from "./compiler.ts";
import { type Part, Scope } from "./content.ts";
import { Doctype, DoctypeState, DocumentEnd } from "./document.ts";
import { Element, EndTag } from "./element.ts";
import { EndTagState } from "./end-tag.ts";
import { Matcher } from "./matcher.ts";
import { type TagName, TagNames } from "./names.ts";
import type { Output } from "./output.ts";
import type { ComplexSelector } from "./selector-parser.ts";
import { type Callback, StartTagState } from "./start-tag.ts";
import { Comment, CommentState, Text, TextState } from "./text.ts";
import type { TokenSink } from "./token-sink.ts";
import { Tokenizer } from "./tokenizer.ts";

/** What was registered in one call of `on` (with selectors) or `onDocument`. */
export interface Registration {
  readonly selectors: readonly ComplexSelector[] | undefined;
  readonly element?: Callback | undefined;
  readonly doctype?: Callback | undefined;
  readonly comments?: Callback | undefined;
  readonly text?: Callback | undefined;
  readonly end?: Callback | undefined;
}

/** A handler that is called while something that it is registered for is open. */
interface Listener {
  readonly callback: Callback;
  users: number;
}

interface Handlers {
  readonly element: Turn | undefined;
  readonly text: Listener | undefined;
  readonly comments: Listener | undefined;
}

/** A handler's turn with a token. An element that closes first makes of the end tag what it wanted. */
interface Turn {
  readonly callback: Callback | undefined;
  readonly closes?: StartTagState;
}

type TokenClass<State> = new (scope: Scope<State>) => object;

const NO_BYTES = new Uint8Array(0);
const NO_PARTS: readonly Part[] = [];
const REPLACED = "\ufffd";

export class Rewriter implements TokenSink<Step> {
  wantsText = false;
  wantsComments = false;
  readonly wantsDoctypes: boolean;
  inText = false;
  readonly tokenizer: Tokenizer<Step>;
  readonly #matcher: Matcher<StartTagState> | undefined;
  readonly #charset: Charset;
  readonly #output: Output;
  readonly #handlers: Handlers[] = [];
  readonly #textListeners: Listener[] = [];
  readonly #commentListeners: Listener[] = [];
  readonly #doctypes: Turn[] = [];
  readonly #ends: Turn[] = [];
  /** The text handlers that are to be called now, once that has been asked. */
  #activeText: readonly Turn[] | undefined;
  #textUsers = 0;
  #commentUsers = 0;
  #pieces: TextPieces | undefined;
  /** The bytes at hand up to here have been written, or were not to be. */
  #done = 0;
  /** How many open elements have their content removed. While there are any, nothing is written. */
  #removing = 0;
  #writing = true;

  constructor(registrations: readonly Registration[], charset: Charset, output: Output) {
    this.#charset = charset;
    this.#output = output;
    const program = new Program(text => charset.toBinary(text));
    // As on workerd, the handlers of elements come before those of the document.
    for (const registration of registrations) {
      if (registration.selectors !== undefined)
        this.#addSelected(registration.selectors, registration, program);
    }
    for (const registration of registrations) {
      if (registration.selectors === undefined) this.#addDocument(registration);
    }
    this.wantsDoctypes = this.#doctypes.length > 0;
    if (this.#handlers.length > 0) this.#matcher = new Matcher(program);
    this.tokenizer = new Tokenizer(new TagNames(program.byTag), this);
    this.#setWants();
  }

  #addSelected(selectors: readonly ComplexSelector[], registration: Registration, program: Program): void {
    const element = registration.element && { callback: registration.element };
    const text = registration.text && { callback: registration.text, users: 0 };
    const comments = registration.comments && { callback: registration.comments, users: 0 };
    if (text !== undefined) this.#textListeners.push(text);
    if (comments !== undefined) this.#commentListeners.push(comments);
    for (const selector of selectors) program.add(selector, this.#handlers.length);
    this.#handlers.push({ element, text, comments });
  }

  #addDocument({ doctype, comments, text, end }: Registration): void {
    if (doctype !== undefined) this.#doctypes.push({ callback: doctype });
    if (comments !== undefined) {
      this.#commentListeners.push({ callback: comments, users: 1 });
      this.#commentUsers++;
    }
    if (text !== undefined) {
      this.#textListeners.push({ callback: text, users: 1 });
      this.#textUsers++;
    }
    // The last is the first to be called, as on workerd.
    if (end !== undefined) this.#ends.unshift({ callback: end });
  }

  #setWants(): void {
    this.wantsText = this.#textUsers > 0;
    this.wantsComments = this.#commentUsers > 0;
  }

  needsAttributes(name: TagName<Step>): boolean {
    return this.#matcher?.needsAttributes(name) ?? false;
  }

  /** Takes a chunk in, see the tokenizer; then `run` is to be called until it answers nothing. */
  write(chunk: Uint8Array, limited: boolean): void {
    this.tokenizer.write(chunk, limited);
  }

  run(): Outcome {
    return this.tokenizer.run();
  }

  /** Writes what the last chunk left unchanged. */
  endChunk(): void {
    const { bytes, at } = this.tokenizer;
    if (this.#writing) this.#output.raw(bytes, this.#done, at);
    this.#done = 0;
  }

  /** The end of the document. */
  end(): Outcome {
    const state = { write: (markup: string) => this.#output.write(markup) };
    return this.#call(this.#ends, state, DocumentEnd, 0, finished);
  }

  text(from: number, to: number): Outcome {
    const { bytes, binary } = this.tokenizer;
    this.inText = true;
    this.#pieces ??= this.#charset.pieces();
    const clean = !this.#pieces.pending;
    const text =
      clean && this.tokenizer.isAscii
        ? binary.slice(from, to)
        : this.#pieces.decode(bytes.subarray(from, to), false);
    const unchanged = !this.#charset.isUtf8 || (clean && !this.#pieces.pending && !text.includes(REPLACED));
    if (text !== "") return this.#tellText(new TextState(text, false), from, to, unchanged);
    // An unfinished character: of UTF-8 it comes out with its rest.
    return unchanged ? undefined : this.#replace(from, to, NO_PARTS);
  }

  endText(): Outcome {
    this.inText = false;
    const text = this.#pieces?.decode(NO_BYTES, true) ?? "";
    this.#pieces = undefined;
    // What a legacy encoding left unfinished was written as it came.
    const { at } = this.tokenizer;
    return this.#tellText(new TextState(text, true), at, at, !this.#charset.isUtf8 || text === "");
  }

  #tellText(state: TextState, from: number, to: number, unchanged: boolean): Outcome {
    this.#activeText ??= this.#textListeners.filter(isActive);
    return this.#call(this.#activeText, state, Text, from, () => {
      if (unchanged && state.mutations === undefined) return undefined;
      return this.#replace(from, to, state.parts([unchanged ? { from, to } : state.text]));
    });
  }

  startTag(name: TagName<Step>): Outcome {
    const matcher = this.#matcher;
    if (matcher === undefined) return undefined;
    const { tokenizer } = this;
    matcher.startTag(name, tokenizer);
    if (matcher.handlers.length === 0) return undefined;
    const turns: Turn[] = [];
    for (const number of matcher.handlers) {
      const { element, text, comments } = this.#handlers[number]!;
      if (matcher.hasContent && (text ?? comments) !== undefined) this.#listen(text, comments, 1);
      if (element !== undefined) turns.push(element);
    }
    if (turns.length === 0) return undefined;
    const { tag, at, binary, tree } = tokenizer;
    const state = new StartTagState(this.#charset, tag, binary, at, tree.tagNamespace, matcher.hasContent);
    if (this.#removing > 0) state.mutate().removed = true;
    const to = at + tag.end;
    return this.#call(turns, state, Element, at, () => this.#finishStart(state, matcher, at, to));
  }

  #finishStart(state: StartTagState, matcher: Matcher<StartTagState>, from: number, to: number): Outcome {
    const removed = state.hasContent && state.removesContent;
    if (removed) this.#removing++;
    if (state.hasContent && (removed || state.hasEndTagWork)) matcher.top!.data = state;
    if (!state.isTouched) return undefined;
    const outcome = this.#replace(from, to, state.parts(state.self));
    this.#writing = this.#removing === 0;
    return outcome;
  }

  #listen(text: Listener | undefined, comments: Listener | undefined, change: 1 | -1): void {
    if (text !== undefined) {
      text.users += change;
      this.#activeText = undefined;
      this.#textUsers += change;
    }
    if (comments !== undefined) {
      comments.users += change;
      this.#commentUsers += change;
    }
    this.#setWants();
  }

  endTag(name: TagName<Step>): Outcome {
    if (name.open === 0) return undefined;
    const turns: Turn[] = [];
    this.#matcher!.endTag(name, ({ handlers, data }) => {
      for (const number of handlers) {
        const { text, comments } = this.#handlers[number]!;
        if ((text ?? comments) !== undefined) this.#listen(text, comments, -1);
      }
      if (data === undefined) return;
      if (data.removesContent) this.#removing--;
      if (data.hasEndTagWork) turns.push({ callback: data.onEndTag, closes: data });
    });
    const { at, tag, binary } = this.tokenizer;
    if (!this.#writing && this.#removing === 0) {
      this.#writing = true;
      this.#done = at;
    }
    if (turns.length === 0) return undefined;
    const to = at + tag.end;
    const sourceName = binary.slice(at + tag.nameStart, at + tag.nameEnd);
    const state = new EndTagState(this.#charset, sourceName, { from: at, to });
    return this.#call(turns, state, EndTag, at, () => this.#finish(state, at, to));
  }

  comment(from: number, to: number, textFrom: number, textTo: number): Outcome {
    const text = this.tokenizer.binary.slice(textFrom, textTo);
    const state = new CommentState(this.#charset, text, { from, to });
    const turns = this.#commentListeners.filter(isActive);
    return this.#call(turns, state, Comment, from, () => this.#finish(state, from, to));
  }

  #finish(state: EndTagState | CommentState, from: number, to: number): Outcome {
    return state.isTouched ? this.#replace(from, to, state.parts(state.self)) : undefined;
  }

  doctype(from: number, to: number): Outcome {
    const state = new DoctypeState(this.#charset, this.tokenizer.binary.slice(from + 9, to));
    return this.#call(this.#doctypes, state, Doctype, from, finished);
  }

  /** Writes the bytes before a token as they are. What becomes of the token itself is up to the caller. */
  #writeUpTo(to: number): void {
    if (!this.#writing) return;
    this.#output.raw(this.tokenizer.bytes, this.#done, to);
    this.#done = to;
  }

  /** Writes something in the place of a token. */
  #replace(from: number, to: number, parts: readonly Part[]): Outcome {
    if (!this.#writing) return undefined;
    this.#writeUpTo(from);
    this.#done = to;
    return this.#writeParts(parts);
  }

  #writeParts(parts: readonly Part[], next = 0): Outcome {
    const output = this.#output;
    for (let index = next; index < parts.length; index++) {
      const part = parts[index]!;
      if (typeof part === "string") output.write(part);
      else if ("source" in part) return output.stream(part).then(() => this.#writeParts(parts, index + 1));
      else output.raw(this.tokenizer.bytes, part.from, part.to);
    }
    return undefined;
  }

  /** Calls handlers one after the other, each with an object of its own for the token; then finishes. */
  #call<State extends object>(
    turns: readonly Turn[],
    state: State,
    Token: TokenClass<State>,
    from: number,
    finish: () => Outcome,
  ): Outcome {
    for (let index = 0; index < turns.length; index++) {
      const scope = new Scope(state);
      const pending = takeTurn(turns[index]!, state, scope, Token);
      if (pending !== undefined) {
        this.#writeUpTo(from);
        return this.#callRest(pending, scope, turns, index + 1, state, Token, finish);
      }
      scope.close();
    }
    return finish();
  }

  async #callRest<State extends object>(
    first: Promise<unknown>,
    firstScope: Scope<State>,
    turns: readonly Turn[],
    next: number,
    state: State,
    Token: TokenClass<State>,
    finish: () => Outcome,
  ): Promise<void> {
    void this.#output.flush();
    await first;
    firstScope.close();
    for (let index = next; index < turns.length; index++) {
      const scope = new Scope(state);
      await takeTurn(turns[index]!, state, scope, Token);
      scope.close();
    }
    await finish();
  }
}

const finished = (): undefined => undefined;
const isActive = ({ users }: Listener): boolean => users > 0;

/** Lets a handler have its turn. Answers a promise if it does. */
function takeTurn<State extends object>(
  { callback, closes }: Turn,
  state: State,
  scope: Scope<State>,
  Token: TokenClass<State>,
): Promise<unknown> | undefined {
  if (closes !== undefined) (state as unknown as EndTagState).take(closes);
  if (callback === undefined) return undefined;
  const result = invoke(callback.call, callback.receiver, new Token(scope));
  if (typeof result !== "object" && typeof result !== "function") return undefined;
  if (result === null || typeof (result as { then?: unknown }).then !== "function") return undefined;
  return resolvedWith(result);
}
