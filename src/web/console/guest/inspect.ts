/** `util.inspect` of Node, for the guest: text for any value, that never throws and runs no proxy's traps. */
import { proxyDetails } from "../../../guest/engine-gaps/proxies.ts";
import { type Context, createContext, type InspectOptions, stylize } from "./inspect/context.ts";
import { describeThrownBy } from "./inspect/guard.ts";
import { formatRaw } from "./inspect/objects.ts";
import { quote } from "./inspect/text.ts";

export type { InspectOptions } from "./inspect/context.ts";

/** The key of a method that an object may have to describe itself (https://nodejs.org/api/util.html#utilinspectcustom). */
export const customInspect = Symbol.for("nodejs.util.inspect.custom");

/** Text for a value. */
export function inspect(value: unknown, options: InspectOptions = {}): string {
  const context = createContext(options, formatValue);
  try {
    return formatValue(context, value, 0);
  } catch (error) {
    return describeThrownBy("inspect", error);
  }
}

/** The text of a value at a level. */
function formatValue(context: Context, value: unknown, level: number): string {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    return formatPrimitive(context, value);
  }
  const proxy = proxyDetails(value);
  if (proxy !== undefined) {
    if (level > context.depth) return stylize(context, "Proxy", "special");
    return `${stylize(context, "Proxy(", "special")}${formatValue(context, proxy.target, level)}${stylize(context, ")", "special")}`;
  }
  if (context.options.customInspect) {
    const custom = formatCustom(context, value, level);
    if (custom !== undefined) return custom;
  }
  if (context.around.includes(value)) {
    context.circular ??= new Map();
    let index = context.circular.get(value);
    if (index === undefined) {
      index = context.circular.size + 1;
      context.circular.set(value, index);
    }
    return stylize(context, `[Circular *${index}]`, "special");
  }
  return formatRaw(context, value, level);
}

function formatCustom(context: Context, value: object, level: number): string | undefined {
  let result: unknown;
  try {
    const method = (value as { [customInspect]?: unknown })[customInspect];
    if (typeof method !== "function") return undefined;
    const depth = context.depth - level;
    const options = {
      ...context.options,
      depth,
      stylize: (text: string, style: Parameters<typeof stylize>[2]) => stylize(context, String(text), style),
    };
    result = Reflect.apply(method, value, [depth, options, inspect]);
  } catch (error) {
    return describeThrownBy("inspect", error);
  }
  if (result === value) return undefined;
  if (typeof result === "string") return result.replaceAll("\n", `\n${" ".repeat(context.indentation)}`);
  // A method that keeps answering with new objects must not go on for ever.
  return level > context.depth
    ? stylize(context, "[Object]", "special")
    : formatValue(context, result, level + (isBare(result) ? 0 : 1));
}

function isBare(value: unknown): boolean {
  return typeof value !== "object" || value === null || !(customInspect in value);
}

function formatPrimitive(context: Context, value: unknown): string {
  switch (typeof value) {
    case "string":
      return formatString(context, value);
    case "number":
      return stylize(context, Object.is(value, -0) ? "-0" : String(value), "number");
    case "bigint":
      return stylize(context, `${value}n`, "bigint");
    case "boolean":
      return stylize(context, String(value), "boolean");
    case "symbol":
      return stylize(context, value.toString(), "symbol");
    case "undefined":
      return stylize(context, "undefined", "undefined");
    default:
      return stylize(context, "null", "null");
  }
}

function formatString(context: Context, value: string): string {
  let text = value;
  let more = "";
  if (text.length > context.maxStringLength) {
    const rest = text.length - context.maxStringLength;
    text = text.slice(0, context.maxStringLength);
    more = `... ${rest} more character${rest > 1 ? "s" : ""}`;
  }
  // A long text of several lines shows them as such.
  if (text.length > 16 && text.length > context.breakLength - context.indentation - 4) {
    const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [text];
    return (
      lines
        .map(line => stylize(context, quote(line), "string"))
        .join(` +\n${" ".repeat(context.indentation + 2)}`) + more
    );
  }
  return stylize(context, quote(text), "string") + more;
}
