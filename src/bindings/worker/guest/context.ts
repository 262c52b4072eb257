/** The execution context: what a handler is given beside its event and the bindings. */
import { currentExecution, type Execution, waitUntil as extend } from "../../../guest/execution.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";

import { type Tracing, tracing } from "./tracing.ts";

const CONSTRUCT = Symbol("construct");

/** The third argument of a handler (https://developers.cloudflare.com/workers/runtime-apis/context/). */
export class ExecutionContext {
  readonly #execution: Execution;
  props: unknown = {};

  constructor(key: typeof CONSTRUCT, execution: Execution) {
    if (key !== CONSTRUCT) throw illegalConstructor();
    this.#execution = execution;
  }

  /** Keeps the event alive, after it has been answered, until the promise settles. */
  waitUntil(promise: unknown): void {
    if (!(#execution in this)) throw illegalInvocation();
    extend(this.#execution, promise);
  }

  /** Spans of the worker's own. */
  get tracing(): Tracing {
    if (!(#execution in this)) throw illegalInvocation();
    return tracing;
  }

  /** Accepted as on Cloudflare; there is no origin behind a local worker to pass through to. */
  passThroughOnException(): void {
    if (!(#execution in this)) throw illegalInvocation();
  }
}
exposeInterface(ExecutionContext, "ExecutionContext");

export function createExecutionContext(execution: Execution): ExecutionContext {
  return new ExecutionContext(CONSTRUCT, execution);
}

/** `waitUntil` of `cloudflare:workers`: that of the event on whose behalf the code runs. */
export function waitUntil(promise: unknown): void {
  const execution = currentExecution();
  if (execution === undefined) {
    throw new Error("waitUntil() can only be called while an event is handled, not in the global scope.");
  }
  extend(execution, promise);
}
