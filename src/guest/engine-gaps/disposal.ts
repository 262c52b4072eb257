/** Explicit resource management: what of https://tc39.es/proposal-explicit-resource-management/ is not syntax. */
import { defineMissing, defineMissingMethods } from "./define.ts";

type Dispose = () => unknown;

/** Adds the symbols, SuppressedError, the two stacks, and the dispose methods of iterators. */
export function fillDisposal(): void {
  for (const [key, name] of [
    ["dispose", "Symbol.dispose"],
    ["asyncDispose", "Symbol.asyncDispose"],
  ] as const) {
    if (Object.hasOwn(Symbol, key)) continue;
    Object.defineProperty(Symbol, key, {
      value: Symbol(name),
      writable: false,
      enumerable: false,
      configurable: false,
    });
  }
  fillSuppressedError();
  fillIteratorMethods();
  if (!("DisposableStack" in globalThis))
    defineMissing(globalThis, "DisposableStack", createDisposableStack());
  if (!("AsyncDisposableStack" in globalThis)) {
    defineMissing(globalThis, "AsyncDisposableStack", createAsyncDisposableStack());
  }
}

function fillSuppressedError(): void {
  if ("SuppressedError" in globalThis) return;
  const SuppressedError = function (
    this: unknown,
    error: unknown,
    suppressed: unknown,
    message?: unknown,
  ): Error {
    const args = message === undefined ? [] : [String(message)];
    const created = Reflect.construct(Error, args, new.target ?? SuppressedError) as Error;
    Object.defineProperty(created, "error", { value: error, writable: true, configurable: true });
    Object.defineProperty(created, "suppressed", { value: suppressed, writable: true, configurable: true });
    return created;
  };
  const prototype = Object.create(Error.prototype, {
    constructor: { value: SuppressedError, writable: true, configurable: true },
    name: { value: "SuppressedError", writable: true, configurable: true },
    message: { value: "", writable: true, configurable: true },
  });
  Object.defineProperty(SuppressedError, "prototype", { value: prototype, writable: false });
  Object.defineProperty(SuppressedError, "length", { value: 3, configurable: true });
  Object.setPrototypeOf(SuppressedError, Error);
  defineMissing(globalThis, "SuppressedError", SuppressedError);
}

function fillIteratorMethods(): void {
  const iterator = Iterator.prototype as object;
  const asyncIterator = Reflect.getPrototypeOf(
    Reflect.getPrototypeOf(async function* () {}.prototype as object) as object,
  ) as object;
  defineMissingMethods(iterator, {
    [Symbol.dispose](this: Iterator<unknown>) {
      this.return?.();
    },
  });
  defineMissingMethods(asyncIterator, {
    async [Symbol.asyncDispose](this: AsyncIterator<unknown>) {
      await this.return?.();
    },
  });
}

function methodOf(value: unknown, keys: readonly symbol[]): Dispose | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== "object" && typeof value !== "function")
    throw new TypeError("The value is not an object");
  for (const key of keys) {
    const method = (value as Record<symbol, unknown>)[key] ?? undefined;
    if (method === undefined) continue;
    if (typeof method !== "function") throw new TypeError("The dispose method is not a function");
    return () => Reflect.apply(method, value, []);
  }
  throw new TypeError("The value has no dispose method");
}

function requireCallable(value: unknown): asserts value is (...args: unknown[]) => unknown {
  if (typeof value !== "function") throw new TypeError(`${String(value)} is not a function`);
}

const alreadyDisposed = () => new ReferenceError("The stack has already been disposed");

/** Keeps a later error together with the one that it would hide. */
class Failure {
  #failed = false;
  #error: unknown;

  add(error: unknown): void {
    this.#error = this.#failed ? new SuppressedError(error, this.#error) : error;
    this.#failed = true;
  }

  throwIfAny(): void {
    if (this.#failed) throw this.#error;
  }
}

function createDisposableStack(): unknown {
  class DisposableStack {
    #resources: Dispose[] | undefined = [];

    get disposed(): boolean {
      return this.#resources === undefined;
    }

    use<T>(value: T): T {
      const resources = this.#open();
      const method = methodOf(value, [Symbol.dispose]);
      if (method !== undefined) resources.push(method);
      return value;
    }

    adopt<T>(value: T, onDispose: (value: T) => unknown): T {
      const resources = this.#open();
      requireCallable(onDispose);
      resources.push(() => onDispose(value));
      return value;
    }

    defer(onDispose: Dispose): void {
      const resources = this.#open();
      requireCallable(onDispose);
      resources.push(() => onDispose());
    }

    move(): DisposableStack {
      const resources = this.#open();
      const moved = new DisposableStack();
      moved.#resources = resources;
      this.#resources = undefined;
      return moved;
    }

    dispose(): void {
      const resources = this.#resources;
      if (resources === undefined) return;
      this.#resources = undefined;
      const failure = new Failure();
      for (let index = resources.length - 1; index >= 0; index--) {
        try {
          resources[index]?.();
        } catch (error) {
          failure.add(error);
        }
      }
      failure.throwIfAny();
    }

    #open(): Dispose[] {
      if (this.#resources === undefined) throw alreadyDisposed();
      return this.#resources;
    }
  }
  alias(DisposableStack.prototype, Symbol.dispose, "dispose");
  return DisposableStack;
}

function createAsyncDisposableStack(): unknown {
  class AsyncDisposableStack {
    #resources: Dispose[] | undefined = [];

    get disposed(): boolean {
      return this.#resources === undefined;
    }

    use<T>(value: T): T {
      const resources = this.#open();
      resources.push(methodOf(value, [Symbol.asyncDispose, Symbol.dispose]) ?? (() => undefined));
      return value;
    }

    adopt<T>(value: T, onDispose: (value: T) => unknown): T {
      const resources = this.#open();
      requireCallable(onDispose);
      resources.push(() => onDispose(value));
      return value;
    }

    defer(onDispose: Dispose): void {
      const resources = this.#open();
      requireCallable(onDispose);
      resources.push(() => onDispose());
    }

    move(): AsyncDisposableStack {
      const resources = this.#open();
      const moved = new AsyncDisposableStack();
      moved.#resources = resources;
      this.#resources = undefined;
      return moved;
    }

    async disposeAsync(): Promise<void> {
      const resources = this.#resources;
      if (resources === undefined) return;
      this.#resources = undefined;
      const failure = new Failure();
      for (let index = resources.length - 1; index >= 0; index--) {
        try {
          await resources[index]?.();
        } catch (error) {
          failure.add(error);
        }
      }
      failure.throwIfAny();
    }

    #open(): Dispose[] {
      if (this.#resources === undefined) throw alreadyDisposed();
      return this.#resources;
    }
  }
  alias(AsyncDisposableStack.prototype, Symbol.asyncDispose, "disposeAsync");
  return AsyncDisposableStack;
}

/** Gives a prototype a second key for a method, and its tag. */
function alias(prototype: object, key: symbol, method: string): void {
  const value = (prototype as Record<string, unknown>)[method];
  Object.defineProperty(prototype, key, { value, writable: true, configurable: true });
  Object.defineProperty(prototype, Symbol.toStringTag, {
    value: prototype.constructor.name,
    configurable: true,
  });
}
