/**
 * The guest's primitives on QuickJS.
 *
 * quickjs-emscripten wraps each value of a call in a handle, which costs more than most ops do. So there are direct
 * functions beside the ones made with it: they take a text and the lengths of bytes that lie in memory of both sides.
 */
import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten-core";
import { allocate, type Internals, internalsOf, type Pointer } from "./internals.ts";

/** What the host does when it is called. The bytes hold until it returns: they may be the guest's own memory. */
export interface HostCalls {
  post(text: string, bytes: readonly Uint8Array[]): void;
  callSync(text: string, bytes: readonly Uint8Array[]): string | Uint8Array;
}

/** Most of what crosses is far less. */
const SHARED_BYTES = 64 * 1024;

/**
 * Puts the primitives on the global object. An image holds them by number: they must be made first and in this order.
 * Returns an address that all allocations before it have a share in.
 */
export function installHostFunctions(vm: QuickJSContext, calls: HostCalls): number {
  const direct = new DirectCalls(vm, calls);
  using host = vm.newObject();
  using shared = vm.newObject();
  define(vm, host, {
    post: vm.newFunction("post", (text, ...handles) => {
      calls.post(
        vm.getString(text),
        handles.map(handle => bytesOf(vm, handle)),
      );
    }),
    callSync: vm.newFunction("callSync", (text, ...handles) => {
      const bytes = handles.map(handle => bytesOf(vm, handle));
      const answer = calls.callSync(vm.getString(text), bytes);
      return typeof answer === "string" ? vm.newString(answer) : vm.newArrayBuffer(wholeBuffer(answer));
    }),
  });
  define(vm, shared, {
    memory: direct.memory,
    post: direct.function("post", direct.post),
    callSync: direct.function("callSync", direct.callSync),
  });
  vm.setProp(host, "shared", shared);
  vm.setProp(vm.global, "__host", host);
  return host.value;
}

function define(vm: QuickJSContext, object: QuickJSHandle, members: Record<string, QuickJSHandle>): void {
  for (const [name, member] of Object.entries(members)) {
    vm.setProp(object, name, member);
    member.dispose();
  }
}

/** A copy of the bytes of an ArrayBuffer or a Uint8Array of the guest's. */
function bytesOf(vm: QuickJSContext, handle: QuickJSHandle): Uint8Array {
  using buffer = vm.getProp(handle, "buffer");
  const offset = vm.getProp(handle, "byteOffset").consume(vm.getNumber);
  const length = vm.getProp(handle, "byteLength").consume(vm.getNumber);
  using view = vm.getArrayBuffer(buffer);
  return Uint8Array.prototype.slice.call(view.value, offset, offset + length);
}

/** The buffer of bytes, without what else may lie in it. */
export function wholeBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer
    ? bytes.buffer
    : new Uint8Array(bytes).buffer;
}

const NO_BYTES: readonly Uint8Array[] = [];

type Direct = (argc: number, argv: Pointer) => Pointer;

class DirectCalls {
  /** The shared memory, as an ArrayBuffer of the guest's. */
  readonly memory: QuickJSHandle;
  readonly #address: Pointer;
  readonly #inside: Internals;
  readonly #vm: QuickJSContext;
  readonly #calls: HostCalls;
  readonly #functions = new Map<unknown, Direct>();

  constructor(vm: QuickJSContext, calls: HostCalls) {
    const inside = internalsOf(vm);
    this.#vm = vm;
    this.#inside = inside;
    this.#calls = calls;
    this.#address = allocate(inside.module, SHARED_BYTES);
    inside.module.HEAPU8.fill(0, this.#address, this.#address + SHARED_BYTES);
    const pointer = inside.ffi.QTS_NewArrayBuffer(inside.ctx.value, this.#address, SHARED_BYTES);
    this.memory = inside.memory.heapValueHandle(pointer);
    const { callFunction } = inside.cToHostCallbacks;
    inside.cToHostCallbacks.callFunction = (ctx, self, argc, argv, id) => {
      const direct = this.#functions.get(inside.runtime.hostRefs.get(id));
      return direct === undefined ? callFunction(ctx, self, argc, argv, id) : direct(argc, argv);
    };
  }

  /** Registers a function under an identity of its own, by which its calls are told from others. */
  function(name: string, direct: Direct): QuickJSHandle {
    const identity = () => undefined;
    this.#functions.set(identity, direct);
    return this.#vm.newFunction(name, identity);
  }

  readonly post: Direct = (argc, argv) => {
    this.#calls.post(this.#text(argv), this.#bytes(argc, argv));
    return 0;
  };

  readonly callSync: Direct = (argc, argv) => {
    const answer = this.#calls.callSync(this.#text(argv), this.#bytes(argc, argv));
    const { ffi, module, ctx } = this.#inside;
    if (typeof answer === "string") return this.#newString(answer);
    if (answer.length <= SHARED_BYTES) {
      module.HEAPU8.set(answer, this.#address);
      return ffi.QTS_NewFloat64(ctx.value, answer.length);
    }
    const copy = allocate(module, answer.length);
    module.HEAPU8.set(answer, copy);
    return ffi.QTS_NewArrayBuffer(ctx.value, copy, answer.length);
  };

  #text(argv: Pointer): string {
    const { ffi, module, ctx } = this.#inside;
    const pointer = ffi.QTS_GetString(ctx.value, ffi.QTS_ArgvGetJSValueConstPointer(argv, 0));
    const text = module.UTF8ToString(pointer);
    ffi.QTS_FreeCString(ctx.value, pointer);
    return text;
  }

  #newString(text: string): Pointer {
    const { ffi, module, ctx } = this.#inside;
    const size = module.lengthBytesUTF8(text) + 1;
    const pointer = allocate(module, size);
    module.stringToUTF8(text, pointer, size);
    const value = ffi.QTS_NewString(ctx.value, pointer);
    module._free(pointer);
    return value;
  }

  /** The arguments after the text: lengths of bytes that lie one after the other. */
  #bytes(argc: number, argv: Pointer): readonly Uint8Array[] {
    if (argc === 1) return NO_BYTES;
    const { ffi, module, ctx } = this.#inside;
    const end = this.#address + SHARED_BYTES;
    const bytes: Uint8Array[] = [];
    let from = this.#address;
    for (let index = 1; index < argc; index++) {
      const length = ffi.QTS_GetFloat64(ctx.value, ffi.QTS_ArgvGetJSValueConstPointer(argv, index));
      const to = Math.min(from + length, end);
      bytes.push(module.HEAPU8.subarray(from, to));
      from = to;
    }
    return bytes;
  }
}
