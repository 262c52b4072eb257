/** The iterator objects of iterable interfaces such as Headers and FormData. */

type Kind = "entries" | "keys" | "values";

/** Makes an iterator over `pairs`, which may grow and shrink while it runs. */
export type PairIteratorFactory<V> = (
  pairs: readonly (readonly [string, V])[],
  kind: Kind,
) => IteratorObject<unknown>;

const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;

/** The default iterator class of an interface (https://webidl.spec.whatwg.org/#js-default-iterator-object). */
export function pairIterator<V>(interfaceName: string): PairIteratorFactory<V> {
  class PairIterator {
    #pairs: readonly (readonly [string, V])[];
    #kind: Kind;
    #next = 0;

    constructor(pairs: readonly (readonly [string, V])[], kind: Kind) {
      this.#pairs = pairs;
      this.#kind = kind;
    }

    next(): IteratorResult<unknown> {
      if (!(#pairs in this))
        throw new TypeError(`'next' called on an object that is not a ${interfaceName} Iterator.`);
      const pair = this.#pairs[this.#next];
      if (pair === undefined) {
        this.#pairs = [];
        return { value: undefined, done: true };
      }
      this.#next++;
      switch (this.#kind) {
        case "keys":
          return { value: pair[0], done: false };
        case "values":
          return { value: pair[1], done: false };
        case "entries":
          return { value: [pair[0], pair[1]], done: false };
      }
    }
  }
  const prototype = PairIterator.prototype as { constructor?: unknown };
  delete prototype.constructor;
  Object.setPrototypeOf(prototype, IteratorPrototype);
  Object.defineProperty(prototype, "next", { enumerable: true });
  Object.defineProperty(prototype, Symbol.toStringTag, {
    value: `${interfaceName} Iterator`,
    configurable: true,
  });
  return (pairs, kind) => new PairIterator(pairs, kind) as unknown as IteratorObject<unknown>;
}
