/** A worker with all that it needs in one process: engine, bindings, isolates. Servers and one-shot commands use it alike. */
import type { AssetsFetcher } from "../bindings/assets/fetcher.ts";
import type { AssetsSettings } from "../bindings/assets/settings.ts";
import {
  describeForGuest,
  hostOps,
  impliedResources,
  openResource,
  type Resource,
  type ResourceEnvironment,
} from "../bindings/hosts.ts";
import { pureOps } from "../bindings/pures.ts";
import type { StoreFactories } from "../bindings/stores.ts";
import { withVersion } from "../bindings/version-metadata/version.ts";
import type { WorkerDescription } from "../bindings/worker/contract.ts";
import type { Engine } from "../engine/engine.ts";
import type { Dispatch } from "../engine/ops.ts";
import type { Program } from "../engine/program.ts";
import type { WireError } from "../engine/wire.ts";
import { assetsFirst } from "./assets-first.ts";
import { assetsAlone } from "./event-error.ts";
import type { WorkerDefinition } from "./instance.ts";
import type { Limits } from "./limits.ts";
import { Worker } from "./worker.ts";

/** A worker, ready to be loaded: what configuration and bundler have made of a project. Plain data. */
export interface WorkerSpec {
  readonly name: string;
  /** Null where there are static assets alone. */
  readonly program: Program | null;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: readonly { readonly type: string; readonly name: string }[];
  /** Static assets; null where there are none. */
  readonly assets?: AssetsSettings | AssetsFetcher | null;
  /** True where the bundler found it to be in service-worker syntax. */
  readonly serviceWorker?: boolean;
  /** True where the worker may make code of strings at any time. */
  readonly unsafeEval?: boolean;
  readonly limits: Limits;
}

export interface HostOptions {
  /** How many isolates serve the worker. */
  readonly instances: number;
  /** Whether an isolate that is lost gets a successor: not where nothing follows. */
  readonly replaces: boolean;
  /** Whether a fresh isolate is kept ready for the next reload or replacement. */
  readonly keepSpare: boolean;
  /** Where the stores keep their data. */
  readonly stateDir: string;
  /** Whether static assets are looked through for what a deployment would not take. */
  readonly surveysAssets: boolean;
  /** Stores in place of those. */
  readonly stores?: StoreFactories | undefined;
  /** Where the worker's server is, or would be, reached: "http://127.0.0.1:8787". */
  readonly origin: string;
  writeConsole(level: string, text: string): void;
  /** Something that the user should look at. */
  warn(message: string): void;
  reportUncaught(error: WireError, where: string): void;
}

/** How long events in flight may go on in a worker that there is no longer. */
const DRAIN_MS = 30_000;

export class WorkerHost {
  readonly #engine: Engine;
  readonly #options: HostOptions;
  readonly #environment: ResourceEnvironment;
  readonly #resources = new Map<string, Resource>();
  #bindings: WorkerSpec["bindings"] = [];
  #worker: Worker | undefined;
  #assets: { readonly key: unknown; readonly fetcher: Promise<AssetsFetcher> } | undefined;

  /** The engine stays the caller's: closing the host leaves it open. */
  constructor(engine: Engine, options: HostOptions) {
    this.#engine = engine;
    this.#options = options;
    const { stateDir, stores, origin } = options;
    this.#environment = { stateDir, stores, origin, now: Date.now };
  }

  /** Loads the worker, or new code for it. Rejects with what its code threw; then events are answered by that error. */
  load(spec: WorkerSpec): Promise<WorkerDescription> {
    this.#bindings = spec.bindings;
    this.#openAssets(spec.assets ?? null);
    if (spec.program === null) return this.#unload();
    const definition: WorkerDefinition = {
      program: spec.program,
      limits: spec.limits,
      settings: {
        name: spec.name,
        compatibilityDate: spec.compatibilityDate,
        compatibilityFlags: spec.compatibilityFlags,
        bindings: withVersion(spec.bindings, spec.program, this.#environment.now).map(binding =>
          describeForGuest(binding, this.#environment),
        ),
        serviceWorker: spec.serviceWorker ?? false,
        unsafeEval: spec.unsafeEval ?? false,
      },
    };
    if (this.#worker !== undefined) return this.#worker.reload(definition);
    this.#worker = new Worker(definition, {
      instances: this.#options.instances,
      replaces: this.#options.replaces,
      keepSpare: this.#options.keepSpare,
      services: {
        engine: this.#engine,
        ops: { ...hostOps, pure: pureOps },
        resource: (type, name) => this.resource(type, name),
        writeConsole: this.#options.writeConsole,
        reportUncaught: this.#options.reportUncaught,
        now: this.#environment.now,
      },
    });
    return this.#worker.start();
  }

  readonly dispatch: Dispatch = (type, prepare, onStart) => {
    const toWorker = this.#worker?.dispatch ?? null;
    if (type === "fetch" && this.#assets !== undefined)
      return this.#assets.fetcher.then(assets => assetsFirst(assets, toWorker, type, prepare, onStart));
    if (toWorker !== null) return toWorker(type, prepare, onStart);
    return Promise.reject(
      this.#assets === undefined ? new Error("no worker has been loaded") : assetsAlone(type),
    );
  };

  /** Those of the code that was loaded last. Assets whose settings have not changed stay open. */
  #openAssets(assets: AssetsSettings | AssetsFetcher | null): void {
    const old = this.#assets;
    if (assets === null) {
      this.#assets = undefined;
    } else if ("fetch" in assets) {
      this.#assets = { key: assets, fetcher: Promise.resolve(assets) };
    } else {
      const key = JSON.stringify(assets);
      if (key === old?.key) return;
      const options = { warn: this.#options.warn, survey: this.#options.surveysAssets };
      const fetcher = import("../bindings/assets/open.ts").then(({ openAssets }) =>
        openAssets(assets, options),
      );
      // Whoever asks for an asset hears of it.
      fetcher.catch(() => {});
      this.#assets = { key, fetcher };
    }
    if (old !== undefined && old.key !== this.#assets?.key) closeAssets(old);
  }

  /** Ends the worker that there was: from now on there are assets alone. */
  async #unload(): Promise<WorkerDescription> {
    void this.#worker?.close(DRAIN_MS);
    this.#worker = undefined;
    return { syntax: "module", handlers: [], exports: [] };
  }

  /** The bindings of the code that was loaded last. */
  get bindings(): WorkerSpec["bindings"] {
    return this.#bindings;
  }

  /** The host's object behind a binding; bindings of one kind that name the same thing share it. */
  resource(type: string, name: string): unknown {
    if (type === "assets") return this.#assets?.fetcher;
    const isAsked = (binding: { type: string; name: string }) =>
      binding.type === type && binding.name === name;
    const descriptor = this.#bindings.find(isAsked) ?? impliedResources.find(isAsked);
    if (descriptor === undefined) throw new TypeError(`The worker has no ${type} binding "${name}".`);
    const key = `${type}:${(descriptor as { id?: string }).id ?? name}`;
    let resource = this.#resources.get(key);
    if (resource === undefined) {
      resource = openResource(descriptor, this.#environment);
      this.#resources.set(key, resource);
    }
    return resource;
  }

  /** Lets events in flight finish, for at most `milliseconds`, then closes isolates and stores. */
  async close(milliseconds: number): Promise<void> {
    await this.#worker?.close(milliseconds);
    await Promise.all([...this.#resources.values()].map(resource => resource.close()));
    if (this.#assets !== undefined) await closeAssets(this.#assets);
  }
}

/** Assets that could not be opened need no closing. */
async function closeAssets({
  key,
  fetcher,
}: {
  key: unknown;
  fetcher: Promise<AssetsFetcher>;
}): Promise<void> {
  // A fetcher that was handed in is its owner's.
  if (typeof key !== "string") return;
  await fetcher.then(assets => assets.close()).catch(() => {});
}
