/** Exceptions on the host's side of the boundary. */
import type { WireError } from "./wire.ts";

/** An exception of the worker's, as the host sees it. */
export class GuestError extends Error {
  readonly wire: WireError;

  constructor(wire: WireError) {
    super(wire.message);
    this.name = wire.name;
    this.wire = wire;
    if (wire.stack !== undefined) this.stack = wire.stack;
  }
}

/** The wire form of an error that an op threw. The host's stack stays on the host. */
export function toWireError(error: unknown): WireError {
  if (error instanceof GuestError) return error.wire;
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const wire: { -readonly [K in keyof WireError]: WireError[K] } = {
    name: error.name,
    message: error.message,
  };
  const { code, retryable } = error as { code?: unknown; retryable?: unknown };
  if (typeof code === "string") wire.code = code;
  if (retryable === true) wire.properties = { retryable };
  if (error.cause !== undefined) wire.cause = toWireError(error.cause);
  return wire;
}

/** Whether text from an engine says that a limit of memory was met. */
export function isOutOfMemory(message: string): boolean {
  return /out of memory|memory limit|Cannot enlarge memory|Aborted\(OOM\)/i.test(message);
}
