/** Remembers what each Proxy stands for: neither engine tells, and `console.log` must not run a proxy's traps. */
import { takeReplaced } from "../language.ts";

export interface ProxyDetails {
  readonly target: object;
  readonly handler: object;
}

const proxies = new WeakMap<object, ProxyDetails>();

/** What a proxy stands for; undefined for all that is not a proxy. */
export function proxyDetails(value: object): ProxyDetails | undefined {
  return proxies.get(value);
}

/** Makes `Proxy` keep its books. The constructor is itself a proxy of the original, so that nothing else changes. */
export function trackProxies(): void {
  const NativeProxy = Proxy;
  const construct = Reflect.construct;
  const apply = Reflect.apply;
  const nativeRevocable = Proxy.revocable;
  const remember = (proxy: object, args: readonly unknown[]) => {
    proxies.set(proxy, { target: args[0] as object, handler: args[1] as object });
  };
  const revocable = new NativeProxy(nativeRevocable, {
    apply(target, _receiver, args) {
      const result = apply(target, NativeProxy, args) as { proxy: object };
      remember(result.proxy, args);
      return result;
    },
  });
  const Tracked = new NativeProxy(NativeProxy, {
    construct(target, args) {
      const proxy = construct(target, args) as object;
      remember(proxy, args);
      return proxy;
    },
    get(target, key, receiver) {
      return key === "revocable" ? revocable : Reflect.get(target, key, receiver);
    },
  });
  Object.defineProperty(globalThis, "Proxy", { value: Tracked, configurable: true, writable: true });
  takeReplaced();
}
