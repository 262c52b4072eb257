/**
 * Rejections that nobody handles, as QuickJS sees them.
 *
 * QuickJS has a hook for them (JS_SetHostPromiseRejectionTracker), which quickjs-emscripten does not pass on. The hook is
 * a field of the runtime, two words behind that of the interrupt handler; its value is a place in the instance's
 * function table. The table is not exported either: the build gives the binary an export of it (binary.ts).
 */
import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten-core";
import { allocate, type Internals, internalsOf, type Pointer } from "./internals.ts";

/** A module of one function, `(i32, i64, i64, i32, i32) → ()`: what is imported as `h.r` goes out as `r`, typed. */
const TRAMPOLINE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x09, 0x01, 0x60, 0x05, 0x7f, 0x7e, 0x7e, 0x7f, 0x7f,
  0x00, 0x02, 0x07, 0x01, 0x01, 0x68, 0x01, 0x72, 0x00, 0x00, 0x07, 0x05, 0x01, 0x01, 0x72, 0x00, 0x00,
]);

/** How much of the runtime's structure is searched for its handlers. */
const RUNTIME_BYTES = 2048;
/** Reported rejections that are remembered, so that a handler which comes late can be told. */
const MAX_REPORTED = 256;

interface Rejection {
  readonly promise: QuickJSHandle;
  readonly reason: QuickJSHandle;
}

/** Keeps account of one instance's rejections. */
export class RejectionTracker {
  readonly #vm: QuickJSContext;
  readonly #memory: WebAssembly.Memory;
  readonly #internals: Internals;
  /** Where a value is put to be taken over as a handle. */
  readonly #scratch: Pointer;
  /** Rejected and not handled, by the promise's value; in order. */
  readonly #unhandled = new Map<bigint, Rejection>();
  readonly #reported = new Map<bigint, Rejection>();
  readonly #handledLate: Rejection[] = [];

  /** Sets the hook. To be done before an image is taken or laid over, the same for each instance. */
  constructor(vm: QuickJSContext, memory: WebAssembly.Memory, table: WebAssembly.Table) {
    this.#vm = vm;
    this.#memory = memory;
    this.#internals = internalsOf(vm);
    this.#scratch = allocate(this.#internals.module, 8);
    const track = (_context: number, promise: bigint, reason: bigint, isHandled: number) => {
      if (isHandled === 0) this.#rejected(promise, reason);
      else this.#handled(promise);
    };
    const trampoline = new WebAssembly.Instance(new WebAssembly.Module(TRAMPOLINE), { h: { r: track } });
    const place = table.grow(1);
    table.set(place, trampoline.exports["r"] as never);
    new DataView(memory.buffer).setUint32(this.#hookAddress(), place, true);
  }

  /** The interrupt handler's field is the one that changes when a handler is set; ours is two words behind it. */
  #hookAddress(): number {
    const { runtime } = this.#vm;
    const start = this.#internals.rt.value;
    const words = () => new Uint32Array(this.#memory.buffer.slice(start, start + RUNTIME_BYTES));
    const before = words();
    runtime.setInterruptHandler(() => false);
    const during = words();
    runtime.removeInterruptHandler();
    const handler = during.findIndex((word, index) => word !== before[index]);
    if (handler < 0 || during[handler + 2] !== 0 || during[handler + 3] !== 0) {
      throw new TypeError("this build of QuickJS keeps its handlers elsewhere");
    }
    return start + (handler + 2) * 4;
  }

  #rejected(promise: bigint, reason: bigint): void {
    this.#unhandled.set(promise, { promise: this.#handle(promise), reason: this.#handle(reason) });
  }

  #handled(promise: bigint): void {
    const pending = this.#unhandled.get(promise);
    if (pending !== undefined) {
      this.#unhandled.delete(promise);
      dispose(pending);
      return;
    }
    const reported = this.#reported.get(promise);
    if (reported === undefined) return;
    this.#reported.delete(promise);
    this.#handledLate.push(reported);
  }

  #handle(value: bigint): QuickJSHandle {
    new DataView(this.#memory.buffer).setBigUint64(this.#scratch, BigInt.asUintN(64, value), true);
    const { ctx, ffi, memory } = this.#internals;
    return memory.heapValueHandle(ffi.QTS_DupValuePointer(ctx.value, this.#scratch));
  }

  /** Forgets rejections that somebody has heard of otherwise. */
  discard(): void {
    for (const rejection of this.#unhandled.values()) dispose(rejection);
    this.#unhandled.clear();
  }

  /** Hands over what a turn left: rejections that are still unhandled, and those that were handled too late. */
  settle(
    report: (kind: "unhandled" | "handled", promise: QuickJSHandle, reason: QuickJSHandle) => void,
  ): boolean {
    if (this.#unhandled.size === 0 && this.#handledLate.length === 0) return false;
    for (const rejection of this.#handledLate.splice(0)) {
      report("handled", rejection.promise, rejection.reason);
      dispose(rejection);
    }
    for (const [value, rejection] of [...this.#unhandled]) {
      this.#unhandled.delete(value);
      this.#reported.set(value, rejection);
      report("unhandled", rejection.promise, rejection.reason);
    }
    for (const [value, rejection] of this.#reported) {
      if (this.#reported.size <= MAX_REPORTED) break;
      this.#reported.delete(value);
      dispose(rejection);
    }
    return true;
  }
}

function dispose({ promise, reason }: Rejection): void {
  promise.dispose();
  reason.dispose();
}
