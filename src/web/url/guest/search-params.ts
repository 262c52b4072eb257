/** URLSearchParams (https://url.spec.whatwg.org/#interface-urlsearchparams). */
import { type PairIteratorFactory, pairIterator } from "../../../guest/pair-iterator.ts";
import {
  exposeInterface,
  illegalInvocation,
  record,
  requireArguments,
  sequence,
  callback as toCallback,
  USVString,
} from "../../../guest/webidl.ts";
import { parseForm, serializeForm } from "./form.ts";

type Pair = [name: string, value: string];

export type URLSearchParamsInit = string | Iterable<Iterable<string>> | Record<string, string>;

const toSequences = sequence(sequence(USVString));
const toRecord = record(USVString, USVString);
const iterate: PairIteratorFactory<string> = pairIterator("URLSearchParams");

/** What a URL does with the object that it shows as `searchParams`. */
interface Linked {
  readonly params: URLSearchParams;
  /** Takes the URL's new query. */
  reset(query: string): void;
}

/** Makes the `searchParams` of a URL; `changed` hears of every change, with the new serialization. */
export let linkSearchParams: (query: string, changed: (serialized: string) => void) => Linked;

function pairsOf(init: unknown, where: string): Pair[] {
  if ((typeof init !== "object" && typeof init !== "function") || init === null) {
    const text = USVString(init, where);
    return parseForm(text.startsWith("?") ? text.slice(1) : text);
  }
  const iterator = (init as Partial<Iterable<unknown>>)[Symbol.iterator];
  if (iterator === undefined || iterator === null) return toRecord(init, where);
  return toSequences(init, where).map(pair => {
    if (pair.length !== 2)
      throw new TypeError(`${where} has an element that is not a pair of a name and a value.`);
    return pair as Pair;
  });
}

const inMethod = (name: string): string => `Failed to execute '${name}' on 'URLSearchParams'`;
const toArgument = (value: unknown, method: string, position: number): string =>
  typeof value === "string" && value.isWellFormed()
    ? value
    : USVString(value, `${inMethod(method)}: parameter ${position}`);

export class URLSearchParams {
  readonly #pairs: Pair[];
  #changed: ((serialized: string) => void) | undefined;

  static {
    linkSearchParams = (query, changed) => {
      const params = new URLSearchParams();
      params.#pairs.push(...parseForm(query));
      params.#changed = changed;
      return {
        params,
        reset(text) {
          params.#pairs.length = 0;
          params.#pairs.push(...parseForm(text));
        },
      };
    };
  }

  constructor(init: URLSearchParamsInit = "") {
    this.#pairs = init === "" ? [] : pairsOf(init, "Failed to construct 'URLSearchParams': parameter 1");
  }

  get size(): number {
    if (!(#pairs in this)) throw illegalInvocation();
    return this.#pairs.length;
  }

  append(name: string, value: string): void {
    if (!(#pairs in this)) throw illegalInvocation();
    requireArguments(arguments.length, 2, inMethod("append"));
    this.#pairs.push([toArgument(name, "append", 1), toArgument(value, "append", 2)]);
    this.#update();
  }

  delete(name: string, value: string | undefined = undefined): void {
    if (!(#pairs in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, inMethod("delete"));
    const key = toArgument(name, "delete", 1);
    const wanted = value === undefined ? undefined : toArgument(value, "delete", 2);
    this.#keep(pair => pair[0] !== key || (wanted !== undefined && pair[1] !== wanted));
    this.#update();
  }

  get(name: string): string | null {
    if (!(#pairs in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, inMethod("get"));
    const key = toArgument(name, "get", 1);
    for (const pair of this.#pairs) if (pair[0] === key) return pair[1];
    return null;
  }

  getAll(name: string): string[] {
    if (!(#pairs in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, inMethod("getAll"));
    const key = toArgument(name, "getAll", 1);
    const values: string[] = [];
    for (const pair of this.#pairs) if (pair[0] === key) values.push(pair[1]);
    return values;
  }

  has(name: string, value: string | undefined = undefined): boolean {
    if (!(#pairs in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, inMethod("has"));
    const key = toArgument(name, "has", 1);
    const wanted = value === undefined ? undefined : toArgument(value, "has", 2);
    return this.#pairs.some(pair => pair[0] === key && (wanted === undefined || pair[1] === wanted));
  }

  set(name: string, value: string): void {
    if (!(#pairs in this)) throw illegalInvocation();
    requireArguments(arguments.length, 2, inMethod("set"));
    const key = toArgument(name, "set", 1);
    const text = toArgument(value, "set", 2);
    const first = this.#pairs.find(pair => pair[0] === key);
    if (first === undefined) {
      this.#pairs.push([key, text]);
    } else {
      first[1] = text;
      this.#keep(pair => pair === first || pair[0] !== key);
    }
    this.#update();
  }

  sort(): void {
    if (!(#pairs in this)) throw illegalInvocation();
    this.#pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#update();
  }

  toString(): string {
    if (!(#pairs in this)) throw illegalInvocation();
    return serializeForm(this.#pairs);
  }

  forEach(
    callback: (value: string, name: string, params: URLSearchParams) => void,
    thisArg: unknown = undefined,
  ): void {
    if (!(#pairs in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, inMethod("forEach"));
    toCallback(callback, `${inMethod("forEach")}: parameter 1`);
    for (let index = 0; index < this.#pairs.length; index++) {
      const pair = this.#pairs[index]!;
      Reflect.apply(callback, thisArg, [pair[1], pair[0], this]);
    }
  }

  entries(): IteratorObject<[string, string]> {
    if (!(#pairs in this)) throw illegalInvocation();
    return iterate(this.#pairs, "entries") as IteratorObject<[string, string]>;
  }

  keys(): IteratorObject<string> {
    if (!(#pairs in this)) throw illegalInvocation();
    return iterate(this.#pairs, "keys") as IteratorObject<string>;
  }

  values(): IteratorObject<string> {
    if (!(#pairs in this)) throw illegalInvocation();
    return iterate(this.#pairs, "values") as IteratorObject<string>;
  }

  declare [Symbol.iterator]: () => IteratorObject<[string, string]>;

  /** Drops pairs in place, because iterators hold the array. */
  #keep(wanted: (pair: Pair) => boolean): void {
    const pairs = this.#pairs;
    let length = 0;
    for (const pair of pairs) if (wanted(pair)) pairs[length++] = pair;
    pairs.length = length;
  }

  #update(): void {
    this.#changed?.(serializeForm(this.#pairs));
  }
}

exposeInterface(URLSearchParams);
Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
  value: URLSearchParams.prototype.entries,
  writable: true,
  configurable: true,
});
