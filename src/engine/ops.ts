/** What an op's implementation on the host is given, and what a table of ops is. */
import type { StreamTable } from "../web/streams/host.ts";
import type { WireError } from "./wire.ts";

/** The event on whose behalf an op runs, as the op sees it. */
export interface OpContext {
  /** The event's id; 0 while the worker is being loaded. */
  readonly event: number;
  /** Aborted when the event is over or its isolate is gone: whatever the op holds must be let go. */
  readonly signal: AbortSignal;
  /** Keeps the event alive, answered or not, for a connection, until the returned function is called. */
  keepOpen(): () => void;
  /** Something new has come in, such as a message: the CPU time of the event counts anew. */
  renewCpuTime(): void;
  /** Byte streams across the boundary; those made here end with the event. */
  readonly streams: StreamTable;
  /** The host's object behind a binding, made by the binding's room. Throws when the worker has no such binding. */
  resource<T>(type: string, name: string): T;
  /** Counts one subrequest. Throws when the event has none left. */
  countSubrequest(): void;
  /** The event may still be answered though nothing but its client is left to wait for. */
  awaitClient(): void;
  /** Writes a line of the worker's console. */
  writeConsole(level: string, text: string): void;
  /** Logs an exception that nobody hears of. */
  reportUncaught(error: WireError, where: string): void;
  /** Milliseconds since the epoch. */
  now(): number;
}

/**
 * How an event ends: all of it is done, the worker has new code or is stopped, or its isolate was lost. The reason of
 * the aborted `signal`.
 */
export class EventEnd extends Error {
  readonly how: "done" | "replaced" | "stopped" | "lost";

  constructor(how: EventEnd["how"]) {
    super(`The event is over: ${how}.`);
    this.how = how;
  }
}

/** The host's side of a room's ops: the contract's functions with the context in front. */
export type HostOps<Ops> = {
  readonly [K in keyof Ops]: Ops[K] extends (...args: infer Args) => infer Result
    ? (context: OpContext, ...args: Args) => Result | Promise<Result>
    : never;
};

/** A table of ops whose types have been checked where it was put together. */
export type OpTable = Readonly<Record<string, (context: OpContext, ...args: never[]) => unknown>>;

/** An event's answer. `release` tells that nobody reads it any longer; until then the event lives. */
export interface Answer {
  readonly result: unknown;
  readonly context: OpContext;
  release(): void;
}

/**
 * Hands an event to a worker. `prepare` makes its arguments, with the context that owns what they refer to;
 * `onStart` is told how to let the worker know that whoever asked has gone away.
 */
export type Dispatch = (
  type: string,
  prepare: (context: OpContext) => readonly unknown[],
  onStart?: (abort: (reason: string) => void) => void,
) => Promise<Answer>;
