/** Headers (https://fetch.spec.whatwg.org/#headers-class), with workerd's two guards: mutable and immutable. */
import { pairIterator } from "../../../guest/pair-iterator.ts";
import {
  callback,
  DOMString,
  exposeInterface,
  illegalInvocation,
  requireArguments,
} from "../../../guest/webidl.ts";
import type { WireHeaders } from "../contract.ts";
import {
  appendHeader,
  checkName,
  checkSoughtName,
  deleteHeader,
  findHeader,
  getHeader,
  getHeaderValues,
  listFromInit,
  normalizeValue,
  setHeader,
  sortAndCombine,
} from "./header-list.ts";

const iterate = pairIterator<string>("Headers");

/** A Headers object that reads and writes the list given, in place. */
export let headersOver: (list: WireHeaders, immutable: boolean) => Headers;
/** The list behind a Headers object; undefined for anything else. */
export let listBehind: (value: unknown) => WireHeaders | undefined;

export class Headers {
  #list: WireHeaders = [];
  #immutable = false;

  static {
    headersOver = (list, immutable) => {
      const headers = new Headers();
      headers.#list = list;
      headers.#immutable = immutable;
      return headers;
    };
    listBehind = value =>
      typeof value === "object" && value !== null && #list in value ? value.#list : undefined;
  }

  constructor(init: unknown = undefined) {
    if (init === undefined) return;
    this.#list = copyHeadersInit(init, "Failed to construct 'Headers': parameter 1");
  }

  append(name: string, value: string): void {
    if (!(#list in this)) throw illegalInvocation();
    requireArguments(arguments.length, 2, "Failed to execute 'append' on 'Headers'");
    const key = DOMString(name, "Failed to execute 'append' on 'Headers': parameter 1");
    const text = DOMString(value, "Failed to execute 'append' on 'Headers': parameter 2");
    this.#checkMutable();
    appendHeader(this.#list, key, normalizeValue(text));
  }

  delete(name: string): void {
    if (!(#list in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'delete' on 'Headers'");
    const key = DOMString(name, "Failed to execute 'delete' on 'Headers': parameter 1");
    this.#checkMutable();
    checkSoughtName(key);
    deleteHeader(this.#list, key);
  }

  get(name: string): string | null {
    if (!(#list in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'get' on 'Headers'");
    const key = DOMString(name, "Failed to execute 'get' on 'Headers': parameter 1");
    checkSoughtName(key);
    return getHeader(this.#list, key);
  }

  /** workerd's elder sister of `getSetCookie`. */
  getAll(name: string): string[] {
    if (!(#list in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'getAll' on 'Headers'");
    const key = DOMString(name, "Failed to execute 'getAll' on 'Headers': parameter 1");
    if (key.toLowerCase() !== "set-cookie") {
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie".');
    }
    return getHeaderValues(this.#list, key);
  }

  getSetCookie(): string[] {
    if (!(#list in this)) throw illegalInvocation();
    return getHeaderValues(this.#list, "set-cookie");
  }

  has(name: string): boolean {
    if (!(#list in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'has' on 'Headers'");
    const key = DOMString(name, "Failed to execute 'has' on 'Headers': parameter 1");
    checkSoughtName(key);
    return findHeader(this.#list, key) >= 0;
  }

  set(name: string, value: string): void {
    if (!(#list in this)) throw illegalInvocation();
    requireArguments(arguments.length, 2, "Failed to execute 'set' on 'Headers'");
    const key = DOMString(name, "Failed to execute 'set' on 'Headers': parameter 1");
    const text = DOMString(value, "Failed to execute 'set' on 'Headers': parameter 2");
    this.#checkMutable();
    checkName(key);
    setHeader(this.#list, key, normalizeValue(text));
  }

  forEach(
    consumer: (value: string, key: string, parent: Headers) => void,
    thisArg: unknown = undefined,
  ): void {
    if (!(#list in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'forEach' on 'Headers'");
    callback(consumer, "Failed to execute 'forEach' on 'Headers': parameter 1");
    for (const [name, value] of sortAndCombine(this.#list))
      Reflect.apply(consumer, thisArg, [value, name, this]);
  }

  /** Like workerd's, the iterators walk over the headers as they are now, whatever is changed on the way. */
  entries(): IteratorObject<[string, string]> {
    if (!(#list in this)) throw illegalInvocation();
    return iterate(sortAndCombine(this.#list), "entries") as IteratorObject<[string, string]>;
  }

  keys(): IteratorObject<string> {
    if (!(#list in this)) throw illegalInvocation();
    return iterate(sortAndCombine(this.#list), "keys") as IteratorObject<string>;
  }

  values(): IteratorObject<string> {
    if (!(#list in this)) throw illegalInvocation();
    return iterate(sortAndCombine(this.#list), "values") as IteratorObject<string>;
  }

  declare [Symbol.iterator]: () => IteratorObject<[string, string]>;

  #checkMutable(): void {
    if (this.#immutable) throw new TypeError("Can't modify immutable headers.");
  }
}

exposeInterface(Headers, "Headers");
Object.defineProperty(Headers.prototype, Symbol.iterator, {
  value: Headers.prototype.entries,
  writable: true,
  configurable: true,
});

/** A list of its own from a `HeadersInit`. */
export function copyHeadersInit(init: unknown, context: string): WireHeaders {
  return listBehind(init)?.slice() ?? listFromInit(init, context);
}
