/** Content that handlers insert, and the changes that they make to a token. */
import { boolean, DOMString, dictionary } from "../../../guest/webidl.ts";
import { isResponse, type Response } from "../../fetch/guest/response.ts";
import { isReadableStream, type ReadableStream } from "../../streams/guest/readable.ts";
import { invalidToken } from "./errors.ts";

/** Content that is read when its turn comes to be written. */
export interface StreamedContent {
  readonly source: ReadableStream | Response;
  readonly html: boolean;
}

/** A range of the bytes that the tokenizer has at hand. */
export interface SourceRange {
  readonly from: number;
  readonly to: number;
}

/** Markup, or what gives it. */
export type Content = string | StreamedContent;

/** What a token can be made of when it is written. */
export type Part = Content | SourceRange;

const SPECIAL = /[&<>]/;

/** Text as markup. */
export function escapeText(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

const toOptions = dictionary<{ readonly html?: boolean }>("ContentOptions", [
  {
    key: "html",
    converter: value => value !== null && boolean(value),
  },
]);

/** The names in error messages: `before`, `Element`. */
function failure(method: string, type: string): string {
  return `Failed to execute '${method}' on '${type}'`;
}

function isHtml(options: unknown, method: string, type: string): boolean {
  if (
    options !== undefined &&
    options !== null &&
    typeof options !== "object" &&
    typeof options !== "function"
  ) {
    throw new TypeError(`${failure(method, type)}: parameter 2 is not of type 'ContentOptions'.`);
  }
  return toOptions(options).html ?? false;
}

/** The arguments of a method such as `before`; `given`: how many there are. */
export function toContent(
  given: number,
  value: unknown,
  options: unknown,
  method: string,
  type: string,
): Content {
  if (given === 0) {
    throw new TypeError(
      `${failure(method, type)}: parameter 1 is not of type 'string or JsReadableStream or Response'.`,
    );
  }
  if (isReadableStream(value) || isResponse(value)) {
    return { source: value, html: isHtml(options, method, type) };
  }
  const text = toText(given, 1, value, method, type);
  return isHtml(options, method, type) ? text : escapeText(text);
}

/** The same for comments and the end of the document, which take no streams. */
export function toStringContent(
  given: number,
  value: unknown,
  options: unknown,
  method: string,
  type: string,
): string {
  const content = toContent(given, value, options, method, type);
  if (typeof content === "string") return content;
  throw new TypeError(
    "Replacing content in HTML comments using a ReadableStream or Response object is not implemented. You must provide a string.",
  );
}

/** The parameter at a position, which must be a string. */
export function toText(
  given: number,
  position: number,
  value: unknown,
  method: string,
  type: string,
): string {
  const where = `${failure(method, type)}: parameter ${position}`;
  if (given < position) throw new TypeError(`${where} is not of type 'string'.`);
  return DOMString(value, where).toWellFormed();
}

/** What stands before a token, in its place and after it. */
export class Mutations {
  readonly before: Content[] = [];
  readonly replacement: Content[] = [];
  readonly after: Content[] = [];
  removed = false;

  replace(content: Content): void {
    this.removed = true;
    this.replacement.length = 0;
    this.replacement.push(content);
  }
}

/** Lends a token's state to the object that a handler is given, for as long as the handler runs. */
export class Scope<State> {
  #state: State | undefined;

  constructor(state: State) {
    this.#state = state;
  }

  get state(): State {
    if (this.#state === undefined) throw invalidToken();
    return this.#state;
  }

  close(): void {
    this.#state = undefined;
  }
}

/** What is behind a token that handlers see. */
export class TokenState {
  mutations: Mutations | undefined;

  mutate(): Mutations {
    this.mutations ??= new Mutations();
    return this.mutations;
  }

  get removed(): boolean {
    return this.mutations?.removed ?? false;
  }

  /** All that takes the token's place. `self` is what it is without those changes. */
  parts(self: readonly Part[]): readonly Part[] {
    const { mutations } = this;
    if (mutations === undefined) return self;
    return [...mutations.before, ...(mutations.removed ? mutations.replacement : self), ...mutations.after];
  }
}
