/** How `inspect` writes objects: by their kind, and then property by property. */

import {
  dateISO,
  dateTime,
  type Kind,
  kindOf,
  mapSize,
  regExpText,
  setSize,
  typedArrayLength,
  typedArrayName,
  unbox,
} from "../../../../guest/kinds.ts";
import { interfacePrototypes } from "../../../../guest/webidl.ts";
import { type Context, stylize } from "./context.ts";
import { errorBase } from "./error.ts";
import { describeThrownBy } from "./guard.ts";
import { enclose, intoColumns } from "./layout.ts";
import { classNameOf, descriptorOf, functionBase, prefixOf, tagOf } from "./names.ts";
import { escapeControls, keyText, quote } from "./text.ts";

/** What a value is made of before it is laid out. */
interface Shape {
  base: string;
  braces: [string, string];
  /** The texts of its contents; run when the value is among those around. */
  contents: ((context: Context, value: object, level: number) => string[]) | undefined;
  keys: PropertyKey[];
  /** Set for lists, whose items may stand in columns. */
  list: ArrayLike<unknown> | true | undefined;
}

const objectToString = Object.prototype.toString;

/** What stands for an object whose contents are too deep to be shown. */
function beyondDepth(context: Context, value: object): string {
  const className = classNameOf(value, () => "");
  const fallback = Array.isArray(value) ? "Array" : "Object";
  return stylize(context, `[${prefixOf(className, tagOf(value), fallback).trimEnd()}]`, "special");
}

/** The text of an object that no other rule of `formatValue` covers. */
export function formatRaw(context: Context, value: object, level: number): string {
  const shape = shapeOf(context, value, level);
  if (shape.contents === undefined && shape.keys.length === 0) {
    return shape.base !== "" ? shape.base : `${shape.braces[0]}${shape.braces[1]}`;
  }
  if (level > context.depth) return beyondDepth(context, value);
  context.around.push(value);
  context.currentLevel = level;
  let parts: string[];
  const indentation = context.indentation;
  try {
    parts = shape.contents?.(context, value, level) ?? [];
    for (const key of shape.keys)
      parts.push(formatProperty(context, value, level, key, shape.list !== undefined));
  } finally {
    context.around.pop();
    context.indentation = indentation;
  }
  const reference = context.circular?.get(value);
  if (reference !== undefined) {
    const mark = stylize(context, `<ref *${reference}>`, "special");
    if (shape.base === "") shape.braces[0] = `${mark} ${shape.braces[0]}`;
    else shape.base = `${mark} ${shape.base}`;
  }
  if (typeof context.options.sorted === "function" || context.options.sorted) {
    if (shape.list === undefined)
      parts.sort(typeof context.options.sorted === "function" ? context.options.sorted : undefined);
  }
  if (parts.length === 0) return shape.base !== "" ? shape.base : `${shape.braces[0]}${shape.braces[1]}`;
  const count = parts.length;
  if (shape.list !== undefined && count > 6 && context.compact >= 1) {
    parts = intoColumns(context, parts, shape.list === true ? undefined : shape.list);
  }
  return enclose(context, parts, shape.base, shape.braces, level, parts.length === count);
}

/** Plain objects and arrays, which most values are: nothing about their class needs asking. */
function commonShape(context: Context, value: object): Shape | undefined {
  const prototype = Reflect.getPrototypeOf(value);
  const plain = prototype === Object.prototype;
  if (!plain && prototype !== Array.prototype) return undefined;
  if (Object.hasOwn(value, "constructor") || Symbol.toStringTag in value) return undefined;
  if (!plain) return Array.isArray(value) ? arrayShape(context, value, "Array", "") : undefined;
  if (typeof value === "function" || Array.isArray(value) || isArguments(value)) return undefined;
  return { base: "", braces: ["{", "}"], contents: undefined, keys: keysOf(context, value), list: undefined };
}

function shapeOf(context: Context, value: object, level: number): Shape {
  const common = commonShape(context, value);
  if (common !== undefined) return common;
  const className = classNameOf(value, prototype =>
    context.format({ ...context, depth: level }, prototype, level),
  );
  const tag = tagOf(value);
  if (Array.isArray(value)) return arrayShape(context, value, className, tag);
  const typedArray = typedArrayName(value);
  const keys =
    typedArray === undefined
      ? keysOf(context, value)
      : keysBesideItems(context, value, typedArrayLength(value));
  const shape: Shape = { base: "", braces: ["{", "}"], contents: undefined, keys, list: undefined };
  if (className === "Object" && tag === "" && typeof value !== "function") {
    if (isArguments(value)) shape.braces[0] = "[Arguments] {";
    return shape;
  }
  if (typeof value === "function") {
    shape.base = stylize(context, functionBase(value, className, tag), "special");
    return shape;
  }
  if (typedArray !== undefined) {
    const array = value as ArrayLike<unknown>;
    const length = typedArrayLength(value);
    shape.braces = [`${prefixOf(className, tag, typedArray, `(${length})`)}[`, "]"];
    shape.list = array;
    if (length > 0) shape.contents = inner => typedArrayItems(inner, array, length);
    return shape;
  }
  const kind = kindOf(value);
  if (kind !== undefined) return builtinShape(context, value, kind, className, tag, shape);
  const accessors = interfaceAccessors(value);
  if (accessors !== undefined) return interfaceShape(value, className, tag, shape, accessors);
  shape.braces[0] =
    className === "Object" && tag === "" ? shape.braces[0] : `${prefixOf(className, tag, "Object")}{`;
  return shape;
}

function isArguments(value: object): boolean {
  try {
    return Reflect.apply(objectToString, value, []) === "[object Arguments]";
  } catch {
    return false;
  }
}

function arrayShape(
  context: Context,
  value: readonly unknown[],
  className: string | null,
  tag: string,
): Shape {
  const prefix =
    className === "Array" && tag === "" ? "" : prefixOf(className, tag, "Array", `(${value.length})`);
  const keys = keysBesideItems(context, value, value.length);
  const contents =
    value.length === 0
      ? undefined
      : (inner: Context, _value: object, level: number) => arrayItems(inner, value, level);
  return { base: "", braces: [`${prefix}[`, "]"], contents, keys, list: value };
}

const isIndex = (key: string | number) =>
  /^(?:0|[1-9]\d{0,9})$/.test(String(key)) && Number(key) < 2 ** 32 - 1;

/** Beyond this length a list is not searched for properties beside its items: each item would become a key. */
const SEARCHED_ITEMS = 10_000;

/** The keys of a list's properties that are not items. */
function keysBesideItems(context: Context, value: object, length: number): PropertyKey[] {
  if (length > SEARCHED_ITEMS) return Object.getOwnPropertySymbols(value);
  return keysOf(context, value).filter(key => typeof key === "symbol" || !isIndex(key as string));
}

function keysOf(context: Context, value: object): PropertyKey[] {
  if (context.options.showHidden) return Reflect.ownKeys(value);
  const keys: PropertyKey[] = Object.keys(value);
  for (const symbol of Object.getOwnPropertySymbols(value)) {
    if (descriptorOf(value, symbol)?.enumerable === true) keys.push(symbol);
  }
  return keys;
}

/** The texts of an array's items; holes are counted, and what is beyond the limit too. */
function arrayItems(context: Context, value: readonly unknown[], level: number): string[] {
  const parts: string[] = [];
  const length = value.length;
  let index = 0;
  while (index < length && parts.length < context.maxArrayLength) {
    if (Object.hasOwn(value, index)) {
      parts.push(formatProperty(context, value, level, index, true));
      index++;
      continue;
    }
    const next = nextIndex(value, index);
    const holes = next - index;
    parts.push(stylize(context, `<${holes} empty item${holes > 1 ? "s" : ""}>`, "undefined"));
    index = next;
  }
  if (index < length) parts.push(moreItems(length - index));
  return parts;
}

/** The first index from `from` on that an array has. Long holes are skipped by asking for the keys there are. */
function nextIndex(value: readonly unknown[], from: number): number {
  const near = Math.min(value.length, from + 1000);
  for (let index = from; index < near; index++) if (Object.hasOwn(value, index)) return index;
  if (near === value.length) return near;
  for (const key of Object.keys(value)) if (isIndex(key) && Number(key) >= near) return Number(key);
  return value.length;
}

const moreItems = (count: number) => `... ${count} more item${count > 1 ? "s" : ""}`;

function typedArrayItems(context: Context, value: ArrayLike<unknown>, length: number): string[] {
  const shown = Math.min(length, context.maxArrayLength);
  const parts: string[] = [];
  for (let index = 0; index < shown; index++) parts.push(context.format(context, value[index], 0));
  if (length > shown) parts.push(moreItems(length - shown));
  return parts;
}

function builtinShape(
  context: Context,
  value: object,
  kind: Kind,
  className: string | null,
  tag: string,
  shape: Shape,
): Shape {
  switch (kind) {
    case "Map": {
      const size = mapSize(value);
      shape.braces[0] = `${prefixOf(className, tag, "Map", `(${size})`)}{`;
      if (size > 0)
        shape.contents = (inner, _value, level) => mapEntries(inner, value as Map<unknown, unknown>, level);
      return shape;
    }
    case "Set": {
      const size = setSize(value);
      shape.braces[0] = `${prefixOf(className, tag, "Set", `(${size})`)}{`;
      if (size > 0)
        shape.contents = (inner, _value, level) => setEntries(inner, value as Set<unknown>, level);
      return shape;
    }
    case "Date": {
      const time = dateTime(value);
      const text = Number.isNaN(time) ? "Invalid Date" : dateISO(value);
      shape.base = stylize(context, unusual(className, tag, "Date") + text, "date");
      return shape;
    }
    case "RegExp":
      shape.base = stylize(context, unusual(className, tag, "RegExp") + regExpText(value), "regexp");
      return shape;
    case "Error":
      shape.base = errorBase(value, className, shape.keys, context.indentation);
      return shape;
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      shape.braces[0] = `${prefixOf(className, tag, kind)}{`;
      shape.contents = inner => bufferContents(inner, value as ArrayBuffer);
      return shape;
    case "DataView":
      shape.braces[0] = `${prefixOf(className, tag, kind)}{`;
      shape.contents = (inner, _value, level) =>
        ["byteLength", "byteOffset", "buffer"].map(key => formatProperty(inner, value, level, key, false));
      return shape;
    case "Promise":
      shape.braces[0] = `${prefixOf(className, tag, kind)}{`;
      shape.contents = inner => [stylize(inner, "<state unknown>", "special")];
      return shape;
    case "WeakMap":
    case "WeakSet":
      shape.braces[0] = `${prefixOf(className, tag, kind)}{`;
      shape.contents = inner => [stylize(inner, "<items unknown>", "special")];
      return shape;
    case "WeakRef":
      shape.braces[0] = `${prefixOf(className, tag, kind)}{`;
      return shape;
    default:
      return boxedShape(context, value, kind, className, tag, shape);
  }
}

/** The prefix of a builtin whose class or tag is not the usual one. */
function unusual(className: string | null, tag: string, usual: string): string {
  const prefix = prefixOf(className, tag, usual);
  return prefix === `${usual} ` ? "" : prefix;
}

function boxedShape(
  context: Context,
  value: object,
  kind: Kind,
  className: string | null,
  tag: string,
  shape: Shape,
): Shape {
  const primitive = unbox(value, kind);
  const text =
    typeof primitive === "string"
      ? quote(primitive)
      : context.format({ ...context, options: { ...context.options, colors: false } }, primitive, 0);
  let head = `[${kind}`;
  if (className !== kind) head += className === null ? " (null prototype)" : ` (${className})`;
  shape.base = stylize(context, `${head}: ${text}]`, kind.toLowerCase() as "string");
  if (tag !== "" && tag !== className) shape.base += ` [${tag}]`;
  if (kind === "String") shape.keys = shape.keys.filter(key => typeof key === "symbol" || !isIndex(key));
  return shape;
}

function mapEntries(context: Context, value: Map<unknown, unknown>, level: number): string[] {
  const parts: string[] = [];
  context.indentation += 2;
  for (const [key, item] of Reflect.apply(Map.prototype.entries, value, []) as MapIterator<
    [unknown, unknown]
  >) {
    if (parts.length >= context.maxArrayLength) {
      parts.push(moreItems(mapSize(value) - parts.length));
      break;
    }
    parts.push(`${context.format(context, key, level + 1)} => ${context.format(context, item, level + 1)}`);
  }
  context.indentation -= 2;
  return parts;
}

function setEntries(context: Context, value: Set<unknown>, level: number): string[] {
  const parts: string[] = [];
  context.indentation += 2;
  for (const item of Reflect.apply(Set.prototype.values, value, []) as SetIterator<unknown>) {
    if (parts.length >= context.maxArrayLength) {
      parts.push(moreItems(setSize(value) - parts.length));
      break;
    }
    parts.push(context.format(context, item, level + 1));
  }
  context.indentation -= 2;
  return parts;
}

const SHOWN_BYTES = 50;

function bufferContents(context: Context, buffer: ArrayBuffer): string[] {
  if ("detached" in buffer && buffer.detached)
    return [stylize(context, "(detached)", "special"), "byteLength: 0"];
  const bytes = new Uint8Array(buffer);
  const shown: string[] = [];
  for (const byte of bytes.subarray(0, SHOWN_BYTES)) shown.push(byte.toString(16).padStart(2, "0"));
  const rest = bytes.length - SHOWN_BYTES;
  if (rest > 0) shown.push(`... ${rest} more byte${rest > 1 ? "s" : ""}`);
  const length = stylize(context, String(bytes.length), "number");
  return [`[${stylize(context, "Uint8Contents", "special")}]: <${shown.join(" ")}>`, `byteLength: ${length}`];
}

/** The accessors of one of the runtime's interfaces, nearest class first; undefined for any other object. */
function interfaceAccessors(value: object): string[] | undefined {
  let accessors: string[] | undefined;
  for (let object = Reflect.getPrototypeOf(value); object !== null; object = Reflect.getPrototypeOf(object)) {
    if (!interfacePrototypes.has(object)) continue;
    accessors ??= [];
    for (const key of Object.keys(object)) {
      if (descriptorOf(object, key)?.get !== undefined && !accessors.includes(key)) accessors.push(key);
    }
  }
  return accessors;
}

interface Entries extends Iterable<[unknown, unknown]> {
  entries(): Iterable<[unknown, unknown]>;
}

function interfaceShape(
  value: object,
  className: string | null,
  tag: string,
  shape: Shape,
  accessors: readonly string[],
): Shape {
  const name = prefixOf(className, tag, "Object");
  if (isPairs(value)) {
    let pairs: [unknown, unknown][];
    try {
      pairs = [...value.entries()];
    } catch {
      pairs = [];
    }
    shape.braces[0] = `${name.trimEnd()}(${pairs.length}) {`;
    if (pairs.length > 0) shape.contents = (inner, _value, level) => pairTexts(inner, pairs, level);
    return shape;
  }
  shape.braces[0] = `${name}{`;
  if (accessors.length > 0) {
    shape.contents = (inner, _value, level) => accessors.map(key => accessorText(inner, value, level, key));
  }
  return shape;
}

/** Whether an interface's objects are lists of pairs, such as Headers and FormData. */
function isPairs(value: object): value is Entries {
  const prototype = Reflect.getPrototypeOf(value) as Partial<Entries>;
  const entries: unknown = prototype.entries;
  return entries !== undefined && entries === prototype[Symbol.iterator];
}

function pairTexts(context: Context, pairs: readonly [unknown, unknown][], level: number): string[] {
  context.indentation += 2;
  const parts = pairs.map(
    ([key, item]) =>
      `${context.format(context, key, level + 1)} => ${context.format(context, item, level + 1)}`,
  );
  context.indentation -= 2;
  return parts;
}

function accessorText(context: Context, value: object, level: number, key: string): string {
  context.indentation += 2;
  let text: string;
  try {
    text = context.format(context, (value as Record<string, unknown>)[key], level + 1);
  } catch (error) {
    text = describeThrownBy(key, error);
  }
  context.indentation -= 2;
  return `${keyText(key)}: ${text}`;
}

/** `key: value`, or the value alone for an item of a list. */
function formatProperty(
  context: Context,
  value: object,
  level: number,
  key: PropertyKey,
  inList: boolean,
): string {
  const descriptor = descriptorOf(value, key);
  const isItem = inList && (typeof key === "number" || (typeof key === "string" && isIndex(key)));
  let text: string;
  if (descriptor === undefined || "value" in descriptor) {
    context.indentation += 2;
    // Accessors of the class, such as a DataView's, come without a descriptor of the object's own.
    const item: unknown =
      descriptor === undefined ? (value as Record<PropertyKey, unknown>)[key] : descriptor.value;
    text = context.format(context, item, level + 1);
    context.indentation -= 2;
  } else {
    const accessor =
      descriptor.get === undefined
        ? "[Setter]"
        : descriptor.set === undefined
          ? "[Getter]"
          : "[Getter/Setter]";
    text = stylize(
      context,
      descriptor.get === undefined && descriptor.set === undefined ? "undefined" : accessor,
      "special",
    );
  }
  if (isItem) return text;
  const name =
    descriptor?.enumerable === false ? `[${escapeControls(String(key))}]` : styledKey(context, key);
  return `${name}: ${text}`;
}

function styledKey(context: Context, key: PropertyKey): string {
  const text = keyText(key);
  if (typeof key === "symbol") return stylize(context, text, "symbol");
  return text.startsWith("'") || text.startsWith('"') || text.startsWith("`")
    ? stylize(context, text, "string")
    : text;
}
