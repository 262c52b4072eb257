/** The exceptions of Node.js's timers (https://nodejs.org/api/errors.html). */

/** The name or object that an argument is part of: `The "callback" argument`, `The "options.ref" property`. */
export function invalidArgument(what: string, expected: string, value: unknown): TypeError {
  const error = new TypeError(`${what} must be ${expected}. Received ${received(value)}`);
  return Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
}

function received(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value === "object") {
    const { name } = (value as { constructor?: { name?: string } }).constructor ?? {};
    return name === undefined || name === "" ? "an object" : `an instance of ${name}`;
  }
  const text =
    typeof value === "string" ? `'${value.slice(0, 25)}${value.length > 25 ? "..." : ""}'` : String(value);
  return `type ${typeof value} (${typeof value === "bigint" ? `${text}n` : text})`;
}

export function abortError(cause: unknown): Error {
  const error = Object.assign(new Error("The operation was aborted", { cause }), { code: "ABORT_ERR" });
  Object.defineProperty(error, "name", { value: "AbortError", configurable: true, writable: true });
  return error;
}
