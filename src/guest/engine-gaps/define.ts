/** Defines a builtin the way the engine would, unless it is there already. */
export function defineMissing(target: object, key: PropertyKey, value: unknown): void {
  if (Object.hasOwn(target, key)) return;
  Object.defineProperty(target, key, { value, writable: true, enumerable: false, configurable: true });
}

/** Makes functions of an object's methods: not constructors, and with the names and lengths of the standard. */
export function defineMissingMethods(target: object, methods: object): void {
  for (const key of Reflect.ownKeys(methods)) {
    defineMissing(target, key, (methods as Record<PropertyKey, unknown>)[key]);
  }
}
