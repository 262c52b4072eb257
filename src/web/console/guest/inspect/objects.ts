/** How `inspect` writes objects: by their kind, and then property by property. */
import { kindOf, typedArrayLength, typedArrayName } from "../../../../guest/kinds.ts";
import { builtinShape } from "./builtins.ts";
import { type Context, stylize } from "./context.ts";
import { interfaceAccessors, interfaceShape } from "./interfaces.ts";
import { enclose, intoColumns } from "./layout.ts";
import { classNameOf, functionBase, prefixOf, tagOf } from "./names.ts";
import { formatProperty, isIndex, keysBesideItems, keysOf, moreItems } from "./properties.ts";
import type { Shape } from "./shape.ts";

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

function typedArrayItems(context: Context, value: ArrayLike<unknown>, length: number): string[] {
  const shown = Math.min(length, context.maxArrayLength);
  const parts: string[] = [];
  for (let index = 0; index < shown; index++) parts.push(context.format(context, value[index], 0));
  if (length > shown) parts.push(moreItems(length - shown));
  return parts;
}
