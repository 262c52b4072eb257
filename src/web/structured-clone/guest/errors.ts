/** Errors as they are cloned: as on workerd, with their stack, their cause and their own properties. */

const errorTypes: Readonly<Record<string, new () => Error>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** Own properties that are not enumerable and yet belong to an error's clone, in the order in which they are copied. */
const inherent = ["stack", "message", "cause", "errors"] as const;

/** The name of the builtin class that an error's clone has (https://html.spec.whatwg.org/#structuredserializeinternal). */
export function errorTypeName(error: object): string {
  const name: unknown = (error as Error).name;
  const text = name === undefined ? "Error" : String(name);
  return text === "AggregateError" || Object.hasOwn(errorTypes, text) ? text : "Error";
}

/** An error of that class with no properties of its own. */
export function emptyError(typeName: string): Error {
  const error =
    typeName === "AggregateError" ? new AggregateError([]) : new (errorTypes[typeName] ?? Error)();
  for (const key of inherent) Reflect.deleteProperty(error, key);
  return error;
}

/** The keys of the properties that a clone gets: the inherent ones that are there, and the enumerable ones. */
export function errorKeys(error: object): string[] {
  const keys: string[] = inherent.filter(key => Object.hasOwn(error, key));
  for (const key of Object.keys(error)) if (!keys.includes(key)) keys.push(key);
  return keys;
}

/** The value of such a property, as it is cloned: the message and the stack are always text. */
export function errorProperty(error: object, key: string): unknown {
  const value = (error as Record<string, unknown>)[key];
  return (key === "message" || key === "stack") && value !== undefined ? String(value) : value;
}

export function defineErrorProperty(error: object, key: string, value: unknown): void {
  const enumerable = !(inherent as readonly string[]).includes(key);
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}
