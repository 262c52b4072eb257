/** The library: workers inside a Node program, without a server and without a bundler. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { AssetsFetcher } from "../bindings/assets/fetcher.ts";
import { type AssetsSettings, DEFAULT_ROUTING } from "../bindings/assets/settings.ts";
import { checkStores, type StoreFactories } from "../bindings/stores.ts";
import type { WorkerDescription } from "../bindings/worker/contract.ts";
import type { EngineName, Engine as EngineSeam } from "../engine/engine.ts";
import { GuestError } from "../engine/errors.ts";
import type { Answer } from "../engine/ops.ts";
import type { Program } from "../engine/program.ts";
import { UserError } from "../errors.ts";
import type { WireHeaders, WireResponse } from "../web/fetch/contract.ts";
import { refuseClient } from "../web/websocket/host.ts";
import { openEngine } from "./engines.ts";
import { WorkerHost } from "./host.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { DEFAULT_PORT } from "./origin.ts";

export interface EngineOptions {
  /** "quickjs" unless given. */
  readonly engine?: EngineName;
}

export interface WorkerOptions {
  /** The worker's code: one ES module, or several of which `main` is the worker. Nothing is bundled. */
  readonly script: string | Program;
  /** "worker" unless given. */
  readonly name?: string;
  /** YYYY-MM-DD; today unless given. */
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  /** What `env` holds: each with the `type` of its binding ("kv", "var", …) and its `name`. */
  readonly bindings?: readonly {
    readonly type: string;
    readonly name: string;
    readonly [key: string]: unknown;
  }[];
  /**
   * Static assets: a folder (its absolute path, with the settings of docs/assets.md that are not the usual ones), or
   * whatever answers for them. They come before the worker, and a binding of the type "assets" puts them on `env`.
   */
  readonly assets?: (Partial<AssetsSettings> & Pick<AssetsSettings, "directory">) | AssetsFetcher;
  readonly limits?: Partial<Limits>;
  /** Lets the worker make code of strings (`eval`, `new Function`) at any time; else, as on Cloudflare, at start-up only. */
  readonly unsafeEval?: boolean;
  /** Where bindings keep their data; without it, in a folder that is removed when the worker is disposed of. */
  readonly stateDir?: string;
  /** Stores of your own behind bindings, by kind; without one, data is in `stateDir`. See docs/stores.md. */
  readonly stores?: StoreFactories;
  /** Where the worker's server is reached, for the URLs that bindings make; http://127.0.0.1:8787 unless given. */
  readonly origin?: string;
  /** How many isolates serve the worker; 1 unless given. */
  readonly instances?: number;
  /** Takes the worker's console; without it, it goes to this process's stderr. */
  readonly onConsole?: (level: string, text: string) => void;
  /** Takes exceptions that no caller hears of; without it, they go to this process's stderr. */
  readonly onUncaught?: (error: Error) => void;
}

/** An engine that is ready to run workers. */
export class Engine {
  readonly name: EngineName;
  readonly #seam: EngineSeam;
  readonly #workers = new Set<WorkerHandle>();

  private constructor(seam: EngineSeam) {
    this.name = seam.name;
    this.#seam = seam;
  }

  /** Rejects with a UserError when the engine is not installed. */
  static async open(options: EngineOptions = {}): Promise<Engine> {
    return new Engine(await openEngine(options.engine ?? "quickjs"));
  }

  /** Starts a worker. Rejects with what its code threw while it was loaded. */
  async load(options: WorkerOptions): Promise<WorkerHandle> {
    checkStores(options.stores);
    const temporary = options.stateDir === undefined ? await mkdtemp(join(tmpdir(), "worker-")) : undefined;
    const host = new WorkerHost(this.#seam, {
      instances: options.instances ?? 1,
      replaces: true,
      keepSpare: false,
      stateDir: options.stateDir ?? temporary ?? "",
      surveysAssets: false,
      warn: message => process.stderr.write(`${message}\n`),
      stores: options.stores,
      origin: options.origin ?? `http://127.0.0.1:${DEFAULT_PORT}`,
      writeConsole: options.onConsole ?? ((_, text) => process.stderr.write(`${text}\n`)),
      reportUncaught: error => {
        const exception = new GuestError(error);
        if (options.onUncaught !== undefined) options.onUncaught(exception);
        else process.stderr.write(`Uncaught ${exception.stack}\n`);
      },
    });
    const { script } = options;
    const program =
      typeof script === "string"
        ? { main: "worker.js", modules: [{ name: "worker.js", source: script }] }
        : script;
    const close = async (milliseconds: number) => {
      await host.close(milliseconds);
      if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    };
    try {
      const description = await host.load({
        name: options.name ?? "worker",
        program,
        compatibilityDate: options.compatibilityDate ?? new Date().toISOString().slice(0, 10),
        compatibilityFlags: options.compatibilityFlags ?? [],
        bindings: options.bindings ?? [],
        assets: assetsOf(options.assets),
        limits: { ...DEFAULT_LIMITS, ...options.limits },
        unsafeEval: options.unsafeEval ?? false,
      });
      const handle = new WorkerHandle(host, description, async milliseconds => {
        this.#workers.delete(handle);
        await close(milliseconds);
      });
      this.#workers.add(handle);
      return handle;
    } catch (error) {
      await close(0);
      throw error;
    }
  }

  /** Ends all workers and the engine. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers].map(worker => worker.dispose()));
    await this.#seam.close();
  }
}

/** A running worker. */
export class WorkerHandle {
  /** What the worker was found to export. */
  readonly description: WorkerDescription;
  readonly #host: WorkerHost;
  readonly #close: (milliseconds: number) => Promise<void>;

  constructor(
    host: WorkerHost,
    description: WorkerDescription,
    close: (milliseconds: number) => Promise<void>,
  ) {
    this.#host = host;
    this.description = description;
    this.#close = close;
  }

  /** Calls the fetch handler. Takes what the global `fetch` takes; bodies stream in both directions. */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const body = request.body === null ? null : Readable.fromWeb(request.body as never);
    const headers: WireHeaders = [...request.headers].flat();
    let abort: ((reason: string) => void) | undefined;
    const onAbort = () => abort?.(String(request.signal.reason));
    request.signal.addEventListener("abort", onAbort, { once: true });
    const answer = await this.#host.dispatch(
      "fetch",
      context => [request.method, request.url, headers, body && context.streams.give(body), null, null],
      value => {
        abort = value;
      },
    );
    return responseOf(
      answer,
      () => abort?.("The reader has gone away."),
      () => request.signal.removeEventListener("abort", onAbort),
    );
  }

  /** Runs the scheduled handler. Rejects with what it threw. */
  async scheduled(options: { cron?: string; scheduledTime?: Date } = {}): Promise<{ noRetry: boolean }> {
    const time = options.scheduledTime ?? new Date();
    const answer = await this.#host.dispatch("scheduled", () => [options.cron ?? "", time.getTime()]);
    answer.release();
    const [noRetry] = answer.result as [boolean];
    return { noRetry };
  }

  /** Calls an exported function as `worker invoke` does. Arguments and result are JSON values. */
  async invoke(name: string, ...args: unknown[]): Promise<unknown> {
    const answer = await this.#host.dispatch("invoke", () => [name, JSON.stringify(args), null]);
    answer.release();
    const [json] = answer.result as [string | null];
    return json === null ? undefined : JSON.parse(json);
  }

  /** Lets events in flight finish for at most `milliseconds` (0 unless given), then ends the worker. */
  dispose(milliseconds = 0): Promise<void> {
    return this.#close(milliseconds);
  }
}

function assetsOf(assets: WorkerOptions["assets"]): AssetsSettings | AssetsFetcher | null {
  if (assets === undefined || "fetch" in assets) return assets ?? null;
  return { ...DEFAULT_ROUTING, ...assets };
}

/** `onBrokenOff`: the body will not be read to its end; `onEnd`: nothing more is read of it. */
function responseOf(answer: Answer, onBrokenOff: () => void, onEnd: () => void): Response {
  const [status, statusText, flat, wireBody, , webSocket] = answer.result as WireResponse;
  const headers = new Headers();
  for (let index = 0; index < flat.length; index += 2)
    headers.append(flat[index] ?? "", flat[index + 1] ?? "");
  const end = () => {
    onEnd();
    answer.release();
  };
  if (webSocket !== undefined) {
    refuseClient(answer.context, webSocket);
    end();
    throw new UserError(
      "NO_RESPONSE",
      "The worker answered with a WebSocket, which fetch() of the library cannot hand over.",
      "Serve the worker with `worker run`, and connect a WebSocket client to it.",
    );
  }
  if (typeof wireBody !== "number") {
    end();
    return new Response(wireBody as string | Uint8Array<ArrayBuffer> | null, { status, statusText, headers });
  }
  const readable = answer.context.streams.take(wireBody);
  readable.once("close", () => {
    if (!readable.readableEnded) onBrokenOff();
    end();
  });
  return new Response(Readable.toWeb(readable) as ReadableStream, { status, statusText, headers });
}
