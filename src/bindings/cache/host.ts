/** The Cache API on the host: decides what is kept and what a request is answered with, and calls the store. */
import { Readable } from "node:stream";
import type { HostOps } from "../../engine/ops.ts";
import { UserError } from "../../errors.ts";
import type { Clock } from "../../storage/clock.ts";
import { storePaths } from "../../storage/paths.ts";
import type { FetchCache } from "../../web/fetch/cached-exchange.ts";
import type { WireBody } from "../../web/fetch/contract.ts";
import { DecodedBody } from "../../web/fetch/decoded-body.ts";
import { joinedHeader } from "../../web/fetch/header-list.ts";
import { wireBody } from "../../web/fetch/wire-body.ts";
import { chooseStore, type StoreChoice } from "../stores.ts";
import type { CacheAsyncOps } from "./contract.ts";
import { type CacheLimits, cacheLimits } from "./limits.ts";
import { type Candidate, KeepingRules } from "./policy.ts";
import { type Selection, select } from "./selection.ts";
import { SqliteCacheStore } from "./sqlite-store.ts";
import type { CacheStore } from "./store.ts";

/** What the caches are made from: the state folder or a store, and the time. */
export interface CacheEnvironment extends Clock, StoreChoice {
  readonly stateDir: string;
}

/** An answer of the cache: a response's status, headers and body. */
export interface CacheHit {
  readonly status: number;
  readonly headers: string[];
  readonly body: Uint8Array | Readable | null;
}

/** Ends a put whose body is over the limit. */
class TooLargeError extends Error {}

/** All caches of a worker: the store, with HTTP's rules in front of it. A cache's name is null for `caches.default`. */
export class CacheHost {
  readonly #store: CacheStore;
  readonly #clock: Clock;
  readonly #limits: CacheLimits;
  readonly #rules: KeepingRules;

  constructor(store: CacheStore, clock: Clock, limits: CacheLimits = cacheLimits) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
    this.#rules = new KeepingRules(clock);
  }

  /** `request`: the headers of the request. */
  match(cache: string | null, key: string, request: readonly string[]): Promise<CacheHit | null> {
    return this.#match(storeName(cache), key, request);
  }

  async #match(storeName: string, key: string, request: readonly string[]): Promise<CacheHit | null> {
    let selection: Selection | undefined;
    const found = await this.#store.match(storeName, key, head => {
      selection = select(request, head, this.#clock.now());
      return selection.range;
    });
    if (found === null || selection === undefined) return null;
    return { status: selection.status, headers: selection.headers, body: found.body };
  }

  /**
   * Whether the response was kept. What must not be is read to its end all the same, so that whoever writes it need not
   * know; what is too large is cut off. A stream that fails leaves what was there before, and its error.
   */
  async put(
    cache: string | null,
    key: string,
    candidate: Candidate,
    body: Uint8Array | Readable,
  ): Promise<boolean> {
    const keep = this.#prepare(storeName(cache), key, candidate);
    if (keep !== null) return keep(body);
    if (body instanceof Readable) await drain(body);
    return false;
  }

  /** Answers to the worker's own requests. */
  get fetched(): FetchCache {
    return {
      match: (key, request) => this.#match(FETCHED, key, request),
      prepare: (key, candidate) => this.#prepare(FETCHED, key, candidate),
    };
  }

  /** What keeps the body; null where the response is not to be kept. */
  #prepare(
    storeName: string,
    key: string,
    candidate: Candidate,
  ): ((body: Uint8Array | AsyncIterable<Uint8Array>) => Promise<boolean>) | null {
    const keepable = this.#rules.assess(candidate);
    if (keepable === null) return null;
    const { headers, madeAt, expiresAt } = keepable;
    const head = { status: candidate.status, headers, madeAt, expiresAt };
    return async body => {
      if (body instanceof Uint8Array && body.byteLength > this.#limits.bodyBytes) return false;
      const source = body instanceof Uint8Array ? body : this.#measured(body);
      try {
        await this.#store.put(storeName, key, source, head);
        return true;
      } catch (error) {
        if (body instanceof Readable) body.destroy();
        if (error instanceof TooLargeError) return false;
        throw error;
      }
    };
  }

  delete(cache: string | null, key: string): Promise<boolean> {
    return this.#store.delete(storeName(cache), key);
  }

  /** Empties a cache. Resolves with the number of responses that were in it. */
  clear(cache: string | null): Promise<number> {
    return this.#store.clear(storeName(cache));
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async *#measured(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let length = 0;
    for await (const chunk of stream) {
      length += chunk.byteLength;
      if (length > this.#limits.bodyBytes) throw new TooLargeError();
      yield chunk;
    }
  }
}

/** All caches are in one store. */
const STORE_ID = "caches";

const FETCHED = "fetched";

/** No cache that a worker opens is called what the default one is. */
function storeName(cache: string | null): string {
  return cache === null ? "default" : `named:${cache}`;
}

async function drain(stream: Readable): Promise<void> {
  for await (const _ of stream);
}

/** The caches of the state folder: as those of a zone, they are the same to all workers. Nothing is opened before the first call. */
export function createCaches(_descriptor: unknown, environment: CacheEnvironment): CacheHost {
  const standard = () =>
    new SqliteCacheStore(storePaths(environment.stateDir, "cache", STORE_ID), environment);
  return new CacheHost(chooseStore(environment, "cache", STORE_ID, standard), environment);
}

/** Words what is wrong with the store for the worker. Other errors are the worker's own. */
async function perform<T>(operation: "match" | "put" | "delete", work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new Error(`Cache ${operation} failed: ${error.message} ${error.hint}`);
  }
}

/** The ops of the Cache API. */
export const cacheOps: HostOps<CacheAsyncOps> = {
  async "cache.match"(context, cache, key, request) {
    context.countSubrequest();
    const caches = context.resource<CacheHost>("cache", "caches");
    const hit = await perform("match", caches.match(cache, key, request));
    if (hit === null) return null;
    return [hit.status, hit.headers, wireBody(hit.body, context.streams)];
  },

  async "cache.put"(context, cache, key, request, status, headers, body, encoded) {
    context.countSubrequest();
    const caches = context.resource<CacheHost>("cache", "caches");
    const content = bodyOf(body, handle => context.streams.take(handle));
    const plain = encoded ? decoded(content, headers) : content;
    await perform("put", caches.put(cache, key, { request, status, headers }, plain));
    return null;
  },

  "cache.delete"(context, cache, key) {
    context.countSubrequest();
    return perform("delete", context.resource<CacheHost>("cache", "caches").delete(cache, key));
  },
};

function bodyOf(body: WireBody, take: (handle: number) => Readable): Uint8Array | Readable {
  if (typeof body === "number") return take(body);
  return body instanceof Uint8Array ? body : Buffer.from(body ?? "", "utf8");
}

/** Bodies are kept as a worker reads them: those that workerd would decode when it reads them are decoded before. */
function decoded(body: Uint8Array | Readable, headers: readonly string[]): Uint8Array | Readable {
  const encoding = joinedHeader(headers, "content-encoding")?.trim().toLowerCase();
  if (encoding !== "gzip" && encoding !== "br") return body;
  return new DecodedBody(body instanceof Readable ? body : Readable.from([body]), [encoding]);
}
