/** Queuing strategies (https://streams.spec.whatwg.org/#qs). */
import {
  callback,
  dictionary,
  exposeInterface,
  illegalInvocation,
  requireArguments,
  unrestrictedDouble,
} from "../../../guest/webidl.ts";
import { invoke } from "./promises.ts";

/** Tells how much of a queue a chunk takes. */
export type SizeAlgorithm = (chunk: unknown) => unknown;

/** A strategy, its members read and converted. */
export interface QueuingStrategy {
  readonly highWaterMark?: number;
  readonly size?: unknown;
}

const convertStrategy = dictionary<QueuingStrategy>("QueuingStrategy", [
  { key: "highWaterMark", converter: unrestrictedDouble },
  { key: "size", converter: callback },
]);
const NO_STRATEGY: QueuingStrategy = {};

/** Most streams are made without a strategy. */
export function toQueuingStrategy(value: unknown, context: string): QueuingStrategy {
  return value === undefined ? NO_STRATEGY : convertStrategy(value, context);
}

/** ExtractHighWaterMark. */
export function highWaterMarkOf(strategy: QueuingStrategy, otherwise: number): number {
  const mark = strategy.highWaterMark;
  if (mark === undefined) return otherwise;
  if (!(mark >= 0)) throw new RangeError("A strategy's highWaterMark must be a non-negative number.");
  return mark;
}

/** ExtractSizeAlgorithm; undefined for the one that answers 1. */
export function sizeAlgorithmOf(strategy: QueuingStrategy): SizeAlgorithm | undefined {
  const { size } = strategy;
  // The size of a CountQueuingStrategy is the usual one: no call needed.
  if (size === undefined || size === sizeFunctions.count) return undefined;
  return chunk => Number(invoke(size, undefined, chunk));
}

interface QueuingStrategyInit {
  readonly highWaterMark: number;
}

const toInit = dictionary<QueuingStrategyInit>("QueuingStrategyInit", [
  { key: "highWaterMark", converter: unrestrictedDouble, required: true },
]);

// Methods, since the standard's functions have no [[Construct]].
const byteLength = {
  size(chunk: { byteLength: unknown }): unknown {
    return chunk.byteLength;
  },
}.size;
const count = {
  size(): number {
    return 1;
  },
}.size;
const sizeFunctions: { readonly count: unknown } = { count };

function initOf(name: string, args: readonly unknown[]): number {
  const where = `Failed to construct '${name}'`;
  requireArguments(args.length, 1, where);
  return toInit(args[0], `${where}: constructor parameter 1`).highWaterMark;
}

/** Counts the bytes of chunks. */
export class ByteLengthQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(_init: QueuingStrategyInit) {
    this.#highWaterMark = initOf("ByteLengthQueuingStrategy", arguments as unknown as unknown[]);
  }

  get highWaterMark(): number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return this.#highWaterMark;
  }

  get size(): (chunk: { byteLength: unknown }) => unknown {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return byteLength;
  }
}

/** Counts chunks. */
export class CountQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(_init: QueuingStrategyInit) {
    this.#highWaterMark = initOf("CountQueuingStrategy", arguments as unknown as unknown[]);
  }

  get highWaterMark(): number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return this.#highWaterMark;
  }

  get size(): () => number {
    if (!(#highWaterMark in this)) throw illegalInvocation();
    return count;
  }
}

exposeInterface(ByteLengthQueuingStrategy);
exposeInterface(CountQueuingStrategy);
