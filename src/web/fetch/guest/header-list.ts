/**
 * Header lists (https://fetch.spec.whatwg.org/#concept-header-list), in the form in which they cross:
 * `[name, value, name, value, …]`, with names spelt as their author spelt them.
 */
import { DOMString, sequence } from "../../../guest/webidl.ts";
import { TOKEN, trimHttpWhitespace } from "../../form-data/guest/mime-type.ts";
import type { WireHeaders } from "../contract.ts";

const FORBIDDEN_IN_VALUES = /[\0\r\n]/;

/** Checks a header name (https://fetch.spec.whatwg.org/#header-name). */
export function checkName(name: string): void {
  if (!TOKEN.test(name)) throw new TypeError("Invalid header name.");
}

/** The same for a name that is only looked for. As on workerd no header has the empty one, and asking is no error. */
export function checkSoughtName(name: string): void {
  if (name !== "") checkName(name);
}

/**
 * Trims and checks a header value (https://fetch.spec.whatwg.org/#concept-header-value).
 * As on workerd, characters above U+00FF are allowed, and cross the network as UTF-8.
 */
export function normalizeValue(given: string): string {
  const value = trimHttpWhitespace(given);
  if (FORBIDDEN_IN_VALUES.test(value)) throw new TypeError("Invalid header value.");
  return value.toWellFormed();
}

/** The place of the next header with this name at or after `from`, or -1. */
export function findHeader(list: WireHeaders, name: string, from = 0): number {
  const lower = name.toLowerCase();
  const length = lower.length;
  for (let index = from; index < list.length; index += 2) {
    const candidate = list[index] as string;
    if (candidate.length === length && (candidate === lower || candidate.toLowerCase() === lower))
      return index;
  }
  return -1;
}

/** The values of a header, joined as the standard joins them; null when there is none. */
export function getHeader(list: WireHeaders, name: string): string | null {
  let index = findHeader(list, name);
  if (index < 0) return null;
  let joined = list[index + 1] as string;
  for (index = findHeader(list, name, index + 2); index >= 0; index = findHeader(list, name, index + 2)) {
    joined += `, ${list[index + 1]}`;
  }
  return joined;
}

/** The values of a header, one by one. */
export function getHeaderValues(list: WireHeaders, name: string): string[] {
  const values: string[] = [];
  for (let index = findHeader(list, name); index >= 0; index = findHeader(list, name, index + 2)) {
    values.push(list[index + 1] as string);
  }
  return values;
}

export function appendHeader(list: WireHeaders, name: string, value: string): void {
  checkName(name);
  list.push(name, value);
}

/** Replaces the first header of this name, removes the others, or appends. */
export function setHeader(list: WireHeaders, name: string, value: string): void {
  const index = findHeader(list, name);
  if (index < 0) {
    list.push(name, value);
    return;
  }
  list[index + 1] = value;
  removeFrom(list, name, index + 2);
}

export function deleteHeader(list: WireHeaders, name: string): void {
  removeFrom(list, name, 0);
}

function removeFrom(list: WireHeaders, name: string, from: number): void {
  let kept = findHeader(list, name, from);
  if (kept < 0) return;
  const lower = name.toLowerCase();
  for (let index = kept; index < list.length; index += 2) {
    const candidate = list[index] as string;
    if (candidate.toLowerCase() === lower) continue;
    list[kept] = candidate;
    list[kept + 1] = list[index + 1] as string;
    kept += 2;
  }
  list.length = kept;
}

/** The list sorted and combined, with lower-case names (https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine). */
export function sortAndCombine(list: WireHeaders): [string, string][] {
  const combined = new Map<string, string>();
  let cookies: [string, string][] | undefined;
  for (let index = 0; index < list.length; index += 2) {
    const name = (list[index] as string).toLowerCase();
    const value = list[index + 1] as string;
    if (name === "set-cookie") {
      cookies ??= [];
      cookies.push([name, value]);
      continue;
    }
    const earlier = combined.get(name);
    combined.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  const sorted = [...combined];
  if (cookies !== undefined) sorted.push(...cookies);
  return sorted.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

const pairs = sequence(sequence(DOMString));
const isEnumerable = Object.prototype.propertyIsEnumerable;

/** Turns a `HeadersInit` that is not a Headers object into a list (https://fetch.spec.whatwg.org/#concept-headers-fill). */
export function listFromInit(init: unknown, context: string): WireHeaders {
  if ((typeof init !== "object" || init === null) && typeof init !== "function") {
    throw new TypeError(`${context} is not of type 'HeadersInit'.`);
  }
  const iterator = (init as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  const list =
    iterator === undefined || iterator === null ? recordToList(init, context) : pairsToList(init, context);
  for (let index = 0; index < list.length; index += 2) {
    checkName(list[index] as string);
    list[index + 1] = normalizeValue(list[index + 1] as string);
  }
  return list;
}

function pairsToList(init: object, context: string): WireHeaders {
  const list: WireHeaders = [];
  for (const pair of pairs(init, context)) {
    if (pair.length !== 2) {
      throw new TypeError(
        "To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.",
      );
    }
    list.push(pair[0] as string, pair[1] as string);
  }
  return list;
}

/** `record<DOMString, DOMString>` (https://webidl.spec.whatwg.org/#js-record), flat: most responses come this way. */
function recordToList(init: object, context: string): WireHeaders {
  const list: WireHeaders = [];
  for (const key of Reflect.ownKeys(init)) {
    // As on workerd symbols are no names; the standard would refuse the object.
    if (typeof key === "symbol" || !Reflect.apply(isEnumerable, init, [key])) continue;
    list.push(key, DOMString((init as Record<string, unknown>)[key], context));
  }
  return list;
}
