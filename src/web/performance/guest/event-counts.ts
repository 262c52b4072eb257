/** EventCounts (https://w3c.github.io/event-timing/#sec-event-counts), always empty: no user acts on a worker. */
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";

let constructing = true;
const counts: ReadonlyMap<string, number> = new Map();

/** How many events of each type there have been. */
export class EventCounts {
  readonly #counts = counts;

  constructor() {
    if (!constructing) throw illegalConstructor();
  }

  get size(): number {
    if (!(#counts in this)) throw illegalInvocation();
    return this.#counts.size;
  }

  get(type: string): number | undefined {
    if (!(#counts in this)) throw illegalInvocation();
    return this.#counts.get(type);
  }

  has(type: string): boolean {
    if (!(#counts in this)) throw illegalInvocation();
    return this.#counts.has(type);
  }

  entries(): IterableIterator<[string, number]> {
    if (!(#counts in this)) throw illegalInvocation();
    return this.#counts.entries();
  }

  keys(): IterableIterator<string> {
    if (!(#counts in this)) throw illegalInvocation();
    return this.#counts.keys();
  }

  values(): IterableIterator<number> {
    if (!(#counts in this)) throw illegalInvocation();
    return this.#counts.values();
  }

  forEach(listener: (count: number, type: string, counts: EventCounts) => void, thisArg?: unknown): void {
    if (!(#counts in this)) throw illegalInvocation();
    for (const [type, count] of this.#counts) Reflect.apply(listener, thisArg, [count, type, this]);
  }

  [Symbol.iterator](): IterableIterator<[string, number]> {
    return this.entries();
  }
}

exposeInterface(EventCounts);

export const eventCounts = new EventCounts();
constructing = false;
