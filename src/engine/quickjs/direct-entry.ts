/**
 * A turn's way into QuickJS, by the functions of the WebAssembly module itself: a text goes in, the microtasks run.
 * quickjs-emscripten makes objects of each value on the way and arrays of each list of arguments (see host-functions.ts
 * for the way out).
 */
import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten-core";
import { allocate, type Internals, internalsOf, type Pointer } from "./internals.ts";

const ALL_JOBS = -1;
const LETTER_N = 0x6e;
/** One pointer in, and one out. */
const POINTERS_BYTES = 8;
/** A longer text has memory of its own, which is given back. */
const KEPT_TEXT_BYTES = 64 * 1024;

export class DirectEntry {
  readonly #inside: Internals;
  /** Taken when it is needed first: an image must not know of it. */
  #pointers: Pointer = 0;
  #textRoom: Pointer = 0;
  #memory: Buffer<ArrayBuffer> = Buffer.from(new ArrayBuffer(0));

  constructor(vm: QuickJSContext) {
    this.#inside = internalsOf(vm);
  }

  /** Calls a function of the guest's with a text that has no NUL. Returns the exception that it threw. */
  call(func: QuickJSHandle, self: QuickJSHandle, text: string): QuickJSHandle | undefined {
    const { ctx, ffi, memory } = this.#inside;
    const argument = this.#newString(text);
    const argv = this.#pointersRoom();
    this.#view().writeUInt32LE(argument, argv);
    const result = ffi.QTS_Call(ctx.value, func.value, self.value, 1, argv);
    const exception = ffi.QTS_ResolveException(ctx.value, result);
    ffi.QTS_FreeValuePointer(ctx.value, result);
    ffi.QTS_FreeValuePointer(ctx.value, argument);
    return exception === 0 ? undefined : memory.heapValueHandle(exception);
  }

  /** Runs microtasks until there are none, or one throws: returns its exception. */
  runJobs(): QuickJSHandle | undefined {
    const { ctx, rt, ffi, memory, module } = this.#inside;
    if (ffi.QTS_IsJobPending(rt.value) === 0) return undefined;
    const contextOut = this.#pointersRoom() + 4;
    this.#view().writeUInt32LE(0, contextOut);
    const result = ffi.QTS_ExecutePendingJob(rt.value, ALL_JOBS, contextOut);
    if (this.#view().readUInt32LE(contextOut) === 0) {
      ffi.QTS_FreeValuePointerRuntime(rt.value, result);
      return undefined;
    }
    // The number of jobs that ran, or what one of them has thrown.
    const type = ffi.QTS_Typeof(ctx.value, result);
    const isNumber = this.#view()[type] === LETTER_N;
    module._free(type);
    if (!isNumber) return memory.heapValueHandle(result);
    ffi.QTS_FreeValuePointer(ctx.value, result);
    return undefined;
  }

  #newString(text: string): Pointer {
    const { ctx, ffi, module } = this.#inside;
    // At most three bytes of UTF-8 for each unit of UTF-16, and a NUL behind them.
    const most = text.length * 3 + 1;
    const isShort = most <= KEPT_TEXT_BYTES;
    if (isShort) this.#textRoom ||= allocate(this.#inside.module, KEPT_TEXT_BYTES);
    const room = isShort ? this.#textRoom : allocate(this.#inside.module, most);
    const view = this.#view();
    view[room + view.write(text, room, most, "utf8")] = 0;
    const value = ffi.QTS_NewString(ctx.value, room);
    if (!isShort) module._free(room);
    return value;
  }

  #pointersRoom(): Pointer {
    this.#pointers ||= allocate(this.#inside.module, POINTERS_BYTES);
    return this.#pointers;
  }

  /** The instance's memory as it is now: what was seen of it is detached when it grows. */
  #view(): Buffer<ArrayBuffer> {
    const { buffer } = this.#inside.module.HEAPU8;
    if (this.#memory.buffer !== buffer) this.#memory = Buffer.from(buffer);
    return this.#memory;
  }
}
