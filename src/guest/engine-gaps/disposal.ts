/** Explicit resource management: what of https://tc39.es/proposal-explicit-resource-management/ is not syntax. */
import { defineMissing, defineMissingMethods } from "./define.ts";

type Dispose = () => unknown;

/** Adds SuppressedError, the two stacks, and the dispose methods of iterators. */
export function fillDisposal(): void {
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

/** What both stacks hold: what is to be called, the last first. */
class Resources {
  #methods: Dispose[] | undefined = [];

  get disposed(): boolean {
    return this.#methods === undefined;
  }

  /** Takes what `choose` gives; it is not asked where the stack has been disposed. */
  add(choose: () => Dispose | undefined): void {
    const methods = this.#open();
    const method = choose();
    if (method !== undefined) methods.push(method);
  }

  adopt<T>(value: T, onDispose: (value: T) => unknown): void {
    this.add(() => {
      requireCallable(onDispose);
      return () => onDispose(value);
    });
  }

  defer(onDispose: Dispose): void {
    this.add(() => {
      requireCallable(onDispose);
      return () => onDispose();
    });
  }

  move(): Resources {
    const moved = new Resources();
    moved.#methods = this.#open();
    this.#methods = undefined;
    return moved;
  }

  /** What is to be called now, in its order; nothing the second time. */
  take(): Dispose[] {
    const methods = this.#methods ?? [];
    this.#methods = undefined;
    return methods.reverse();
  }

  #open(): Dispose[] {
    if (this.#methods === undefined) throw new ReferenceError("The stack has already been disposed");
    return this.#methods;
  }
}

function createDisposableStack(): unknown {
  class DisposableStack {
    #resources = new Resources();

    get disposed(): boolean {
      return this.#resources.disposed;
    }

    use<T>(value: T): T {
      this.#resources.add(() => methodOf(value, [Symbol.dispose]));
      return value;
    }

    adopt<T>(value: T, onDispose: (value: T) => unknown): T {
      this.#resources.adopt(value, onDispose);
      return value;
    }

    defer(onDispose: Dispose): void {
      this.#resources.defer(onDispose);
    }

    move(): DisposableStack {
      const moved = new DisposableStack();
      moved.#resources = this.#resources.move();
      return moved;
    }

    dispose(): void {
      const failure = new Failure();
      for (const dispose of this.#resources.take()) {
        try {
          dispose();
        } catch (error) {
          failure.add(error);
        }
      }
      failure.throwIfAny();
    }
  }
  alias(DisposableStack.prototype, Symbol.dispose, "dispose");
  return DisposableStack;
}

function createAsyncDisposableStack(): unknown {
  class AsyncDisposableStack {
    #resources = new Resources();

    get disposed(): boolean {
      return this.#resources.disposed;
    }

    use<T>(value: T): T {
      this.#resources.add(() => methodOf(value, [Symbol.asyncDispose, Symbol.dispose]) ?? (() => undefined));
      return value;
    }

    adopt<T>(value: T, onDispose: (value: T) => unknown): T {
      this.#resources.adopt(value, onDispose);
      return value;
    }

    defer(onDispose: Dispose): void {
      this.#resources.defer(onDispose);
    }

    move(): AsyncDisposableStack {
      const moved = new AsyncDisposableStack();
      moved.#resources = this.#resources.move();
      return moved;
    }

    async disposeAsync(): Promise<void> {
      const failure = new Failure();
      for (const dispose of this.#resources.take()) {
        try {
          await dispose();
        } catch (error) {
          failure.add(error);
        }
      }
      failure.throwIfAny();
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
