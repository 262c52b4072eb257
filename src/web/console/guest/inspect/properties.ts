/** The properties of an object: their keys, and how `inspect` writes them. */
import { type Context, stylize } from "./context.ts";
import { descriptorOf } from "./names.ts";
import { escapeControls, keyText } from "./text.ts";

/** Whether a key is that of an item of a list. */
export const isIndex = (key: string | number) =>
  /^(?:0|[1-9]\d{0,9})$/.test(String(key)) && Number(key) < 2 ** 32 - 1;

/** Beyond this length a list is not searched for properties beside its items: each item would become a key. */
const SEARCHED_ITEMS = 10_000;

/** The keys of a list's properties that are not items. */
export function keysBesideItems(context: Context, value: object, length: number): PropertyKey[] {
  if (length > SEARCHED_ITEMS) return Object.getOwnPropertySymbols(value);
  return keysOf(context, value).filter(key => typeof key === "symbol" || !isIndex(key as string));
}

/** The keys of the properties that are shown. */
export function keysOf(context: Context, value: object): PropertyKey[] {
  if (context.options.showHidden) return Reflect.ownKeys(value);
  const keys: PropertyKey[] = Object.keys(value);
  for (const symbol of Object.getOwnPropertySymbols(value)) {
    if (descriptorOf(value, symbol)?.enumerable === true) keys.push(symbol);
  }
  return keys;
}

/** What stands for the items beyond the limit. */
export const moreItems = (count: number) => `... ${count} more item${count > 1 ? "s" : ""}`;

/** `key: value`, or the value alone for an item of a list. */
export function formatProperty(
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
