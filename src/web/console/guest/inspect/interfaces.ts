/** The runtime's own objects, such as Headers or Event, shown by the accessors of their interfaces. */
import { interfacePrototypes } from "../../../../guest/webidl.ts";
import type { Context } from "./context.ts";
import { describeThrownBy } from "./guard.ts";
import { descriptorOf, prefixOf } from "./names.ts";
import type { Shape } from "./shape.ts";
import { keyText } from "./text.ts";

/** The accessors of one of the runtime's interfaces, nearest class first; undefined for any other object. */
export function interfaceAccessors(value: object): string[] | undefined {
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

export function interfaceShape(
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
