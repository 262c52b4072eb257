/** QuickJS: each isolate is a WebAssembly instance in a worker thread of its own. */
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { MessageChannel, Worker } from "node:worker_threads";
import { builtFiles } from "../built-files.ts";
import type { Engine, Isolate, IsolateExit, IsolateHost, IsolateLimits } from "../engine.ts";
import { GuestError } from "../errors.ts";
import { compileCacheDirectory, readImage, writeImage } from "../image.ts";
import { linkedModules, type Program } from "../program.ts";
import { isGivenAway } from "../wire.ts";
import type { Image } from "./image.ts";
import type { Frame, FromThread, ThreadData, ToThread } from "./protocol.ts";

/** Counts changes of the image's form, and of what an instance does before it is laid over. */
const IMAGE_VERSION = 5;

/** Room for the native frames of deep guest recursion, so that it ends as a guest's RangeError. */
const THREAD_STACK_MEGABYTES = 32;

/**
 * How much code V8 executes (in bytes, roughly) before it compiles a function of QuickJS again, optimised: several times
 * its default. A short command would wait in vain for the optimised interpreter, and at its end for its compilation.
 */
const PATIENT_TIERING_BUDGET = 150_000_000;

export interface QuickJSOptions {
  /** The script that calls `serveIsolate` with the pure ops. */
  readonly threadUrl: URL;
  /** Whether most that is run takes a moment only. */
  readonly brief: boolean;
}

/** What all threads of the engine share. */
interface Common {
  readonly threadUrl: URL;
  readonly imageKey: string;
  /** Compiled when the first thread is on its way. */
  readonly wasm: () => Promise<WebAssembly.Module>;
  /** Read when the first thread is on its way. */
  image: () => Image | undefined;
}

export function createQuickJSEngine({ threadUrl, brief }: QuickJSOptions): Engine {
  const { guestPath, wasmPath, fingerprint } = builtFiles();
  const imageKey = `quickjs${IMAGE_VERSION}-${fingerprint}`;
  let wasm: Promise<WebAssembly.Module> | undefined;
  const common: Common = {
    threadUrl,
    imageKey,
    wasm: () => (wasm ??= compile(wasmPath, brief)),
    image: () => {
      const image = readImage(imageKey);
      common.image = () => image;
      return image;
    },
  };
  const spares = new Map<number, QuickJSIsolate>();
  const make = (limits: IsolateLimits) => new QuickJSIsolate(common, guestPath, limits);
  return {
    name: "quickjs",
    async open(limits, host) {
      const spare = spares.get(limits.memoryBytes);
      spares.delete(limits.memoryBytes);
      const isolate = spare ?? make(limits);
      isolate.attach(host);
      await isolate.ready;
      return isolate;
    },
    warm(limits) {
      if (spares.has(limits.memoryBytes)) return;
      const spare = make(limits);
      spares.set(limits.memoryBytes, spare);
      spare.ready.catch(() => spares.delete(limits.memoryBytes));
    },
    async close() {
      await Promise.all([...spares.values()].map(spare => spare.terminate()));
      spares.clear();
    },
  };
}

function compile(wasmPath: string, brief: boolean): Promise<WebAssembly.Module> {
  if (brief) setFlagsFromString(`--wasm-tiering-budget=${PATIENT_TIERING_BUDGET}`);
  return WebAssembly.compile(readFileSync(wasmPath));
}

class QuickJSIsolate implements Isolate {
  readonly ready: Promise<void>;
  readonly #thread: Worker;
  readonly #common: Common;
  #host: IsolateHost | undefined;
  #exited = false;
  #queue: Frame[] = [];
  #becomeReady!: () => void;
  #failToStart!: (error: Error) => void;
  #evaluated: ((error: GuestError | undefined) => void) | undefined;

  constructor(common: Common, guestPath: string, limits: IsolateLimits) {
    this.#common = common;
    this.ready = new Promise((resolve, reject) => {
      this.#becomeReady = resolve;
      this.#failToStart = reject;
    });
    this.ready.catch(() => {});
    const { port1, port2 } = new MessageChannel();
    const wake = new SharedArrayBuffer(4);
    port1.on("message", ([text, bytes]: Frame) => {
      port1.postMessage(this.#host?.callSync(text, bytes) ?? "=");
      Atomics.store(new Int32Array(wake), 0, 1);
      Atomics.notify(new Int32Array(wake), 0);
    });
    port1.unref();
    const data: ThreadData = {
      guestPath,
      memoryBytes: limits.memoryBytes,
      syncPort: port2 as unknown as MessagePort,
      wake,
    };
    this.#thread = new Worker(common.threadUrl, {
      name: "worker isolate",
      workerData: data,
      transferList: [port2],
      // Threads have a cache of compiled code only by their environment; they need nothing else of it.
      env: { NODE_COMPILE_CACHE: compileCacheDirectory() },
      trackUnmanagedFds: false,
      resourceLimits: { stackSizeMb: THREAD_STACK_MEGABYTES },
    });
    this.#thread.on("message", (message: FromThread) => this.#receive(message));
    this.#thread.on("error", (error: Error) => this.#exit({ reason: "crashed", detail: error.message }));
    this.#thread.on("exit", code =>
      this.#exit({ reason: "crashed", detail: `the thread ended with code ${code}` }),
    );
    common.wasm().then(
      wasm => this.#send({ kind: "open", assets: { wasm, image: common.image() } }),
      (error: Error) => this.#exit({ reason: "crashed", detail: error.message }),
    );
  }

  attach(host: IsolateHost): void {
    this.#host = host;
  }

  load(program: Program): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#evaluated = error => (error === undefined ? resolve() : reject(error));
      this.#flush();
      this.#send({ kind: "load", modules: linkedModules(program) });
    });
  }

  enter(text: string, bytes: readonly Uint8Array[]): void {
    if (this.#exited) return;
    this.#queue.push([text, bytes]);
    if (this.#queue.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    if (this.#queue.length === 0 || this.#exited) return;
    const frames = this.#queue;
    this.#queue = [];
    const moving = frames.flatMap(([, bytes]) => (bytes.length === 0 ? bytes : bytes.filter(isGivenAway)));
    this.#send(
      { kind: "turns", frames },
      [...new Set(moving)].map(bytes => bytes.buffer as ArrayBuffer),
    );
  }

  #send(message: ToThread, moving: readonly ArrayBuffer[] = []): void {
    this.#thread.postMessage(message, moving);
  }

  #receive(message: FromThread): void {
    if (this.#exited) return;
    switch (message.kind) {
      case "ready":
        if (message.image !== undefined) {
          const { image } = message;
          this.#common.image = () => image;
          void writeImage(this.#common.imageKey, image);
        }
        this.#becomeReady();
        break;
      case "evaluated":
        this.#evaluated?.(message.error && new GuestError(message.error));
        break;
      case "out":
        for (const [text, bytes] of message.frames) this.#host?.onMessages(text, bytes);
        for (const turn of message.turns) this.#host?.onTurnEnd(turn.cpuMilliseconds, turn.uncaught);
        break;
      case "exit":
        this.#exit(
          message.reason === "memory" ? { reason: "memory" } : { reason: "crashed", detail: message.detail },
        );
        break;
    }
  }

  /** The thread tells its CPU time at the end of each turn. */
  cpuTime(): undefined {
    return undefined;
  }

  dispose(): void {
    this.#exit({ reason: "disposed" });
  }

  async terminate(): Promise<void> {
    this.#exit({ reason: "disposed" });
    await this.#thread.terminate();
  }

  #exit(exit: IsolateExit): void {
    if (this.#exited) return;
    this.#exited = true;
    void this.#thread.terminate();
    const detail = exit.reason === "crashed" ? exit.detail : exit.reason;
    this.#failToStart(new Error(`the QuickJS thread did not start: ${detail}`));
    this.#evaluated?.(new GuestError({ name: "Error", message: detail }));
    this.#host?.onExit(exit);
  }
}
