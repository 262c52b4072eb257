/** Gives an object a property as workerd's have them: their own, and read-only. */
export function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: false, enumerable: true, configurable: true });
}
