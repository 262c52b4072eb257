/** What `setImmediate` returns (https://nodejs.org/api/timers.html#class-immediate). */
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";

let constructing = false;

/** The object for a timer. */
export let createImmediate: (id: number) => Immediate;
/** The timer's id, of whatever `clearImmediate` is given; undefined for what names none. */
export let immediateIdOf: (value: unknown) => number | undefined;

/** Its reference counts nothing here: an event ends when its handler is done. */
export class Immediate {
  #id: number;
  #referenced = true;

  static {
    createImmediate = id => {
      constructing = true;
      try {
        const immediate = new Immediate();
        immediate.#id = id;
        return immediate;
      } finally {
        constructing = false;
      }
    };
    immediateIdOf = value =>
      typeof value === "object" && value !== null && #id in value ? value.#id : undefined;
  }

  constructor() {
    if (!constructing) throw illegalConstructor();
    this.#id = 0;
  }

  ref(): this {
    if (!(#id in this)) throw illegalInvocation();
    this.#referenced = true;
    return this;
  }

  unref(): this {
    if (!(#id in this)) throw illegalInvocation();
    this.#referenced = false;
    return this;
  }

  hasRef(): boolean {
    if (!(#id in this)) throw illegalInvocation();
    return this.#referenced;
  }
}

exposeInterface(Immediate, "Immediate");
