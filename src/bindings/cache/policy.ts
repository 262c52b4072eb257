/**
 * Which responses are kept, for how long, and with which headers: what a shared cache does by RFC 9111, with
 * Cloudflare's habits (https://developers.cloudflare.com/cache/concepts/cache-control/).
 */
import CachePolicy from "http-cache-semantics";
import type { Clock } from "../../storage/clock.ts";
import { joinedHeader, withoutHeaders } from "../../web/fetch/header-list.ts";

export interface Keepable {
  readonly headers: string[];
  /** When the response was made: before now where it came with an Age. In milliseconds since the epoch. */
  readonly madeAt: number;
  readonly expiresAt: number;
}

/** What decides about a response. `forcedSeconds`: how long it is kept whatever its Cache-Control says. */
export interface Candidate {
  /** The request's headers. */
  readonly request: readonly string[];
  readonly status: number;
  readonly headers: readonly string[];
  readonly forcedSeconds?: number | undefined;
}

/** Larger numbers of seconds count as this one (https://www.rfc-editor.org/rfc/rfc9111#section-1.2.2). */
const MOST_SECONDS = 2 ** 31;
const HOUR = 3600;
/** How long a response is kept that does not say (…/cache/how-to/configure-cache-status-code/#edge-ttl), in seconds. */
const DEFAULT_SECONDS: Readonly<Record<number, number>> = {
  200: 2 * HOUR,
  301: 2 * HOUR,
  302: 20 * 60,
  303: 20 * 60,
  404: 3 * 60,
  410: 3 * 60,
};

/** About one connection, or about how this response came here; Content-Length is what it will turn out to be. */
const NOT_KEPT = [
  ...["age", "cf-cache-status", "connection", "content-length", "keep-alive", "proxy-authenticate"],
  ...["proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"],
];

/** The directives that RFC 9111's rules are asked about. Others do not count here, or are dealt with otherwise. */
const COUNTED = ["max-age", "must-revalidate", "no-store", "private", "public", "s-maxage"];

type Directives = ReadonlyMap<string, string | null>;

export class KeepingRules {
  readonly #clock: Clock;
  readonly #Policy: typeof CachePolicy;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#Policy = class extends CachePolicy {
      now(): number {
        return clock.now();
      }
    };
  }

  /** Null: the response is not to be kept. */
  assess(candidate: Candidate): Keepable | null {
    const directives = parseDirectives(joinedHeader(candidate.headers, "cache-control") ?? "");
    const dropped = new Set(NOT_KEPT);
    for (const name of fieldsOf(joinedHeader(candidate.headers, "connection") ?? "")) dropped.add(name);
    for (const name of fieldsOf(directives.get("private") ?? "")) dropped.add(name);
    const headers = withoutHeaders(candidate.headers, dropped);
    if (joinedHeader(headers, "set-cookie") !== undefined) return null;
    const policy = this.#policyOf(candidate, directives);
    const asked = candidate.forcedSeconds ?? lifetimeOf(candidate.status, policy, directives, headers);
    const seconds = Math.min(asked, MOST_SECONDS);
    if (!(seconds > 0)) return null;
    const now = this.#clock.now();
    const age = Math.min(Math.max(policy.age(), 0), MOST_SECONDS);
    if (joinedHeader(headers, "date") === undefined) headers.push("Date", new Date(now).toUTCString());
    return { headers, madeAt: now - Math.round(age * 1000), expiresAt: now + Math.ceil(seconds * 1000) };
  }

  /** RFC 9111's arithmetic and rules. */
  #policyOf({ request, headers }: Candidate, directives: Directives): CachePolicy {
    const counted: string[] = [];
    for (const name of COUNTED) {
      const value = directives.get(name);
      if (value === undefined || (name === "private" && fieldsOf(value ?? "").length > 0)) continue;
      counted.push(value === null ? name : `${name}=${value.split(",", 1)[0]}`);
    }
    const relevant: Record<string, string | undefined> = { "cache-control": counted.join(", ") };
    for (const name of ["age", "date", "expires"]) relevant[name] = joinedHeader(headers, name);
    const asked = { headers: { authorization: joinedHeader(request, "authorization") } };
    // Which statuses are kept is decided without it: by RFC 9111 any may be that says how long.
    return new this.#Policy(asked, { status: 200, headers: relevant }, { shared: true });
  }
}

/** Seconds from now for which the response is fresh; 0 where it is not to be kept. */
function lifetimeOf(
  status: number,
  policy: CachePolicy,
  directives: Directives,
  headers: readonly string[],
): number {
  if (!policy.storable() || mustRevalidate(directives, headers)) return 0;
  const isExplicit =
    directives.has("s-maxage") || directives.has("max-age") || joinedHeader(headers, "expires") !== undefined;
  // Not timeToLive(): that adds stale-while-revalidate, which the Cache API does not have.
  const lifetime = isExplicit ? policy.maxAge() : (DEFAULT_SECONDS[status] ?? 0);
  return lifetime - policy.age();
}

/** With `no-cache` a response must be validated at its origin before each use, which the Cache API never does. */
function mustRevalidate(directives: Directives, headers: readonly string[]): boolean {
  const noCache = directives.get("no-cache");
  if (noCache === undefined) return false;
  const fields = fieldsOf(noCache ?? "");
  return fields.length === 0 || fields.some(name => joinedHeader(headers, name) !== undefined);
}

const DIRECTIVE = /([^\s,;="]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,;"]*)))?/g;

/** A Cache-Control header's directives, their names in lower case. What comes twice counts as it came first. */
function parseDirectives(header: string): Directives {
  const directives = new Map<string, string | null>();
  for (const [, name = "", quoted, plain] of header.matchAll(DIRECTIVE)) {
    const key = name.toLowerCase();
    if (!directives.has(key)) directives.set(key, quoted ?? plain ?? null);
  }
  return directives;
}

function fieldsOf(list: string): string[] {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(name => name !== "");
}
