/** V8, through isolated-vm: each isolate runs on a thread of isolated-vm's own pool. */
import type ivm from "isolated-vm";
import type { Engine, Isolate, IsolateExit, IsolateHost, IsolateLimits } from "../engine.ts";
import { GuestError, isOutOfMemory, toWireError } from "../errors.ts";
import {
  ENTRY_MODULE,
  LIBRARY_MODULE,
  LIBRARY_SOURCE,
  linkedModules,
  type Program,
  resolveModule,
} from "../program.ts";
import { isGivenAway, type WireError } from "../wire.ts";
import { useV8 } from "./flags.ts";
import { type GuestImage, loadGuestImage } from "./image.ts";
import { lookOut } from "./lookout.ts";
import { MemoryGuard } from "./memory-guard.ts";

type IsolatedVM = typeof ivm;

/** With more turns under way the host's thread is awake anyway. One that asks for something may end after it was answered. */
const FEW_TURNS = 2;
const BYTES_PER_MEGABYTE = 1024 * 1024;

export function createV8Engine(vm: IsolatedVM): Engine {
  useV8();
  const image = loadGuestImage(vm);
  const guard = new MemoryGuard();
  const spares = new Map<number, Promise<V8Isolate>>();
  const make = (limits: IsolateLimits) => V8Isolate.create(vm, limits, image, guard);
  return {
    name: "v8",
    async open(limits, host) {
      const spare = spares.get(limits.memoryBytes);
      spares.delete(limits.memoryBytes);
      const isolate = await (spare ?? make(limits));
      isolate.attach(host);
      return isolate;
    },
    warm(limits) {
      if (spares.has(limits.memoryBytes)) return;
      const spare = make(limits);
      spares.set(limits.memoryBytes, spare);
      spare.catch(() => spares.delete(limits.memoryBytes));
    },
    async close() {
      const ending = [...spares.values()].map(spare => spare.then(isolate => isolate.dispose()));
      spares.clear();
      await Promise.allSettled(ending);
      guard.stop();
    },
  };
}

/** Takes what the host needs of the library, whose name then leaves the global object. */
const SEAL = "(({ seal, enter }) => (seal(), enter))(__guest)";

function noImports(specifier: string): never {
  throw new SyntaxError(`No such module "${specifier}".`);
}

type Enter = (text: string, ...bytes: Uint8Array[]) => void;

/** What an isolate is put together from. */
interface Parts {
  readonly ExternalCopy: IsolatedVM["ExternalCopy"];
  readonly isolate: ivm.Isolate;
  readonly context: ivm.Context;
  readonly library: ivm.Module;
  readonly enter: ivm.Reference<Enter>;
}

class V8Isolate implements Isolate {
  readonly memoryBytes: number;
  readonly #isolate: ivm.Isolate;
  readonly #context: ivm.Context;
  readonly #library: ivm.Module;
  readonly #enter: ivm.Reference<Enter>;
  readonly #guard: MemoryGuard;
  readonly #ExternalCopy: IsolatedVM["ExternalCopy"];
  readonly #link: HostLink;
  #exited = false;
  #cpuAtTurnStart: number;

  private constructor(limits: IsolateLimits, parts: Parts, link: HostLink, guard: MemoryGuard) {
    this.memoryBytes = limits.memoryBytes;
    this.#guard = guard;
    this.#ExternalCopy = parts.ExternalCopy;
    this.#isolate = parts.isolate;
    this.#context = parts.context;
    this.#library = parts.library;
    this.#enter = parts.enter;
    this.#link = link;
    this.#cpuAtTurnStart = Number(parts.isolate.cpuTime) / 1e6;
  }

  /**
   * Nearly all of it runs on the isolate's own thread, beside whatever this one does, which has to be asked twice only: what
   * needs no answer is put into the isolate's queue at once.
   */
  static async create(
    vm: IsolatedVM,
    limits: IsolateLimits,
    image: GuestImage,
    guard: MemoryGuard,
  ): Promise<V8Isolate> {
    const isolate = new vm.Isolate({
      memoryLimit: Math.max(8, Math.ceil(limits.memoryBytes / BYTES_PER_MEGABYTE)),
      // V8 cannot go on after this, and process.exit() would wait for the failed isolate's thread for ever.
      onCatastrophicError: () => process.kill(process.pid, "SIGKILL"),
    });
    const link: HostLink = { host: undefined };
    const context = isolate.createContextSync();
    const [script, library] = await Promise.all([
      image.compile(isolate),
      isolate.compileModule(LIBRARY_SOURCE, { filename: LIBRARY_MODULE }),
      context.evalClosure("globalThis.__host = { post: $0, callSync: $1 };", [
        new vm.Callback((text: string, ...bytes: Uint8Array[]) => link.host?.onMessages(text, bytes), {
          ignored: true,
        }),
        new vm.Callback((text: string, ...bytes: Uint8Array[]) => link.host?.callSync(text, bytes)),
      ]),
    ]);
    const [, , , enter] = await Promise.all([
      script.run(context),
      library.instantiate(context, noImports),
      library.evaluate(),
      context.eval(SEAL, { reference: true }),
      image.keep(isolate),
    ]);
    return new V8Isolate(
      limits,
      { ExternalCopy: vm.ExternalCopy, isolate, context, library, enter },
      link,
      guard,
    );
  }

  get exited(): boolean {
    return this.#exited;
  }

  attach(host: IsolateHost): void {
    this.#link.host = host;
  }

  async load(program: Program): Promise<void> {
    const sources = linkedModules(program);
    const compiled = new Map([[LIBRARY_MODULE, Promise.resolve(this.#library)]]);
    const names = new Map<ivm.Module, string>();
    const compile = (name: string, importer: string): Promise<ivm.Module> => {
      let module = compiled.get(name);
      if (module === undefined) {
        const source = sources.get(name);
        if (source === undefined)
          throw new SyntaxError(`No such module "${name}", imported from "${importer}".`);
        module = this.#isolate.compileModule(source, { filename: name }).then(made => {
          names.set(made, name);
          return made;
        });
        compiled.set(name, module);
      }
      return module;
    };
    const linking = forgettable((specifier: string, referrer: ivm.Module) => {
      const importer = names.get(referrer) ?? "";
      return compile(resolveModule(specifier, importer), importer);
    });
    try {
      const entry = await compile(ENTRY_MODULE, "");
      await entry.instantiate(this.#context, linking.call);
      this.#guard.enter(this, this.#isolateIsBusy);
      await entry.evaluate();
    } catch (error) {
      if (this.#isolate.isDisposed) this.#exit(exitOf(error));
      throw new GuestError(wireOf(error));
    } finally {
      linking.forget();
      this.#guard.leave(this);
    }
  }

  readonly #isolateIsBusy = () => this.dispose("memory");

  enter(text: string, bytes: readonly Uint8Array[]): void {
    if (this.#exited) return;
    const turnsUnderWay = this.#guard.enter(this, this.#isolateIsBusy);
    const turn =
      bytes.length === 0
        ? this.#enter.apply(undefined, [text])
        : this.#enter.apply(undefined, [text, ...bytes.map(this.#movable)], { arguments: { copy: true } });
    turn.then(this.#turnEnded, this.#turnFailed);
    if (turnsUnderWay <= FEW_TURNS) lookOut();
  }

  /** Bytes as they enter the isolate: copied, unless they have been given away. */
  readonly #movable = (bytes: Uint8Array): Uint8Array => {
    if (!isGivenAway(bytes)) return bytes;
    const copy = new this.#ExternalCopy(bytes.buffer as ArrayBuffer, { transferOut: true });
    return copy.copyInto({ release: true, transferIn: true }) as unknown as Uint8Array;
  };

  readonly #turnEnded = () => {
    this.#guard.leave(this);
    this.#link.host?.onTurnEnd(this.#takeCpu(), undefined);
  };

  /** isolated-vm rejects a turn for what was left unhandled in it, and when the isolate is gone. */
  readonly #turnFailed = (error: unknown) => {
    this.#guard.leave(this);
    if (this.#isolate.isDisposed) this.#exit(exitOf(error));
    else this.#link.host?.onTurnEnd(this.#takeCpu(), wireOf(error));
  };

  #takeCpu(): number {
    const total = this.cpuTime();
    const used = total - this.#cpuAtTurnStart;
    this.#cpuAtTurnStart = total;
    return used;
  }

  cpuTime(): number {
    return this.#isolate.isDisposed ? this.#cpuAtTurnStart : Number(this.#isolate.cpuTime) / 1e6;
  }

  dispose(reason: "disposed" | "memory" = "disposed"): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
    this.#exit({ reason });
  }

  #exit(exit: IsolateExit): void {
    if (this.#exited) return;
    this.#exited = true;
    const { host } = this.#link;
    this.#link.host = undefined;
    host?.onExit(exit);
  }
}

/** Where the guest's messages go: an isolate is made before it is known whose it will be. */
interface HostLink {
  host: IsolateHost | undefined;
}

function exitOf(error: unknown): IsolateExit {
  const message = error instanceof Error ? error.message : String(error);
  return isOutOfMemory(message) ? { reason: "memory" } : { reason: "disposed" };
}

/** isolated-vm keeps the function that links modules for good, and with it whatever that refers to. */
function forgettable<Args extends unknown[], Result>(perform: (...args: Args) => Result) {
  let target: typeof perform | undefined = perform;
  return {
    call(...args: Args): Result {
      if (target === undefined) throw new TypeError("the modules have been linked");
      return target(...args);
    },
    forget() {
      target = undefined;
    },
  };
}

/** An error out of the isolate: its stack without the frames of the crossing, which are ours. */
function wireOf(error: unknown): WireError {
  if (!(error instanceof Error)) return { ...toWireError(error), thrown: true };
  const wire = toWireError(error);
  const stack = error.stack?.split("\n    at (<isolated-vm boundary>)")[0];
  return stack === undefined ? wire : { ...wire, stack };
}
