/**
 * Stand-ins for bindings that have no local form. The worker loads, passes them about, looks at them and logs them; what
 * it calls on them throws, and says what to do.
 */
import { exposeInterface } from "../../guest/webidl.ts";
import type { BindingDescriptor } from "../contracts.ts";

/** Properties that the language itself, or whoever inspects a value, reads: those of a plain object. */
const LOOKED_AT = new Set<PropertyKey>(["then", "toJSON", ...Reflect.ownKeys(Object.prototype)]);

/** What it is shown as. */
class UnavailableBinding {}
exposeInterface(UnavailableBinding, "UnavailableBinding");

/** The object on `env`. Its methods may be replaced by the worker's own: `env.AI.run = …`. */
export function createUnavailable({ name, kind, key }: BindingDescriptor): object {
  const refuse = (path: string): never => {
    throw new Error(
      `${path}(): the binding ${name} (${kind}) has no local form, so nothing can be called on it here. ` +
        `To do without it, hide it by an empty variable (--var ${name}:) and test it first, as in if (env.${name}), ` +
        `or name "${key}" in another environment (--env) only.`,
    );
  };
  const properties = (path: string): ProxyHandler<object> => ({
    get(target, property, receiver) {
      if (typeof property === "symbol" || LOOKED_AT.has(property) || Reflect.has(target, property)) {
        return Reflect.get(target, property, receiver);
      }
      return member(`${path}.${property}`);
    },
  });
  const member = (path: string): object => {
    const call = () => refuse(path);
    // What is looked at is the stand-in, not the function's source; and a constructor is a call as well.
    return new Proxy(class {}, { ...properties(path), apply: call, construct: call });
  };
  return new Proxy(new UnavailableBinding(), properties(`env.${name}`));
}
