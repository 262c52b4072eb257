/** V8's error stacks on QuickJS: a first line with name and message, `captureStackTrace`, `stackTraceLimit`. */

import { takeReplaced } from "../language.ts";

type AnyErrorConstructor = new (...args: unknown[]) => Error;

const errorNames = [
  "Error",
  "AggregateError",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
] as const;

const DEFAULT_LIMIT = 10;

/** Whether the engine's stacks lack what V8's have. */
export const lacksErrorStacks = (): boolean => !("captureStackTrace" in Error);

/** The frames that stand above the caller's in the stack of an error that a replaced constructor makes. */
let ownFrames = 0;

/** Replaces the error constructors with ones that complete the stack. The prototypes stay what they are. */
export function fillErrorStacks(): void {
  const NativeError = Error;
  const replaced = new Map<unknown, unknown>();
  for (const name of errorNames) {
    const Native = (globalThis as unknown as Record<string, AnyErrorConstructor>)[name];
    if (Native === undefined) continue;
    const Replacement = replacementFor(Native);
    replaced.set(Native, Replacement);
    const parent = Reflect.getPrototypeOf(Native);
    Reflect.setPrototypeOf(Replacement, (replaced.get(parent) as object | undefined) ?? parent);
    define(Native.prototype, "constructor", Replacement);
    define(globalThis, name, Replacement);
  }
  takeReplaced();
  define(Error, "isError", (NativeError as unknown as { isError: unknown }).isError);
  define(Error, "captureStackTrace", captureStackTrace);
  Object.defineProperty(Error, "stackTraceLimit", {
    value: DEFAULT_LIMIT,
    writable: true,
    enumerable: true,
    configurable: true,
  });
  ownFrames = measureOwnFrames();
  renameInternalError();
}

function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: false, configurable: true });
}

function replacementFor(Native: AnyErrorConstructor): AnyErrorConstructor {
  const Replacement = function (this: unknown, ...args: unknown[]): Error {
    const error = Reflect.construct(Native, args, new.target ?? Replacement) as Error;
    define(error, "stack", complete(error, error.stack ?? "", ownFrames));
    return error;
  } as unknown as AnyErrorConstructor;
  Object.defineProperty(Replacement, "name", { value: Native.name, configurable: true });
  Object.defineProperty(Replacement, "length", { value: Native.length, configurable: true });
  Object.defineProperty(Replacement, "prototype", { value: Native.prototype, writable: false });
  return Replacement;
}

/** V8's form of a stack: the error as text, and then at most `stackTraceLimit` frames. */
function complete(error: object, frames: string, skip: number): string {
  const limit: unknown = (Error as { stackTraceLimit?: unknown }).stackTraceLimit;
  const header = headerOf(error);
  if (typeof limit !== "number" || limit <= 0) return header;
  const lines = frames
    .trimEnd()
    .split("\n")
    .slice(skip, skip + limit);
  return lines.length === 0 || lines[0] === "" ? header : `${header}\n${lines.join("\n")}`;
}

const errorToString = Error.prototype.toString;

function headerOf(error: object): string {
  try {
    return Reflect.apply(errorToString, error, []);
  } catch {
    return "Error";
  }
}

function measureOwnFrames(): number {
  ownFrames = 0;
  const stack = (function measuringFrames() {
    return new Error().stack ?? "";
  })();
  return Math.max(stack.split("\n").findIndex(line => line.includes("measuringFrames")) - 1, 0);
}

/** https://v8.dev/docs/stack-trace-api#stack-trace-collection-for-custom-exceptions */
function captureStackTrace(target: object, above?: unknown): void {
  if ((typeof target !== "object" || target === null) && typeof target !== "function") {
    throw new TypeError(`Invalid argument: ${String(target)}`);
  }
  const lines = (new Error().stack ?? "").split("\n").slice(1);
  let skip = lines.findIndex(line => !line.includes("at captureStackTrace"));
  if (typeof above === "function" && above.name !== "") {
    const index = lines.findIndex(line => line.startsWith(`    at ${above.name} (`));
    if (index >= 0) skip = index + 1;
  }
  define(target, "stack", complete(target, lines.join("\n"), Math.max(skip, 0)));
}

/** QuickJS throws an InternalError where V8 throws a RangeError: on too deep a recursion. */
function renameInternalError(): void {
  const global = globalThis as { InternalError?: AnyErrorConstructor };
  const prototype = global.InternalError?.prototype;
  if (prototype === undefined) return;
  Reflect.setPrototypeOf(prototype, RangeError.prototype);
  define(prototype, "name", "RangeError");
  define(prototype, "constructor", RangeError);
  delete global.InternalError;
}
