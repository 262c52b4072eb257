/** What an event owns inside the guest: its `waitUntil` promises and what hears of its end. */

import { SafeMap } from "./collections.ts";
import { describeError } from "./errors.ts";
import { currentEvent } from "./event-context.ts";
import { notify, send } from "./host.ts";
import { PromiseResolve, PromiseThen } from "./primordials.ts";

export interface Execution {
  readonly id: number;
  /** Promises given to `waitUntil` that have not settled. */
  waiting: number;
  /** What keeps the event alive beside them, such as open sockets. */
  open: number;
  /** What waits for `waiting` to be 0. */
  onRest: (() => void)[] | undefined;
  /** True when the handler has answered. */
  answered: boolean;
  /** Called when the client has gone away. */
  onAbort: ((reason: string) => void) | undefined;
  /** Set where the event's outcome includes its `waitUntil` promises: called as each of them settles. */
  onSettled: ((rejection?: { readonly reason: unknown }) => void) | undefined;
}

const executions = new SafeMap<number, Execution>();

export function beginExecution(id: number): Execution {
  const execution: Execution = {
    id,
    waiting: 0,
    open: 0,
    onRest: undefined,
    answered: false,
    onAbort: undefined,
    onSettled: undefined,
  };
  executions.set(id, execution);
  return execution;
}

/** The handler has answered. Returns whether `waitUntil` promises keep the event alive. */
export function endExecution(execution: Execution): boolean {
  execution.answered = true;
  if (execution.waiting > 0) return true;
  if (execution.open === 0) executions.delete(execution.id);
  return false;
}

/**
 * Tells that the event goes on, whatever becomes of its handler and its promises, until the returned function is
 * called. That calls `onRest` as soon as no promise given to `waitUntil` is pending.
 */
export function keepOpen(execution: Execution, onRest: () => void): () => void {
  execution.open++;
  return () => {
    const end = () => {
      execution.open--;
      onRest();
      if (execution.answered && execution.waiting === 0 && execution.open === 0)
        executions.delete(execution.id);
    };
    if (execution.waiting === 0) return end();
    execution.onRest ??= [];
    execution.onRest.push(end);
  };
}

export function abortExecution(id: number, reason: string): void {
  executions.get(id)?.onAbort?.(reason);
}

/** The execution that the running code belongs to; undefined while the worker is being loaded. */
export function currentExecution(): Execution | undefined {
  return executions.get(currentEvent());
}

/** Keeps the event alive until the promise settles; a rejection is logged, and changes nothing else. */
export function waitUntil(execution: Execution, promise: unknown): void {
  execution.waiting++;
  PromiseThen(
    PromiseResolve(promise),
    () => release(execution),
    error => {
      if (execution.onSettled === undefined) notify("event.uncaught", describeError(error), "waitUntil");
      release(execution, { reason: error });
    },
  );
}

function release(execution: Execution, rejection?: { readonly reason: unknown }): void {
  execution.waiting--;
  execution.onSettled?.(rejection);
  if (execution.waiting > 0) return;
  if (execution.answered) send(["waited", execution.id], []);
  const { onRest } = execution;
  execution.onRest = undefined;
  for (let index = 0; onRest !== undefined && index < onRest.length; index++) onRest[index]?.();
  if (execution.answered && execution.open === 0) executions.delete(execution.id);
}
