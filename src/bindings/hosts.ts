/** The rooms' host sides joined: the ops, and the objects behind bindings. One line per room. */
import type { OpTable } from "../engine/ops.ts";
import type { WireError } from "../engine/wire.ts";
import { compressionNotices } from "../web/compression/host.ts";
import { cryptoOps } from "../web/crypto/host.ts";
import { fetchOps } from "../web/fetch/host.ts";
import { socketOps } from "../web/sockets/host.ts";
import { streamNotices, streamOps } from "../web/streams/host.ts";
import { timerNotices, timerOps } from "../web/timers/host.ts";
import { webSocketNotices, webSocketOps } from "../web/websocket/host.ts";
import { ANALYTICS, analyticsNotices, createAnalytics } from "./analytics-engine/host.ts";
import { assetsOps } from "./assets/host.ts";
import { cacheOps, createCaches } from "./cache/host.ts";
import { createD1, d1Ops } from "./d1/host.ts";
import { emailOps, MAILBOX } from "./email/host.ts";
import { createMailbox } from "./email/mailbox.ts";
import { createDatabase, hyperdriveOps } from "./hyperdrive/host.ts";
import { createKV, type KVDescriptor, kvOps } from "./kv/host.ts";
import { createR2, describeR2ForGuest, r2Ops } from "./r2/host.ts";
import { createRateLimiter, rateLimitOps } from "./ratelimit/host.ts";
import { createSecretsStore, secretsStoreOps } from "./secrets-store/host.ts";
import { openSite } from "./sites/open.ts";
import type { SiteBinding } from "./sites/settings.ts";
import type { StoreChoice } from "./stores.ts";

export interface ResourceEnvironment extends StoreChoice {
  /** Where the stores keep their data. */
  readonly stateDir: string;
  /** Where the worker's server is reached, without a slash at its end: "http://127.0.0.1:8787". */
  readonly origin: string;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** What stands behind a binding on the host. */
export interface Resource {
  close(): void | Promise<void>;
}

export const hostOps: { readonly async: OpTable; readonly sync: OpTable; readonly notices: OpTable } = {
  async: {
    ...cryptoOps,
    ...fetchOps,
    ...socketOps,
    ...streamOps,
    ...timerOps,
    ...webSocketOps,
    ...assetsOps,
    ...cacheOps,
    ...d1Ops,
    ...emailOps,
    ...hyperdriveOps,
    ...kvOps,
    ...r2Ops,
    ...rateLimitOps,
    ...secretsStoreOps,
  },
  sync: {},
  notices: {
    ...analyticsNotices,
    ...compressionNotices,
    ...streamNotices,
    ...timerNotices,
    ...webSocketNotices,
    "event.awaitsClient": context => context.awaitClient(),
    "event.uncaught": (context, error: WireError, where: string) => context.reportUncaught(error, where),
    "console.write": (context, level: string, text: string) => context.writeConsole(level, text),
  },
};

type Descriptor = { readonly type: string; readonly name: string };

const openers: Readonly<Record<string, (descriptor: never, environment: ResourceEnvironment) => Resource>> = {
  cache: createCaches,
  d1: createD1,
  hyperdrive: createDatabase,
  kv: (descriptor: KVDescriptor | SiteBinding, environment) =>
    "site" in descriptor ? openSite(descriptor) : createKV(descriptor, environment),
  r2: createR2,
  [MAILBOX]: createMailbox,
  [ANALYTICS]: createAnalytics,
  ratelimit: createRateLimiter,
  secrets_store_secret: createSecretsStore,
};

/** What every worker has without a binding for it. */
export const impliedResources: readonly Descriptor[] = [
  { type: "cache", name: "caches" },
  { type: MAILBOX, name: "" },
  { type: ANALYTICS, name: "" },
];

/** Opens what a binding stands for. */
export function openResource(descriptor: Descriptor, environment: ResourceEnvironment): Resource {
  const open = openers[descriptor.type];
  if (open === undefined)
    throw new TypeError(`The host has nothing behind a binding of the type "${descriptor.type}".`);
  return open(descriptor as never, environment);
}

const describers: Readonly<
  Record<string, (descriptor: never, environment: ResourceEnvironment) => Descriptor>
> = {
  r2: describeR2ForGuest,
};

/** What the guest is told of a binding: what the configuration says, unless its room says otherwise. */
export function describeForGuest(descriptor: Descriptor, environment: ResourceEnvironment): Descriptor {
  const describe = describers[descriptor.type];
  return describe === undefined ? descriptor : describe(descriptor as never, environment);
}
