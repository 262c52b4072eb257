/** What the supervisor and the host process say to each other. */
import type { AssetsSettings } from "../bindings/assets/settings.ts";
import type { WorkerDescription } from "../bindings/worker/contract.ts";
import type { EngineName } from "../engine/engine.ts";
import type { ErrorReport } from "../engine/error-report.ts";
import type { LogLevel } from "../log.ts";
import type { WorkerSpec } from "./host.ts";

/** How a server is to behave; the same for the whole life of the supervisor. */
export interface ServerOptions {
  readonly engine: EngineName;
  readonly instances: number;
  /** What an isolate that is kept ready may hold. */
  readonly memoryBytes: number;
  readonly stateDir: string;
  /** Where the server is reached from this machine, without a slash at its end. */
  readonly origin: string;
  readonly scheme: "http" | "https";
  readonly tls: { readonly key: string; readonly cert: string } | null;
  /** Whether clients see the stack of an exception. */
  readonly showErrors: boolean;
  readonly logRequests: boolean;
  readonly logLevel: LogLevel;
  readonly colors: boolean;
  readonly liveReload: boolean;
  /** Whether `/__scheduled` triggers the scheduled handler. */
  readonly testScheduled: boolean;
  /** Whether triggers fire on time. */
  readonly fireCrons: boolean;
  /** Where requests may come from by name, besides this machine. */
  readonly hostname: string;
}

/** A worker with what only a server needs. */
export interface ServedWorker extends WorkerSpec {
  readonly assets: AssetsSettings | null;
  readonly crons: readonly string[];
  /** The bundle's source map (JSON), for stacks; null when there is none. */
  readonly sourceMap: string | null;
}

export type ToHost =
  | { readonly kind: "start"; readonly options: ServerOptions }
  | { readonly kind: "listen" }
  /** New code is being made: events that arrive from now on wait for it. */
  | { readonly kind: "hold" }
  | { readonly kind: "load"; readonly worker: ServedWorker }
  /** No new code after all (the build failed, or changed nothing): go on with what there is. */
  | { readonly kind: "proceed" }
  /** There is no code to run: events are answered by what is wrong. */
  | { readonly kind: "broken"; readonly text: string }
  /** Static assets have changed: browsers that asked to be told load their pages again. */
  | { readonly kind: "refresh" }
  | { readonly kind: "ping" }
  | { readonly kind: "stop" };

export type FromHost =
  | { readonly kind: "listening" }
  | { readonly kind: "loaded"; readonly description: WorkerDescription }
  | { readonly kind: "load-failed"; readonly report: ErrorReport }
  | { readonly kind: "fatal"; readonly report: ErrorReport }
  | { readonly kind: "pong" };
