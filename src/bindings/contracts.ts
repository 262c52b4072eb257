/** The rooms' contracts joined: every op, event and binding type that crosses. One line per room. */
import type { CompressionNotices } from "../web/compression/contract.ts";
import type { ConsoleNotices } from "../web/console/contract.ts";
import type { CryptoAsyncOps, CryptoSyncOps } from "../web/crypto/contract.ts";
import type { EncodingSyncOps } from "../web/encoding/contract.ts";
import type { FetchAsyncOps, FetchEvents } from "../web/fetch/contract.ts";
import type { SocketAsyncOps } from "../web/sockets/contract.ts";
import type { StreamAsyncOps, StreamNotices } from "../web/streams/contract.ts";
import type { TimerAsyncOps, TimerNotices } from "../web/timers/contract.ts";
import type { UrlSyncOps } from "../web/url/contract.ts";
import type { WebSocketAsyncOps, WebSocketNotices } from "../web/websocket/contract.ts";
import type { AnalyticsNotices } from "./analytics-engine/contract.ts";
import type { AssetsAsyncOps } from "./assets/contract.ts";
import type { CacheAsyncOps } from "./cache/contract.ts";
import type { CronEvents } from "./cron/contract.ts";
import type { D1AsyncOps } from "./d1/contract.ts";
import type { EmailAsyncOps, EmailEvents } from "./email/contract.ts";
import type { HyperdriveAsyncOps } from "./hyperdrive/contract.ts";
import type { KVAsyncOps } from "./kv/contract.ts";
import type { R2AsyncOps } from "./r2/contract.ts";
import type { RateLimitAsyncOps } from "./ratelimit/contract.ts";
import type { SecretsStoreAsyncOps } from "./secrets-store/contract.ts";
import type { WorkerEvents, WorkerNotices, WorkerSyncOps } from "./worker/contract.ts";

/** Ops answered later: `host.call`. */
export interface AsyncOps
  extends AssetsAsyncOps,
    CacheAsyncOps,
    CryptoAsyncOps,
    D1AsyncOps,
    EmailAsyncOps,
    FetchAsyncOps,
    HyperdriveAsyncOps,
    KVAsyncOps,
    R2AsyncOps,
    RateLimitAsyncOps,
    SecretsStoreAsyncOps,
    SocketAsyncOps,
    StreamAsyncOps,
    TimerAsyncOps,
    WebSocketAsyncOps {}

/** Ops answered at once: `host.callSync`. Pure ones are computed on the isolate's own thread. */
export interface SyncOps extends CryptoSyncOps, EncodingSyncOps, UrlSyncOps, WorkerSyncOps {}

/** Messages to the host that need no answer: `host.notify`. */
export interface Notices
  extends AnalyticsNotices,
    CompressionNotices,
    ConsoleNotices,
    StreamNotices,
    TimerNotices,
    WebSocketNotices,
    WorkerNotices {}

/** Events that the host dispatches to a worker: arguments in, result out. */
export interface Events extends FetchEvents, CronEvents, EmailEvents, WorkerEvents {}

/** What a binding's guest class is made from: the `type` picks the room. */
export interface BindingDescriptor {
  readonly type: string;
  /** The property of `env`. */
  readonly name: string;
  readonly [key: string]: unknown;
}
