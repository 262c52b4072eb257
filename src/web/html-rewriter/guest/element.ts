/** Element and EndTag, as handlers see them (https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/#element). */
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import { Scope, toContent, toText } from "./content.ts";
import type { EndTagState } from "./end-tag.ts";
import { parserError } from "./errors.ts";
import type { StartTagState } from "./start-tag.ts";

const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;

class AttributesIterator {
  readonly #scope: Scope<StartTagState>;
  #next = 0;

  constructor(scope: Scope<StartTagState> | undefined = undefined) {
    if (!(scope instanceof Scope)) throw illegalConstructor();
    this.#scope = scope;
  }

  next(): IteratorResult<[name: string, value: string], undefined> {
    if (!(#scope in this)) throw illegalInvocation();
    const attribute = this.#scope.state.attributes[this.#next];
    if (attribute === undefined) return { done: true, value: undefined };
    this.#next++;
    return { done: false, value: [attribute.name, attribute.value] };
  }
}

Object.setPrototypeOf(AttributesIterator.prototype, IteratorPrototype);
exposeInterface(AttributesIterator);

export class Element {
  readonly #scope: Scope<StartTagState>;

  constructor(scope: Scope<StartTagState> | undefined = undefined) {
    if (!(scope instanceof Scope)) throw illegalConstructor();
    this.#scope = scope;
  }

  get #state(): StartTagState {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state;
  }

  get tagName(): string {
    return this.#state.name;
  }

  set tagName(name: string) {
    this.#state.name = toText(1, 1, name, "tagName", "Element");
  }

  get attributes(): IterableIterator<[name: string, value: string]> {
    void this.#state;
    return new AttributesIterator(this.#scope) as unknown as IterableIterator<[string, string]>;
  }

  get removed(): boolean {
    return this.#state.removed;
  }

  get namespaceURI(): string {
    return this.#state.namespaceURI;
  }

  getAttribute(name: string): string | null {
    const text = toText(arguments.length, 1, name, "getAttribute", "Element");
    return this.#state.find(text)?.value ?? null;
  }

  hasAttribute(name: string): boolean {
    const text = toText(arguments.length, 1, name, "hasAttribute", "Element");
    return this.#state.find(text) !== undefined;
  }

  setAttribute(name: string, value: string): this {
    const given = arguments.length;
    const text = toText(given, 1, name, "setAttribute", "Element");
    this.#state.setAttribute(text, toText(given, 2, value, "setAttribute", "Element"));
    return this;
  }

  removeAttribute(name: string): this {
    this.#state.removeAttribute(toText(arguments.length, 1, name, "removeAttribute", "Element"));
    return this;
  }

  before(content: unknown, options: unknown = undefined): this {
    this.#state.mutate().before.push(toContent(arguments.length, content, options, "before", "Element"));
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    this.#state.after(toContent(arguments.length, content, options, "after", "Element"));
    return this;
  }

  prepend(content: unknown, options: unknown = undefined): this {
    this.#state.prepend(toContent(arguments.length, content, options, "prepend", "Element"));
    return this;
  }

  append(content: unknown, options: unknown = undefined): this {
    this.#state.append(toContent(arguments.length, content, options, "append", "Element"));
    return this;
  }

  replace(content: unknown, options: unknown = undefined): this {
    this.#state.replace(toContent(arguments.length, content, options, "replace", "Element"));
    return this;
  }

  remove(): this {
    this.#state.remove();
    return this;
  }

  removeAndKeepContent(): this {
    this.#state.removeAndKeepContent();
    return this;
  }

  setInnerContent(content: unknown, options: unknown = undefined): this {
    const inner = toContent(arguments.length, content, options, "setInnerContent", "Element");
    this.#state.setInnerContent(inner);
    return this;
  }

  onEndTag(handler: (tag: EndTag) => unknown): void {
    if (typeof handler !== "function") {
      throw new TypeError(
        "Failed to execute 'onEndTag' on 'Element': parameter 1 is not of type 'function'.",
      );
    }
    const state = this.#state;
    if (!state.hasContent) throw parserError("No end tag.");
    state.onEndTag = { call: handler as (token: object) => unknown, receiver: undefined };
  }
}

export class EndTag {
  readonly #scope: Scope<EndTagState>;

  constructor(scope: Scope<EndTagState> | undefined = undefined) {
    if (!(scope instanceof Scope)) throw illegalConstructor();
    this.#scope = scope;
  }

  get #state(): EndTagState {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state;
  }

  get name(): string {
    return this.#state.name;
  }

  set name(name: string) {
    this.#state.name = toText(1, 1, name, "name", "EndTag");
  }

  before(content: unknown, options: unknown = undefined): this {
    this.#state.mutate().before.push(toContent(arguments.length, content, options, "before", "EndTag"));
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    this.#state.mutate().after.unshift(toContent(arguments.length, content, options, "after", "EndTag"));
    return this;
  }

  remove(): this {
    this.#state.mutate().removed = true;
    return this;
  }
}

exposeInterface(Element, "Element");
exposeInterface(EndTag, "EndTag");
