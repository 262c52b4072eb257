/**
 * What a request wants of the cache: its `cache` mode, and the cache options of its `cf`
 * (https://developers.cloudflare.com/workers/runtime-apis/request/#the-cf-property-requestinitcfproperties).
 */
import { type CompatibilityFlag, isFlagOn } from "../../../guest/compatibility.ts";
import { hasOwn } from "../../../guest/primordials.ts";
import { DOMString } from "../../../guest/webidl.ts";
import type { FetchCaching } from "../contract.ts";

export type CacheMode = "no-store" | "no-cache" | "reload";

const ANY_MODE: CompatibilityFlag = {
  on: "cache_option_enabled",
  off: "cache_option_disabled",
  since: "2024-11-11",
};
const MODES: Readonly<Record<CacheMode, CompatibilityFlag>> = {
  "no-store": ANY_MODE,
  "no-cache": { on: "cache_no_cache_enabled", off: "cache_no_cache_disabled", since: "2025-08-07" },
  // Experimental: no date turns it on.
  reload: { on: "cache_reload_enabled", off: "", since: "9999-12-31" },
};

/** Checks the `cache` of a RequestInit. */
export function cacheMode(value: unknown, context?: string): CacheMode {
  if (!isFlagOn(ANY_MODE))
    throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.");
  const mode = DOMString(value, context);
  if (!hasOwn(MODES, mode) || !isFlagOn(MODES[mode as CacheMode])) {
    throw new TypeError(`Unsupported cache mode: ${mode}`);
  }
  return mode as CacheMode;
}

/** Undefined where the request asks for no cache, which is the rule. Throws where it contradicts itself. */
export function cachingOf(
  method: string,
  cf: object | undefined,
  mode: CacheMode | undefined,
): FetchCaching | undefined {
  if (cf === undefined) return undefined;
  const { cacheControl, cacheEverything, cacheKey, cacheTtl, cacheTtlByStatus } = cf as Record<
    string,
    unknown
  >;
  checkConsistent(cacheControl, cacheTtl, mode);
  const isWanted =
    cacheEverything === true ||
    typeof cacheControl === "string" ||
    typeof cacheTtl === "number" ||
    (typeof cacheTtlByStatus === "object" && cacheTtlByStatus !== null);
  if (!isWanted || mode === "no-store" || (method !== "GET" && method !== "HEAD")) return undefined;
  return {
    key: typeof cacheKey === "string" && cacheKey !== "" ? cacheKey.toWellFormed() : null,
    everything: cacheEverything === true,
    control: typeof cacheControl === "string" ? cacheControl : null,
    seconds: typeof cacheTtl === "number" ? cacheTtl : null,
    secondsByStatus: secondsByStatus(cacheTtlByStatus),
    renew: mode !== undefined,
  };
}

/** In workerd's words. */
function checkConsistent(control: unknown, ttl: unknown, mode: CacheMode | undefined): void {
  if (control !== undefined) {
    if (ttl !== undefined) {
      throw new TypeError(
        "The 'cacheControl' and 'cacheTtl' options on cf are mutually exclusive. Use 'cacheControl' for explicit " +
          "Cache-Control header directives, or 'cacheTtl' for a simplified TTL, but not both.",
      );
    }
    if (mode !== undefined) {
      throw new TypeError(
        "The 'cacheControl' option on cf cannot be used together with the 'cache' request option. The 'cache' option " +
          "('no-store'/'no-cache') maps to cache TTL behavior internally, which conflicts with explicit Cache-Control " +
          "directives.",
      );
    }
  }
  if (mode === "no-store" && ttl !== undefined && ttl !== -1) {
    throw new TypeError(`CacheTtl: ${DOMString(ttl)}, is not compatible with cache: no-store header.`);
  }
}

/** `{ "200-299": 86400, "404": 1 }` as statuses from, to, and seconds. */
function secondsByStatus(given: unknown): [from: number, to: number, seconds: number][] {
  const found: [number, number, number][] = [];
  if (typeof given !== "object" || given === null) return found;
  for (const [statuses, seconds] of Object.entries(given)) {
    const [, from, to = from] = /^\s*(\d{3})\s*(?:-\s*(\d{3}))?\s*$/.exec(statuses) ?? [];
    if (from !== undefined && typeof seconds === "number") found.push([Number(from), Number(to), seconds]);
  }
  return found;
}
