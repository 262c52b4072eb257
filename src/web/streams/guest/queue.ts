/** A first-in, first-out list that takes from its head without moving the rest. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The first item; there must be one. */
  peek(): T {
    return this.#items[this.#head] as T;
  }

  /** Replaces the first item. */
  replaceFirst(item: T): void {
    this.#items[this.#head] = item;
  }

  /** Takes the first item away; there must be one. */
  shift(): T {
    const items = this.#items;
    const item = items[this.#head] as T;
    const head = ++this.#head;
    if (head === items.length) {
      items.length = 0;
      this.#head = 0;
    } else if (head >= 64 && head * 2 >= items.length) {
      items.splice(0, head);
      this.#head = 0;
    } else {
      items[head - 1] = undefined as T;
    }
    return item;
  }

  /** Takes all items away. */
  drain(): T[] {
    const items = this.#head === 0 ? this.#items : this.#items.slice(this.#head);
    this.#items = [];
    this.#head = 0;
    return items;
  }
}

/**
 * A queue of values with sizes (https://streams.spec.whatwg.org/#queue-with-sizes). While every size is 1, which is
 * the usual case, the sizes are not kept.
 */
export class SizedQueue<T> {
  readonly #values = new Fifo<T>();
  #sizes: Fifo<number> | undefined;
  total = 0;

  get length(): number {
    return this.#values.length;
  }

  /** EnqueueValueWithSize. */
  push(value: T, size: unknown): void {
    const number = Number(size);
    if (!(number >= 0) || number === Infinity) {
      throw new RangeError("The size of a chunk must be a finite, non-negative number.");
    }
    if (number !== 1 && this.#sizes === undefined) {
      this.#sizes = new Fifo();
      for (let index = this.#values.length; index > 0; index--) this.#sizes.push(1);
    }
    this.#values.push(value);
    this.#sizes?.push(number);
    this.total += number;
  }

  peek(): T {
    return this.#values.peek();
  }

  /** DequeueValue. */
  shift(): T {
    this.total -= this.#sizes === undefined ? 1 : this.#sizes.shift();
    // Rounding may have taken the total below zero.
    if (this.total < 0) this.total = 0;
    return this.#values.shift();
  }

  /** ResetQueue. */
  clear(): void {
    this.#values.drain();
    this.#sizes = undefined;
    this.total = 0;
  }
}
