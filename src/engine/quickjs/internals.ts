/** What of quickjs-emscripten's context and its WebAssembly module is needed here and not part of their public types. */
import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten-core";

export type Pointer = number;
type CallFunction = (ctx: Pointer, self: Pointer, argc: number, argv: Pointer, id: number) => Pointer;

export interface Internals {
  readonly ctx: { readonly value: Pointer };
  readonly rt: { readonly value: Pointer };
  readonly cToHostCallbacks: { callFunction: CallFunction };
  readonly runtime: { readonly hostRefs: { get(id: number): unknown } };
  readonly memory: { heapValueHandle(pointer: Pointer): QuickJSHandle };
  readonly module: {
    readonly HEAPU8: Uint8Array<ArrayBuffer>;
    _malloc(size: number): Pointer;
    _free(pointer: Pointer): void;
    lengthBytesUTF8(text: string): number;
    stringToUTF8(text: string, pointer: Pointer, size: number): void;
    UTF8ToString(pointer: Pointer): string;
  };
  readonly ffi: {
    QTS_ArgvGetJSValueConstPointer(argv: Pointer, index: number): Pointer;
    QTS_Call(ctx: Pointer, func: Pointer, self: Pointer, argc: number, argv: Pointer): Pointer;
    QTS_DupValuePointer(ctx: Pointer, value: Pointer): Pointer;
    QTS_ExecutePendingJob(rt: Pointer, most: number, contextOut: Pointer): Pointer;
    QTS_FreeCString(ctx: Pointer, text: Pointer): void;
    QTS_FreeValuePointer(ctx: Pointer, value: Pointer): void;
    QTS_FreeValuePointerRuntime(rt: Pointer, value: Pointer): void;
    QTS_GetFloat64(ctx: Pointer, value: Pointer): number;
    QTS_GetString(ctx: Pointer, value: Pointer): Pointer;
    QTS_IsJobPending(rt: Pointer): number;
    QTS_NewArrayBuffer(ctx: Pointer, bytes: Pointer, length: number): Pointer;
    QTS_NewFloat64(ctx: Pointer, value: number): Pointer;
    QTS_NewString(ctx: Pointer, text: Pointer): Pointer;
    QTS_ResolveException(ctx: Pointer, value: Pointer): Pointer;
    QTS_Typeof(ctx: Pointer, value: Pointer): Pointer;
  };
}

export function internalsOf(vm: QuickJSContext): Internals {
  return vm as unknown as Internals;
}

/** Memory of the module's own. Throws a RangeError where it has none left. */
export function allocate(module: Internals["module"], size: number): Pointer {
  const pointer = module._malloc(size);
  if (pointer === 0) throw new RangeError("out of memory");
  return pointer;
}
