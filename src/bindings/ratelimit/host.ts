/** Rate limits on the host: counters that all isolates of the worker share. They live as long as the program. */
import type { HostOps } from "../../engine/ops.ts";
import type { Clock } from "../../storage/clock.ts";
import type { RateLimitAsyncOps } from "./contract.ts";

interface Window {
  /** Its number since the epoch: windows begin at whole multiples of the period, for all keys at once. */
  readonly epoch: number;
  readonly counts: Map<string, number>;
}

/** The counters of one namespace. */
export class RateLimiter {
  readonly #clock: Clock;
  /** The current window, by its length in seconds. */
  readonly #windows = new Map<number, Window>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts `delta` for the key, unless it has reached the limit. Answers whether it has not. */
  limit(key: string, limit: number, period: number, delta: number): boolean {
    const { counts } = this.#window(period);
    const count = counts.get(key) ?? 0;
    // A NaN of a limit lets everything through, as on workerd.
    if (count >= limit) return false;
    counts.set(key, count + delta);
    return true;
  }

  #window(period: number): Window {
    const epoch = Math.floor(this.#clock.now() / 1000 / period);
    let window = this.#windows.get(period);
    if (window?.epoch !== epoch) {
      window = { epoch, counts: new Map() };
      this.#windows.set(period, window);
    }
    return window;
  }

  close(): void {
    this.#windows.clear();
  }
}

export function createRateLimiter(_descriptor: unknown, environment: Clock): RateLimiter {
  return new RateLimiter(environment);
}

/** The ops of rate limits. */
export const rateLimitOps: HostOps<RateLimitAsyncOps> = {
  "ratelimit.limit": (context, binding, key, limit, period, delta) =>
    // JSON has no NaN: it arrives as null.
    context.resource<RateLimiter>("ratelimit", binding).limit(key, limit ?? Number.NaN, period, delta),
};
