/**
 * Spans of a worker's own (https://developers.cloudflare.com/workers/observability/traces/). Nothing collects traces
 * here, and so, as on workerd when no one does, spans are entered and left but not traced.
 */
import { currentExecution } from "../../../guest/execution.ts";
import {
  DOMString,
  exposeInterface,
  illegalConstructor,
  illegalInvocation,
  object,
  requireArguments,
  callback as toCallback,
} from "../../../guest/webidl.ts";

type Callback = (...args: unknown[]) => unknown;

const CONSTRUCTION = Symbol("construction");
const STATUS_CODES = ["unset", "ok", "error"];
const UNTRACED = { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 };

let isSpan: (value: unknown) => value is Span;

class Span {
  readonly #brand = true;

  static {
    isSpan = (value): value is Span => typeof value === "object" && value !== null && #brand in value;
  }

  constructor(token: typeof CONSTRUCTION) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
  }

  get isTraced(): boolean {
    if (!(#brand in this)) throw illegalInvocation();
    return false;
  }

  spanContext(): object {
    if (!(#brand in this)) throw illegalInvocation();
    return { ...UNTRACED };
  }

  setAttribute(key: string, _value: unknown): this {
    if (!(#brand in this)) throw illegalInvocation();
    requireArguments(arguments.length, 2, "Failed to execute 'setAttribute' on 'Span'");
    DOMString(key, "Failed to execute 'setAttribute' on 'Span': parameter 1");
    return this;
  }

  setAttributes(attributes: object): this {
    if (!(#brand in this)) throw illegalInvocation();
    object(attributes, "Failed to execute 'setAttributes' on 'Span': parameter 1");
    return this;
  }

  recordException(_exception: unknown): void {
    if (!(#brand in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'recordException' on 'Span'");
  }

  updateName(name: string): this {
    if (!(#brand in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'updateName' on 'Span'");
    DOMString(name, "Failed to execute 'updateName' on 'Span': parameter 1");
    return this;
  }

  setStatus(status: { readonly code: string }): this {
    if (!(#brand in this)) throw illegalInvocation();
    const { code } = object(status, "Failed to execute 'setStatus' on 'Span': parameter 1") as typeof status;
    if (!STATUS_CODES.includes(code)) {
      throw new TypeError("Span status code must be 'unset', 'ok', or 'error'.");
    }
    return this;
  }

  end(): void {
    if (!(#brand in this)) throw illegalInvocation();
  }
}
exposeInterface(Span, "Span");

/** The span of the event itself. */
const eventSpan = new Span(CONSTRUCTION);
let active = eventSpan;

function within(span: Span, callback: Callback, args: unknown[]): unknown {
  const before = active;
  active = span;
  try {
    return callback(...args);
  } finally {
    active = before;
  }
}

class Tracing {
  readonly #brand = true;

  constructor(token: typeof CONSTRUCTION) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
  }

  /** Calls `callback` with a new span, which ends when what it returns has settled. */
  enterSpan(name: string, callback: Callback, ...args: unknown[]): unknown {
    if (!(#brand in this)) throw illegalInvocation();
    return startAround("enterSpan", name, callback, args);
  }

  startActiveSpan(name: string, callback: Callback, ...args: unknown[]): unknown {
    if (!(#brand in this)) throw illegalInvocation();
    return startAround("startActiveSpan", name, callback, args);
  }

  startSpan(name: string): Span {
    if (!(#brand in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "Failed to execute 'startSpan' on 'Tracing'");
    DOMString(name, "Failed to execute 'startSpan' on 'Tracing': parameter 1");
    return new Span(CONSTRUCTION);
  }

  getActiveSpan(): Span | undefined {
    if (!(#brand in this)) throw illegalInvocation();
    return currentExecution() === undefined ? undefined : active;
  }

  withActiveSpan(span: Span, callback: Callback, ...args: unknown[]): unknown {
    if (!(#brand in this)) throw illegalInvocation();
    const where = "Failed to execute 'withActiveSpan' on 'Tracing'";
    if (!isSpan(span)) throw new TypeError(`${where}: parameter 1 is not of type 'Span'.`);
    return within(span, toCallback(callback, `${where}: parameter 2`) as Callback, args);
  }

  get Span(): typeof Span {
    if (!(#brand in this)) throw illegalInvocation();
    return Span;
  }
}
exposeInterface(Tracing, "Tracing");

function startAround(method: string, name: string, callback: Callback, args: unknown[]): unknown {
  const where = `Failed to execute '${method}' on 'Tracing'`;
  DOMString(name, `${where}: parameter 1`);
  const span = new Span(CONSTRUCTION);
  return within(span, toCallback(callback, `${where}: parameter 2`) as Callback, [span, ...args]);
}

export type { Tracing };

/** `ctx.tracing`, and `tracing` of `cloudflare:workers`. */
export const tracing = new Tracing(CONSTRUCTION);
