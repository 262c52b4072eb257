/** QuickJS: each isolate is a WebAssembly instance in a worker thread of its own. */
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { builtFiles } from "../built-files.ts";
import type { Engine, Isolate, IsolateExit, IsolateHost, IsolateLimits } from "../engine.ts";
import { GuestError } from "../errors.ts";
import { compileCacheDirectory, readImage, writeImage } from "../image.ts";
import { linkedModules, type Program } from "../program.ts";
import { isGivenAway } from "../wire.ts";
import { type HostThread, HostThreads, type ThreadUser } from "./host-thread.ts";
import type { Image } from "./image.ts";
import type { Frame, FromThread, ToThread } from "./protocol.ts";
import { type StartedThread, startThread } from "./start-thread.ts";

/** Counts changes of the image's form, and of what an instance does before it is laid over. */
const IMAGE_VERSION = 5;

/**
 * How much code V8 executes (in bytes, roughly) before it compiles a function of QuickJS again, optimised: several times
 * its default. A short command would wait in vain for the optimised interpreter, and at its end for its compilation.
 */
const PATIENT_TIERING_BUDGET = 150_000_000;

export interface QuickJSOptions {
  /** The script that calls `serveIsolates` with the pure ops. */
  readonly threadUrl: URL;
  /** Whether most that is run takes a moment only. */
  readonly brief: boolean;
  /** A thread that was started already. */
  readonly thread?: StartedThread | undefined;
}

/** What all isolates of the engine share. */
interface Common {
  readonly threads: HostThreads;
  readonly guestPath: string;
  readonly imageKey: string;
  /** Compiled when the first thread is on its way. */
  readonly wasm: () => Promise<WebAssembly.Module>;
  /** Read when the first thread is on its way. */
  image: () => Image | undefined;
  readonly brief: boolean;
}

export function createQuickJSEngine({ threadUrl, brief, thread }: QuickJSOptions): Engine {
  const { guestPath, wasmPath, fingerprint } = builtFiles();
  const imageKey = `quickjs${IMAGE_VERSION}-${fingerprint}`;
  let wasm: Promise<WebAssembly.Module> | undefined;
  const common: Common = {
    threads: new HostThreads(() => startThread(threadUrl, compileCacheDirectory()), thread),
    guestPath,
    imageKey,
    wasm: () => (wasm ??= compile(wasmPath, brief)),
    image: () => {
      const image = readImage(imageKey);
      common.image = () => image;
      return image;
    },
    brief,
  };
  const spares = new Map<number, QuickJSIsolate>();
  const make = (limits: IsolateLimits) => new QuickJSIsolate(common, limits);
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
      const ending = [...spares.values()].map(spare => spare.terminate());
      spares.clear();
      await Promise.all([...ending, common.threads.close()]);
    },
  };
}

function compile(wasmPath: string, brief: boolean): Promise<WebAssembly.Module> {
  if (brief) setFlagsFromString(`--wasm-tiering-budget=${PATIENT_TIERING_BUDGET}`);
  return WebAssembly.compile(readFileSync(wasmPath));
}

/** How much of what a thread was given it tells the end of. */
function finishedBy(message: FromThread): number {
  if (message.kind === "out") return message.turns.length;
  return message.kind === "ready" || message.kind === "evaluated" ? 1 : 0;
}

class QuickJSIsolate implements Isolate, ThreadUser {
  readonly ready: Promise<void>;
  readonly #thread: HostThread;
  readonly #common: Common;
  #host: IsolateHost | undefined;
  #exited = false;
  #queue: Frame[] = [];
  /** What the thread has been given and has not told the end of: its opening, its loading, turns. */
  #unfinished = 1;
  #becomeReady!: () => void;
  #failToStart!: (error: Error) => void;
  #evaluated: ((error: GuestError | undefined) => void) | undefined;

  constructor(common: Common, { memoryBytes }: IsolateLimits) {
    this.#common = common;
    this.ready = new Promise((resolve, reject) => {
      this.#becomeReady = resolve;
      this.#failToStart = reject;
    });
    this.ready.catch(() => {});
    this.#thread = common.threads.take();
    this.#thread.user = this;
    common.wasm().then(
      wasm => {
        const { guestPath } = common;
        this.#send({ kind: "open", assets: { guestPath, memoryBytes, wasm, image: common.image() } });
      },
      (error: Error) => this.lost(error.message),
    );
  }

  attach(host: IsolateHost): void {
    this.#host = host;
  }

  load(program: Program): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#evaluated = error => (error === undefined ? resolve() : reject(error));
      this.#flush();
      this.#unfinished++;
      this.#send({ kind: "load", modules: linkedModules(program) });
    });
  }

  enter(text: string, bytes: readonly Uint8Array[]): void {
    if (this.#exited) return;
    this.#unfinished++;
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
    if (!this.#exited) this.#thread.send(message, moving);
  }

  receive(message: FromThread): void {
    this.#unfinished -= finishedBy(message);
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

  callSync(text: string, bytes: readonly Uint8Array[]): string | Uint8Array {
    return this.#host?.callSync(text, bytes) ?? "=";
  }

  lost(detail: string): void {
    this.#exit({ reason: "crashed", detail });
  }

  dispose(): void {
    // A short command ends with its isolate.
    if (this.#common.brief) this.#exit({ reason: "disposed" });
    // The thread may have told already that it is done.
    else this.#exit({ reason: "disposed" }, () => void setImmediate(() => this.#leave()));
  }

  /** A thread at rest may serve another isolate. What it is in the middle of can only be ended with it. */
  #leave(): void {
    if (this.#unfinished === 0) this.#common.threads.giveBack(this.#thread);
    else void this.#thread.terminate();
  }

  async terminate(): Promise<void> {
    this.#exit({ reason: "disposed" });
    await this.#thread.terminate();
  }

  #exit(exit: IsolateExit, letGo = () => void this.#thread.terminate()): void {
    if (this.#exited) return;
    this.#exited = true;
    letGo();
    const detail = exit.reason === "crashed" ? exit.detail : exit.reason;
    this.#failToStart(new Error(`the QuickJS thread did not start: ${detail}`));
    this.#evaluated?.(new GuestError({ name: "Error", message: detail }));
    this.#host?.onExit(exit);
  }
}
