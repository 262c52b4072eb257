/** What passes between the host's thread and an isolate's thread. */
import type { WireError } from "../wire.ts";
import type { Image } from "./image.ts";

/** What a thread is started with. */
export interface ThreadData {
  /** Where the thread sends synchronous ops that it does not know; it sleeps on `wake` until the answer is there. */
  readonly syncPort: MessagePort;
  readonly wake: SharedArrayBuffer;
}

/** What an instance is made from. It follows by message, so that reading it and starting the thread overlap. */
export interface Assets {
  readonly guestPath: string;
  readonly memoryBytes: number;
  readonly wasm: WebAssembly.Module;
  /** The memory to start from (see image.ts); without it the thread evaluates the guest library and hands one back. */
  readonly image: Image | undefined;
}

export type Frame = readonly [text: string, bytes: readonly Uint8Array[]];

export type ToThread =
  | { readonly kind: "open"; readonly assets: Assets }
  | { readonly kind: "load"; readonly modules: ReadonlyMap<string, string> }
  | { readonly kind: "turns"; readonly frames: readonly Frame[] }
  /** The instance is done with: the next message opens another. */
  | { readonly kind: "close"; readonly collectGarbage: boolean };

export interface TurnReport {
  readonly cpuMilliseconds: number;
  readonly uncaught: WireError | undefined;
}

export type FromThread =
  | { readonly kind: "ready"; readonly image: Image | undefined }
  | { readonly kind: "evaluated"; readonly error: WireError | undefined }
  | { readonly kind: "out"; readonly frames: readonly Frame[]; readonly turns: readonly TurnReport[] }
  | { readonly kind: "exit"; readonly reason: "memory" | "crashed"; readonly detail: string };
