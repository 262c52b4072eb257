/** How `inspect` writes errors: the stack, corrected where the class says more, and then what else they carry. */
import { describeThrownBy } from "./guard.ts";
import { descriptorOf } from "./names.ts";

/** The text of an error, without its further properties; those that the text shows are taken out of `keys`. */
export function errorBase(
  error: object,
  className: string | null,
  keys: PropertyKey[],
  indentation: number,
): string {
  const name = readString(error, "name");
  const message = readString(error, "message");
  let stack = readString(error, "stack") ?? "";
  // QuickJS gives the errors that it throws itself no first line, and V8 gives a broken one where `message` changed.
  if (stack === "" || /^\s+at /.test(stack)) stack = withHeader(name, message, stack);
  for (const key of ["name", "message", "stack"] as const) {
    const index = keys.indexOf(key);
    const shown = { name, message, stack }[key];
    if (index >= 0 && (shown === undefined || stack.includes(shown))) keys.splice(index, 1);
  }
  if (descriptorOf(error, "cause") !== undefined && !keys.includes("cause")) keys.push("cause");
  if (Array.isArray(descriptorOf(error, "errors")?.value) && !keys.includes("errors")) keys.push("errors");
  stack = nameClass(stack.trimEnd(), className, name);
  const frames = stack.indexOf("\n    at ");
  if (frames < 0) stack = `[${stack}]`;
  return indentation === 0 ? stack : stack.replaceAll("\n", `\n${" ".repeat(indentation)}`);
}

function readString(error: object, key: string): string | undefined {
  try {
    const value: unknown = (error as Record<string, unknown>)[key];
    return typeof value === "string"
      ? value
      : value === undefined || value === null
        ? undefined
        : String(value);
  } catch (thrown) {
    return describeThrownBy(key, thrown);
  }
}

function withHeader(name = "Error", message = "", frames: string): string {
  const header = message === "" ? name : name === "" ? message : `${name}: ${message}`;
  return frames === "" ? header : `${header}\n${frames.replace(/^\n+/, "")}`;
}

/** Puts the name of the class where the stack has another: `Error: m` of a `class MyError` becomes `MyError: m`. */
function nameClass(stack: string, className: string | null, name: string | undefined): string {
  const shown = className ?? `[${name ?? "Error"}: null prototype]`;
  const end = stack.indexOf("\n");
  const header = end < 0 ? stack : stack.slice(0, end);
  if (shown === "Error" || shown.startsWith("Object <") || header.includes(shown)) return stack;
  const word = /^[\w$]+(?=:|$)/.exec(header)?.[0];
  if (word === undefined) return stack;
  return shown.includes(word)
    ? shown + stack.slice(word.length)
    : `${shown} [${word}]${stack.slice(word.length)}`;
}
