/** Exceptions in and out of the guest: to their wire form, and back by name. */
import type { WireError, WireValue } from "../engine/wire.ts";
import { SafeMap } from "./collections.ts";

type ErrorFactory = (message: string, name: string) => Error;

const factories = new SafeMap<string, ErrorFactory>();
for (const Type of [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]) {
  factories.set(Type.name, message => new Type(message));
}
let otherwise: ErrorFactory = (message, name) => {
  const error = new Error(message);
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  return error;
};

/** Registers how an error whose name is not a built-in class's comes back (DOMException registers itself here). */
export function reviveOthersWith(factory: ErrorFactory): void {
  otherwise = factory;
}

/** An Error of the guest, made from what the host threw. */
export function reviveError(wire: WireError): Error {
  const error = (factories.get(wire.name) ?? otherwise)(wire.message, wire.name);
  if (wire.code !== undefined && !("code" in error)) Object.assign(error, { code: wire.code });
  if (wire.cause !== undefined) {
    const value = typeof wire.cause === "string" ? wire.cause : reviveError(wire.cause);
    Object.defineProperty(error, "cause", { value, configurable: true, writable: true });
  }
  if (wire.properties !== undefined) Object.assign(error, wire.properties);
  return error;
}

/** The wire form of whatever was thrown. Never throws, however hostile the value is. */
export function describeError(thrown: unknown, depth = 0): WireError {
  try {
    if (!isErrorLike(thrown)) return { name: "Error", message: renderThrown(thrown), thrown: true };
    const wire: { -readonly [K in keyof WireError]: WireError[K] } = {
      name: String(thrown.name),
      message: String(thrown.message),
    };
    const { stack } = thrown;
    // QuickJS gives the errors that it throws itself a stack without a first line.
    if (typeof stack === "string") {
      wire.stack = /^\s+at /.test(stack) ? `${wire.name}: ${wire.message}\n${stack.trimEnd()}` : stack;
    }
    const { code, cause } = thrown as { code?: unknown; cause?: unknown };
    if (typeof code === "string" || typeof code === "number") wire.code = code;
    if (cause !== undefined && depth < 8) {
      wire.cause = isErrorLike(cause) ? describeError(cause, depth + 1) : renderThrown(cause);
    }
    const properties = plainProperties(thrown);
    if (properties !== undefined) wire.properties = properties;
    return wire;
  } catch {
    return { name: "Error", message: "an exception whose description threw", thrown: true };
  }
}

function isErrorLike(value: unknown): value is Error {
  return (
    value instanceof Error ||
    (typeof value === "object" && value !== null && "message" in value && "name" in value && "stack" in value)
  );
}

function renderThrown(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      // Not JSON: say what it is instead.
    }
  }
  return String(value);
}

function plainProperties(error: Error): { [key: string]: WireValue } | undefined {
  let properties: { [key: string]: WireValue } | undefined;
  for (const key of Object.keys(error)) {
    const value = (error as unknown as Record<string, unknown>)[key];
    if (key === "code" || key === "cause" || key === "stack" || key === "message" || key === "name") continue;
    if (
      value === null ||
      typeof value === "string" ||
      typeof value === "number" ||
      typeof value === "boolean"
    ) {
      properties ??= {};
      properties[key] = value;
    }
  }
  return properties;
}
