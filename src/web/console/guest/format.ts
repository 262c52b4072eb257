/** `util.format` of Node (https://nodejs.org/api/util.html#utilformatformat-args): the text of a console call. */
import { proxyDetails } from "../../../guest/engine-gaps/proxies.ts";
import { kindOf } from "../../../guest/kinds.ts";
import { classNameOf } from "./inspect/names.ts";
import { type InspectOptions, inspect } from "./inspect.ts";

/** Joins arguments to a text, filling the placeholders of the first when it is a string. */
export function format(args: readonly unknown[], options: InspectOptions = {}): string {
  const first = args[0];
  let text = "";
  let next = 0;
  if (typeof first === "string") {
    if (args.length === 1) return first;
    [text, next] = fill(first, args, options);
  }
  for (let separator = next === 0 ? "" : " "; next < args.length; next++) {
    const value = args[next];
    text += separator + (typeof value === "string" ? value : inspect(value, options));
    separator = " ";
  }
  return text;
}

/** Fills the placeholders of a template. Returns the text and the index of the first argument that it did not use. */
function fill(
  template: string,
  args: readonly unknown[],
  options: InspectOptions,
): [text: string, next: number] {
  let text = "";
  let next = 1;
  let from = 0;
  for (let at = template.indexOf("%"); at >= 0 && at + 1 < template.length; at = template.indexOf("%", at)) {
    const letter = template[at + 1]!;
    if (letter === "%") {
      text += `${template.slice(from, at)}%`;
    } else if (next < args.length && "sdifjoOc".includes(letter)) {
      text += template.slice(from, at) + placeholder(letter, args[next++], options);
    } else {
      at++;
      continue;
    }
    at += 2;
    from = at;
  }
  return [text + template.slice(from), next];
}

function placeholder(letter: string, value: unknown, options: InspectOptions): string {
  switch (letter) {
    case "s":
      return asString(value, options);
    case "d":
      return asNumber(value, Number);
    case "i":
      return asNumber(value, item => Number.parseInt(String(item), 10));
    case "f":
      return typeof value === "symbol" ? "NaN" : safely(() => numberText(Number.parseFloat(String(value))));
    case "j":
      return asJSON(value);
    case "o":
      return inspect(value, { ...options, showHidden: true, depth: 4 });
    case "O":
      return inspect(value, options);
    default:
      return "";
  }
}

const numberText = (value: number) => (Object.is(value, -0) ? "-0" : String(value));

function asNumber(value: unknown, convert: (value: unknown) => number): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "symbol" || typeof value === "object")
    return value === null ? numberText(convert(value)) : "NaN";
  return safely(() => numberText(convert(value)));
}

function safely(compute: () => string): string {
  try {
    return compute();
  } catch {
    return "NaN";
  }
}

function asString(value: unknown, options: InspectOptions): string {
  if (typeof value === "number") return numberText(value);
  if (typeof value === "bigint") return `${value}n`;
  if (value === undefined || value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return value;
  if (typeof value === "symbol") return value.toString();
  if (typeof value === "object" && !hasOwnText(value)) {
    return inspect(value, { ...options, depth: 0, colors: false, compact: 3 });
  }
  try {
    return String(value);
  } catch {
    return inspect(value, { ...options, depth: 0 });
  }
}

/** Whether a class of the user's says how its objects are written, or a builtin does so well. */
function hasOwnText(value: object): boolean {
  if (proxyDetails(value) !== undefined) return false;
  if (kindOf(value) === "Error") return true;
  if (kindOf(value) === "Date" || Array.isArray(value)) return false;
  const className = classNameOf(value, () => "");
  if (className === null) return false;
  try {
    const method: unknown = value.toString;
    return (
      typeof method === "function" &&
      method !== Object.prototype.toString &&
      !/\[native code\]/.test(String(method))
    );
  } catch {
    return false;
  }
}

function asJSON(value: unknown): string {
  try {
    return String(JSON.stringify(value));
  } catch (error) {
    return error instanceof TypeError && /circular/i.test(error.message) ? "[Circular]" : "[not JSON]";
  }
}
