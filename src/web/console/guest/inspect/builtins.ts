/** The shapes of builtins that are neither plain objects nor lists. */
import {
  dateISO,
  dateTime,
  type Kind,
  mapSize,
  regExpText,
  setSize,
  unbox,
} from "../../../../guest/kinds.ts";
import { type Context, stylize } from "./context.ts";
import { errorBase } from "./error.ts";
import { prefixOf } from "./names.ts";
import { formatProperty, isIndex, moreItems } from "./properties.ts";
import type { Shape } from "./shape.ts";
import { quote } from "./text.ts";

/** Completes the shape of a builtin. */
export function builtinShape(
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
