import type { WireError } from "../../engine/wire.ts";

/** What a worker's main module was found to export. */
export interface WorkerDescription {
  /** "module": exports handlers; "service-worker": registered listeners by `addEventListener`. */
  readonly syntax: "module" | "service-worker";
  /** Handlers that the default export has: "fetch", "scheduled", … */
  readonly handlers: readonly string[];
  /** Named exports, by kind. */
  readonly exports: readonly {
    readonly name: string;
    readonly kind: "class" | "function" | "object" | "value";
  }[];
}

/** What a worker is given when it is loaded. */
export interface WorkerSettings {
  readonly name: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: readonly { readonly type: string; readonly name: string }[];
  /** True where the program is known to be in service-worker syntax: its bindings are globals before it runs. */
  readonly serviceWorker: boolean;
  /** The worker may make code of strings while it handles events, which Cloudflare refuses. */
  readonly unsafeEval: boolean;
  /** 32 random hexadecimal digits; they seed `Math.random`, which an image would otherwise repeat. */
  readonly seed: string;
}

export interface WorkerEvents {
  /** Calls `name` of the default export, of a named entrypoint, or a named export. `args` is a JSON array. */
  invoke(name: string, args: string, entrypoint: string | null): [resultJson: string | null];
}

export interface WorkerSyncOps {
  /** Every compatibility flag, and whether the date or the flags given turn it on. */
  "worker.compatibilityFlags"(date: string, flags: readonly string[]): Readonly<Record<string, boolean>>;
}

export interface WorkerNotices {
  /** The worker listens for its client's going away: as long as the client is there, the event is not hung. */
  "event.awaitsClient"(): void;
  /** An exception that nobody hears of: a rejected promise of waitUntil, or an error that a listener threw. */
  "event.uncaught"(error: WireError, where: string): void;
}
