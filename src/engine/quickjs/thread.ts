/** An isolate's own thread: QuickJS in a WebAssembly instance of its own, driven by messages from the host's thread. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import quickjs from "@jitl/quickjs-wasmfile-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
} from "quickjs-emscripten-core";
import { monotonicNow } from "../../monotonic.ts";
import { readGuest } from "../built-files.ts";
import { isOutOfMemory } from "../errors.ts";
import { ENTRY_MODULE, LIBRARY_MODULE, LIBRARY_SOURCE, resolveModule } from "../program.ts";
import { answerSync, parseSyncRequest, type SyncOp } from "../sync-ops.ts";
import type { WireError } from "../wire.ts";
import { DirectEntry } from "./direct-entry.ts";
import { type HostCalls, installHostFunctions, wholeBuffer } from "./host-functions.ts";
import { fitsImage, type Image, imageMemoryBytes, restoreImage, takeImage } from "./image.ts";
import type { Assets, Frame, FromThread, ThreadData, ToThread, TurnReport } from "./protocol.ts";
import { RejectionTracker } from "./rejections.ts";

const WASM_PAGE_BYTES = 65536;
/** What an instance needs before anything runs in it. */
const INITIAL_BYTES = 16 * 1024 * 1024;
/** Deep enough for real programs; far less than the thread's own stack. */
const GUEST_STACK_BYTES = 1024 * 1024;
/** How long finished turns may wait for those behind them before their messages leave. */
const COALESCE_MS = 0.5;
/** How long the thread looks out for the next message before it sleeps. */
const LOOKOUT_MS = 0.05;

/** Serves isolates on this thread, one after the other. `pures`: the synchronous ops that need nothing but their arguments. */
export function serveIsolates(pures: Readonly<Record<string, SyncOp>>): void {
  const data = workerData as ThreadData;
  const port = parentPort as MessagePort;
  const report = (message: FromThread) => port.postMessage(message, transfersOf(message));
  hideProgram();
  let opening: Promise<void> | undefined;
  let isolate: ThreadIsolate | undefined;
  const receive = (message: ToThread): void => {
    switch (message.kind) {
      case "open":
        opening = ThreadIsolate.open(data, message.assets, pures, report).then(
          opened => {
            isolate = opened;
          },
          error => report(exitMessage(error)),
        );
        break;
      case "close":
        opening = isolate = undefined;
        if (message.collectGarbage) collectGarbage();
        break;
      default:
        if (isolate !== undefined) isolate.receive(message);
        else void opening?.then(() => isolate?.receive(message));
    }
  };
  port.on("message", (message: ToThread) => {
    for (let next: ToThread | undefined = message; next !== undefined; next = nextMessage(port))
      receive(next);
  });
}

/**
 * The next message, if it comes soon: most of what the guest waits for takes the host less time than it takes the system
 * to wake a thread, which costs no less of the processor than looking out does.
 */
function nextMessage(port: MessagePort): ToThread | undefined {
  const until = monotonicNow() + LOOKOUT_MS;
  do {
    const received = receiveMessageOnPort(port) as { message: ToThread } | undefined;
    if (received !== undefined) return received.message;
  } while (monotonicNow() < until);
  return undefined;
}

let collect: (() => void) | undefined;

/** An instance's memory goes when its last object does: V8, which sees a small heap, would take its time. */
function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
    setFlagsFromString("--no-expose-gc");
  }
  collect();
}

/**
 * Emscripten copies the program's name and language into the instance's memory as its environment. An image must not
 * depend on how it came to be taken.
 */
function hideProgram(): void {
  process.argv.length = 1;
  Object.defineProperty(globalThis, "navigator", { value: undefined, configurable: true });
}

/** The bytes of outgoing frames are copies that nobody else holds: they move instead of being copied again. */
function transfersOf(message: FromThread): ArrayBuffer[] {
  if (message.kind !== "out") return [];
  return message.frames.flatMap(([, bytes]) => bytes.map(buffer => buffer.buffer as ArrayBuffer));
}

class ThreadIsolate {
  readonly #growth: Growth;
  readonly #runtime: QuickJSRuntime;
  readonly #vm: QuickJSContext;
  readonly #report: (message: FromThread) => void;
  readonly #rejections: RejectionTracker;
  #enter: QuickJSHandle;
  #settleRejection: QuickJSHandle;
  #frames: Frame[] = [];
  #turns: TurnReport[] = [];
  #lastReport = 0;
  readonly #direct: DirectEntry;
  #cpuMicroseconds = 0;

  private constructor(
    growth: Growth,
    vm: QuickJSContext,
    rejections: RejectionTracker,
    report: (message: FromThread) => void,
  ) {
    this.#growth = growth;
    this.#rejections = rejections;
    this.#settleRejection = vm.undefined;
    this.#vm = vm;
    this.#runtime = vm.runtime;
    this.#report = report;
    this.#enter = vm.undefined;
    this.#direct = new DirectEntry(vm);
  }

  static async open(
    data: ThreadData,
    assets: Assets,
    pures: Readonly<Record<string, SyncOp>>,
    report: (message: FromThread) => void,
  ): Promise<ThreadIsolate> {
    const { wasm } = assets;
    const base = assets.image === undefined ? INITIAL_BYTES : imageMemoryBytes(assets.image);
    const initial = Math.max(base, INITIAL_BYTES) / WASM_PAGE_BYTES;
    // The only limit that QuickJS cannot get around: its own accounting does not see all that is allocated.
    const maximum = initial + Math.ceil(assets.memoryBytes / WASM_PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial, maximum });
    const growth = watchGrowth(memory);
    let instance: WebAssembly.Instance | undefined;
    const instantiateWasm = (imports: object, onSuccess: (instance: WebAssembly.Instance) => void) => {
      instance = new WebAssembly.Instance(wasm, imports as Record<string, unknown>);
      onSuccess(instance);
      return instance.exports;
    };
    const module = await newQuickJSWASMModuleFromVariant(
      newVariant(quickjs.default, { wasmMemory: memory, emscriptenModule: { instantiateWasm } as object }),
    );
    const vm = module.newContext();
    const rejections = new RejectionTracker(vm, memory, instance?.exports["table"] as WebAssembly.Table);
    const isolate = new ThreadIsolate(growth, vm, rejections, report);
    const landmark = installHostFunctions(vm, isolate.#hostCalls(data, pures));
    let image: Image | undefined;
    if (assets.image === undefined || !fitsImage(assets.image, landmark)) {
      vm.unwrapResult(vm.evalCode(readGuest(assets), "worker:guest")).dispose();
      vm.unwrapResult(vm.evalCode(LIBRARY_SOURCE, LIBRARY_MODULE, { type: "module" })).dispose();
      vm.runtime.executePendingJobs();
      image = takeImage(memory, landmark);
    } else {
      restoreImage(assets.image, memory);
    }
    vm.runtime.setMaxStackSize(GUEST_STACK_BYTES);
    const guest = vm.getProp(vm.global, "__guest");
    isolate.#enter = vm.getProp(guest, "enter");
    isolate.#settleRejection = vm.getProp(guest, "settleRejection");
    vm.unwrapResult(vm.getProp(guest, "seal").consume(seal => vm.callFunction(seal, vm.undefined))).dispose();
    guest.dispose();
    isolate.#takeCpu();
    report({ kind: "ready", image });
    return isolate;
  }

  /** What the guest's primitives do. Ops that need nothing but their arguments are answered here. */
  #hostCalls(data: ThreadData, pures: Readonly<Record<string, SyncOp>>): HostCalls {
    return {
      post: (text, bytes) => {
        this.#frames.push([text, bytes.map(copyOf)]);
      },
      callSync: (text, bytes) => {
        const { op, args } = parseSyncRequest(text, bytes);
        const pure = pures[op];
        if (pure === undefined) return askHost(data, [text, bytes.map(copyOf)]);
        return answerSync(() => (pure as (...args: unknown[]) => unknown)(...args));
      },
    };
  }

  receive(message: Extract<ToThread, { kind: "load" | "turns" }>): void {
    // What the thread has done since the last turn was no event's work.
    this.#takeCpu();
    try {
      if (message.kind === "load") this.#load(message.modules);
      else for (const frame of message.frames) this.#turn(frame);
    } catch (error) {
      // QuickJS may run into the memory that it was refused before it notices.
      this.#report(exitMessage(this.#growth.refused ? new RangeError("out of memory") : error));
      process.exit();
    }
    this.#flush();
  }

  #load(modules: ReadonlyMap<string, string>): void {
    this.#runtime.setModuleLoader(
      name => modules.get(name) ?? { error: new SyntaxError(`No such module "${name}".`) },
      (importer, specifier) => resolveModule(specifier, importer),
    );
    const result = this.#vm.evalCode(modules.get(ENTRY_MODULE) ?? "", ENTRY_MODULE, { type: "module" });
    this.#drainJobs();
    if (this.#growth.refused) throw new RangeError("out of memory");
    let error = result.error?.consume(handle => this.#errorOf(handle));
    if (result.error === undefined) {
      const state = this.#vm.getPromiseState(result.value);
      if (state.type === "rejected") error = state.error.consume(handle => this.#errorOf(handle));
      result.value.dispose();
    }
    // What the modules threw is the answer to the load, and not a rejection that nobody handles.
    if (error !== undefined) this.#rejections.discard();
    const uncaught = this.#runJobs();
    this.#takeCpu();
    this.#flush();
    this.#report({ kind: "evaluated", error: error ?? uncaught });
  }

  #turn([text, bytes]: Frame): void {
    const error = bytes.length === 0 ? this.#enterWith(text) : this.#enterWithBytes(text, bytes);
    let uncaught = error?.consume(handle => this.#errorOf(handle));
    uncaught = this.#runJobs() ?? uncaught;
    this.#turns.push({ cpuMilliseconds: this.#takeCpu(), uncaught });
    if (this.#growth.refused) throw new RangeError("out of memory");
    if (monotonicNow() - this.#lastReport > COALESCE_MS) this.#flush();
  }

  #enterWith(text: string): QuickJSHandle | undefined {
    return this.#direct.call(this.#enter, this.#vm.undefined, text);
  }

  #enterWithBytes(text: string, bytes: readonly Uint8Array[]): QuickJSHandle | undefined {
    const vm = this.#vm;
    const args = [vm.newString(text), ...bytes.map(buffer => vm.newArrayBuffer(wholeBuffer(buffer)))];
    const result = vm.callFunction(this.#enter, vm.undefined, args);
    for (const handle of args) handle.dispose();
    if (result.error !== undefined) return result.error;
    result.value.dispose();
    return undefined;
  }

  /** CPU time of this thread since it was asked for last, in milliseconds. */
  #takeCpu(): number {
    const { user, system } = process.threadCpuUsage();
    const used = user + system - this.#cpuMicroseconds;
    this.#cpuMicroseconds += used;
    return used / 1000;
  }

  /** Runs the guest's microtasks dry. */
  #drainJobs(): WireError | undefined {
    let uncaught: WireError | undefined;
    for (;;) {
      const error = this.#direct.runJobs();
      if (error === undefined) return uncaught;
      uncaught = error.consume(handle => this.#errorOf(handle));
    }
  }

  /** Runs the guest's microtasks dry, and those that its listeners for rejections start. */
  #runJobs(): WireError | undefined {
    const vm = this.#vm;
    let uncaught: WireError | undefined;
    for (let round = 0; ; round++) {
      uncaught = this.#drainJobs() ?? uncaught;
      const more = this.#rejections.settle((kind, promise, reason) => {
        if (round > 0) {
          // What comes of telling the guest is not told to it again: it might go on for ever.
          if (kind === "unhandled") uncaught = this.#errorOf(reason);
          return;
        }
        using told = vm.newString(kind);
        const result = vm.callFunction(this.#settleRejection, vm.undefined, [told, promise, reason]);
        if (result.error === undefined) result.value.dispose();
        else uncaught = result.error.consume(handle => this.#errorOf(handle));
      });
      if (!more) return uncaught;
    }
  }

  #errorOf(handle: QuickJSHandle): WireError {
    const dumped = this.#vm.dump(handle) as unknown;
    if (typeof dumped !== "object" || dumped === null || !("message" in dumped)) {
      return { name: "Error", message: String(dumped), thrown: true };
    }
    const { name, message, stack } = dumped as { name?: unknown; message: unknown; stack?: unknown };
    const wire = { name: String(name ?? "Error"), message: String(message) };
    if (isOutOfMemory(wire.message)) throw new RangeError("out of memory");
    return typeof stack === "string" ? { ...wire, stack } : wire;
  }

  #flush(): void {
    this.#lastReport = monotonicNow();
    if (this.#frames.length === 0 && this.#turns.length === 0) return;
    this.#report({ kind: "out", frames: this.#frames, turns: this.#turns });
    this.#frames = [];
    this.#turns = [];
  }
}

interface Growth {
  /** The last request for more memory was refused. */
  refused: boolean;
}

/**
 * Notices when the limit of memory was met. The guest sees an exception that it may catch; but what it was doing, and
 * whatever else it holds, has failed by then.
 */
function watchGrowth(memory: WebAssembly.Memory): Growth {
  const growth: Growth = { refused: false };
  const grow = memory.grow.bind(memory);
  memory.grow = pages => {
    growth.refused = true;
    const before = grow(pages);
    growth.refused = false;
    return before;
  };
  return growth;
}

/** Puts a synchronous op to the host's thread, and sleeps until it has answered. */
function askHost({ syncPort, wake }: ThreadData, frame: Frame): string | Uint8Array {
  const flag = new Int32Array(wake);
  Atomics.store(flag, 0, 0);
  syncPort.postMessage(frame);
  Atomics.wait(flag, 0, 0);
  const answer = receiveMessageOnPort(syncPort as unknown as MessagePort) as { message: string | Uint8Array };
  return answer.message;
}

const copyOf = (bytes: Uint8Array) => new Uint8Array(bytes);

function exitMessage(error: unknown): FromThread {
  const detail = error instanceof Error ? error.message : String(error);
  return { kind: "exit", reason: isOutOfMemory(detail) ? "memory" : "crashed", detail };
}
