/** The runtime's own classes whose objects can be cloned, and those whose objects can be transferred. */

/** How objects of a class are cloned: through a value that itself can be cloned. */
export interface Cloneable<T extends object> {
  serialize(value: T): unknown;
  deserialize(data: unknown): T;
}

/** How objects of a class are transferred: the old one is of no use afterwards, the new one takes its place. */
export interface Transferable<T extends object> {
  /** Makes the successor. Throws when the object cannot be transferred; until `commit` it is as it was. */
  prepare(value: T): { readonly successor: T; commit(): void };
}

interface Registered {
  readonly name: string;
  readonly cloneable: Cloneable<object>;
}

const cloneables = new Map<object, Registered>();
const byName = new Map<string, Cloneable<object>>();
const transferables = new Map<object, Transferable<object>>();

/** Makes the objects of a class cloneable. The class's name stands for it in serialized bytes. */
export function registerCloneable<T extends object>(
  Class: abstract new (...args: never[]) => T,
  cloneable: Cloneable<T>,
): void {
  cloneables.set(Class.prototype, { name: Class.name, cloneable });
  byName.set(Class.name, cloneable as Cloneable<object>);
}

/** Makes the objects of a class transferable. */
export function registerTransferable<T extends object>(
  Class: abstract new (...args: never[]) => T,
  transferable: Transferable<T>,
): void {
  transferables.set(Class.prototype, transferable as Transferable<object>);
}

function lookUp<T>(registry: ReadonlyMap<object, T>, value: object): T | undefined {
  for (let object = Reflect.getPrototypeOf(value); object !== null; object = Reflect.getPrototypeOf(object)) {
    const found = registry.get(object);
    if (found !== undefined) return found;
  }
  return undefined;
}

export const cloneableOf = (value: object): Registered | undefined => lookUp(cloneables, value);
export const cloneableNamed = (name: string): Cloneable<object> | undefined => byName.get(name);
export const transferableOf = (value: object): Transferable<object> | undefined =>
  lookUp(transferables, value);
