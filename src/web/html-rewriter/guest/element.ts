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

  get tagName(): string {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state.name;
  }

  set tagName(name: string) {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toText(1, 1, name, "tagName", "Element");
    this.#scope.state.name = given;
  }

  get attributes(): IterableIterator<[name: string, value: string]> {
    if (!(#scope in this)) throw illegalInvocation();
    void this.#scope.state;
    return new AttributesIterator(this.#scope) as unknown as IterableIterator<[string, string]>;
  }

  get removed(): boolean {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state.removed;
  }

  get namespaceURI(): string {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state.namespaceURI;
  }

  getAttribute(name: string): string | null {
    if (!(#scope in this)) throw illegalInvocation();
    const text = toText(arguments.length, 1, name, "getAttribute", "Element");
    return this.#scope.state.find(text)?.value ?? null;
  }

  hasAttribute(name: string): boolean {
    if (!(#scope in this)) throw illegalInvocation();
    const text = toText(arguments.length, 1, name, "hasAttribute", "Element");
    return this.#scope.state.find(text) !== undefined;
  }

  setAttribute(name: string, value: string): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = arguments.length;
    const text = toText(given, 1, name, "setAttribute", "Element");
    this.#scope.state.setAttribute(text, toText(given, 2, value, "setAttribute", "Element"));
    return this;
  }

  removeAttribute(name: string): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toText(arguments.length, 1, name, "removeAttribute", "Element");
    this.#scope.state.removeAttribute(given);
    return this;
  }

  before(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toContent(arguments.length, content, options, "before", "Element");
    this.#scope.state.mutate().before.push(given);
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toContent(arguments.length, content, options, "after", "Element");
    this.#scope.state.after(given);
    return this;
  }

  prepend(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toContent(arguments.length, content, options, "prepend", "Element");
    this.#scope.state.prepend(given);
    return this;
  }

  append(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toContent(arguments.length, content, options, "append", "Element");
    this.#scope.state.append(given);
    return this;
  }

  replace(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toContent(arguments.length, content, options, "replace", "Element");
    this.#scope.state.replace(given);
    return this;
  }

  remove(): this {
    if (!(#scope in this)) throw illegalInvocation();
    this.#scope.state.remove();
    return this;
  }

  removeAndKeepContent(): this {
    if (!(#scope in this)) throw illegalInvocation();
    this.#scope.state.removeAndKeepContent();
    return this;
  }

  setInnerContent(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const inner = toContent(arguments.length, content, options, "setInnerContent", "Element");
    this.#scope.state.setInnerContent(inner);
    return this;
  }

  onEndTag(handler: (tag: EndTag) => unknown): void {
    if (!(#scope in this)) throw illegalInvocation();
    if (typeof handler !== "function") {
      throw new TypeError(
        "Failed to execute 'onEndTag' on 'Element': parameter 1 is not of type 'function'.",
      );
    }
    const state = this.#scope.state;
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

  get name(): string {
    if (!(#scope in this)) throw illegalInvocation();
    return this.#scope.state.name;
  }

  set name(name: string) {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toText(1, 1, name, "name", "EndTag");
    this.#scope.state.name = given;
  }

  before(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toContent(arguments.length, content, options, "before", "EndTag");
    this.#scope.state.mutate().before.push(given);
    return this;
  }

  after(content: unknown, options: unknown = undefined): this {
    if (!(#scope in this)) throw illegalInvocation();
    const given = toContent(arguments.length, content, options, "after", "EndTag");
    this.#scope.state.mutate().after.unshift(given);
    return this;
  }

  remove(): this {
    if (!(#scope in this)) throw illegalInvocation();
    this.#scope.state.mutate().removed = true;
    return this;
  }
}

exposeInterface(Element, "Element");
exposeInterface(EndTag, "EndTag");
