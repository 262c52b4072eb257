/** Answers synchronous ops in the form that guest/host.ts reads: bytes, or "=" and JSON, or "!" and an error. */
import { toWireError } from "./errors.ts";
import { unpack, type WireValue } from "./wire.ts";

export type SyncOp = (...args: never[]) => unknown;

export interface SyncRequest {
  readonly event: number;
  readonly op: string;
  readonly args: readonly unknown[];
}

export function parseSyncRequest(text: string, bytes: readonly Uint8Array[]): SyncRequest {
  const [event, op, args, at] = JSON.parse(text) as [
    number,
    string,
    WireValue[],
    (readonly number[] | null)?,
  ];
  return { event, op, args: unpack(args, at, bytes, { next: 0 }) as unknown[] };
}

export function answerSync(perform: () => unknown): string | Uint8Array {
  try {
    const result = perform();
    if (result instanceof Uint8Array) return result;
    return result === undefined ? "=" : `=${JSON.stringify(result)}`;
  } catch (error) {
    return `!${JSON.stringify(toWireError(error))}`;
  }
}
