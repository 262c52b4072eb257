/** Rate limits, as a worker sees them (https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/). */

import { call } from "../../guest/host.ts";
import { toNumber } from "../../guest/numbers.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../guest/webidl.ts";
import type { BindingDescriptor } from "../contracts.ts";

const CONSTRUCTION = Symbol("construction");
const OPTIONS = ["key", "limit", "period", "delta"];
const PERIODS = [10, 60];
const MAX_DELTA = 2 ** 32 - 1;

/** A limit on how often something that a key names may happen. */
export class RateLimit {
  readonly #binding: string;
  readonly #limit: number;
  readonly #period: number;

  constructor(token: symbol, descriptor: BindingDescriptor) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#binding = descriptor.name;
    this.#limit = descriptor["limit"] as number;
    this.#period = descriptor["period"] as number;
  }

  async limit(options: unknown): Promise<{ success: boolean }> {
    if (!(#binding in this)) throw illegalInvocation();
    const { key, limit, period, delta } = checked(options, this.#limit, this.#period);
    return { success: await call("ratelimit.limit", this.#binding, key, limit, period, delta) };
  }
}
exposeInterface(RateLimit, "Ratelimit");

/** The object on `env` for a binding. */
export function createRateLimit(descriptor: BindingDescriptor): RateLimit {
  return new RateLimit(CONSTRUCTION, descriptor);
}

/** The options, as workerd takes them: a call may bring a limit and a period of its own. */
function checked(options: unknown, ownLimit: number, ownPeriod: number) {
  if (typeof options !== "object" || options === null) throw new Error("invalid rate limit options");
  const unknown = Object.keys(options).filter(name => !OPTIONS.includes(name));
  if (unknown.length > 0) throw new Error(`bad rate limit options: [${unknown.join(",")}]`);
  const { key = "", limit = ownLimit, period = ownPeriod, delta = 1 } = options as Record<string, unknown>;
  if (typeof key !== "string") throw new Error(`invalid key: ${String(key)}`);
  if (typeof limit !== "number") throw new Error(`limit must be a number: ${String(limit)}`);
  if (typeof period !== "number") throw new Error(`period must be a number: ${String(period)}`);
  if (!PERIODS.includes(period)) throw new Error(`unsupported period: ${period}`);
  return { key, limit, period, delta: toDelta(delta) };
}

/** workerd's conversion to an unsigned 32-bit number, which must not be 0. */
function toDelta(value: unknown): number {
  const number = toNumber(value);
  if (!Number.isFinite(number)) {
    throw new TypeError("The value cannot be converted because it is not an integer.");
  }
  if (number < 0) {
    throw new TypeError(
      "The value cannot be converted because it is negative and this API expects a positive number.",
    );
  }
  if (number > MAX_DELTA)
    throw new TypeError(`Value out of range. Must be less than or equal to ${MAX_DELTA}.`);
  const integer = Math.trunc(number);
  if (integer === 0) throw new RangeError("delta must be non-zero");
  return integer;
}
