/** What cannot be cloned, and the DataCloneError that says so in the words of workerd. */
import { proxyDetails } from "../../../guest/engine-gaps/proxies.ts";
import { interfacePrototypes } from "../../../guest/webidl.ts";
import { DOMException } from "../../dom-exception/guest.ts";

const functionToString = Function.prototype.toString;
const objectToString = Object.prototype.toString;

export function dataCloneError(message: string): DOMException {
  return new DOMException(message, "DataCloneError");
}

/** The exception for a value of no type that can be cloned. */
export function refusal(value: unknown): DOMException {
  return dataCloneError(`${describe(value)} could not be cloned.`);
}

function describe(value: unknown): string {
  if (typeof value === "symbol") return value.toString();
  try {
    if (typeof value === "function") return Reflect.apply(functionToString, value, []);
    const object = value as object;
    if (proxyDetails(object) !== undefined) return "#<Object>";
    const tag = Reflect.apply(objectToString, object, []);
    const name: unknown = (object as { constructor?: { name?: unknown } }).constructor?.name;
    if (typeof name !== "string" || name === "") return tag;
    return name === "Object" && tag !== "[object Object]" && tag !== "[object Arguments]"
      ? tag
      : `#<${name}>`;
  } catch {
    return "#<Object>";
  }
}

const iteratorOf = (iterable: object): object | null => Reflect.getPrototypeOf(iterable);

/** Prototypes whose objects have inner state that no clone would have. */
const stateful = new Set<object | null>([
  iteratorOf([][Symbol.iterator]()),
  iteratorOf(new Map()[Symbol.iterator]()),
  iteratorOf(new Set()[Symbol.iterator]()),
  iteratorOf(""[Symbol.iterator]()),
  iteratorOf("".matchAll(/./g)),
  function* () {}.constructor.prototype.prototype as object,
  async function* () {}.constructor.prototype.prototype as object,
  FinalizationRegistry.prototype,
]);

/** Throws for the objects that look plain and are not: platform objects, iterators, generators, `arguments`. */
export function refuseSpecial(value: object): void {
  for (let object = Reflect.getPrototypeOf(value); object !== null; object = Reflect.getPrototypeOf(object)) {
    if (stateful.has(object)) throw refusal(value);
    if (interfacePrototypes.has(object)) {
      const name = String((object as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]);
      throw dataCloneError(
        `Could not serialize object of type "${name}". This type does not support serialization.`,
      );
    }
  }
  if (value === globalThis) throw refusal(value);
  refuseArguments(value);
}

/** Throws for an `arguments` object: of the special ones, it alone has the prototype of plain objects. */
export function refuseArguments(value: object): void {
  if (!(Symbol.toStringTag in value) && Reflect.apply(objectToString, value, []) === "[object Arguments]") {
    throw refusal(value);
  }
}
