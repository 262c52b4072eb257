/** The seam between the program and the engines. Nothing outside src/engine knows which engine it talks to. */
import type { Program } from "./program.ts";
import type { WireError } from "./wire.ts";

export type EngineName = "quickjs" | "v8";

export interface IsolateLimits {
  /** Bytes that the isolate may hold: heap, strings and buffers together. */
  readonly memoryBytes: number;
}

/** Why an isolate is gone for good. */
export type IsolateExit =
  | { readonly reason: "memory" }
  /** Ended by `dispose`. */
  | { readonly reason: "disposed" }
  /** The engine itself failed. */
  | { readonly reason: "crashed"; readonly detail: string };

/** What an isolate calls on. All calls come on the thread that opened it. */
export interface IsolateHost {
  /** Messages from the guest: a JSON array of them and the bytes that belong to them, in order. */
  onMessages(text: string, bytes: readonly Uint8Array[]): void;
  /** A synchronous op that the isolate's own thread does not answer; see guest/host.ts for the answer's form. */
  callSync(text: string, bytes: readonly Uint8Array[]): string | Uint8Array;
  /** The oldest unfinished turn is over, its microtasks included. `uncaught`: rejections that nobody handled in it. */
  onTurnEnd(cpuMilliseconds: number, uncaught: WireError | undefined): void;
  /** The isolate is gone; nothing more comes from it. Called once. */
  onExit(exit: IsolateExit): void;
}

/** One running instance of a worker. */
export interface Isolate {
  /** Evaluates the program's modules. Rejects with a GuestError when they cannot be linked or throw. */
  load(program: Program): Promise<void>;
  /** Starts a turn: hands one message to the guest. Turns run one after another, in the order of the calls. */
  enter(text: string, bytes: readonly Uint8Array[]): void;
  /** CPU time used so far, in milliseconds; undefined where the engine can tell only at the end of a turn. */
  cpuTime(): number | undefined;
  /** Ends the isolate, even in the middle of a turn. */
  dispose(): void;
}

export interface Engine {
  readonly name: EngineName;
  /** A fresh isolate with the guest library in it and no worker yet. */
  open(limits: IsolateLimits, host: IsolateHost): Promise<Isolate>;
  /** Prepares the next `open` with the same limits, so that it costs no waiting. */
  warm(limits: IsolateLimits): void;
  close(): Promise<void>;
}
