/** What a worker may use. Each limit has its own error code (errors.ts). */

export interface Limits {
  /** Bytes that one isolate may hold. */
  readonly memoryBytes: number;
  /** Wall-clock milliseconds that an event has to answer, and again for what it does after its answer. */
  readonly wallMilliseconds: number;
  /** The same for a scheduled event, which nobody waits for. */
  readonly scheduledMilliseconds: number;
  /** CPU milliseconds of one event; Infinity where none is set. */
  readonly cpuMilliseconds: number;
  /** Requests and binding calls that one event may make. */
  readonly subrequests: number;
}

const MEGABYTE = 1024 * 1024;

/** Cloudflare's limits of a paid plan, where a local run can have them (https://developers.cloudflare.com/workers/platform/limits/). */
export const DEFAULT_LIMITS: Limits = {
  memoryBytes: 128 * MEGABYTE,
  wallMilliseconds: 30_000,
  scheduledMilliseconds: 15 * 60_000,
  cpuMilliseconds: Number.POSITIVE_INFINITY,
  subrequests: 1000,
};
