/** What may be bound to a statement (https://developers.cloudflare.com/d1/worker-api/#type-conversion). */
import { bytesOf } from "../../../guest/webidl.ts";

/** A parameter as JSON can carry it: bytes become arrays of numbers. */
export function bindable(value: unknown): unknown {
  switch (typeof value) {
    case "number":
    case "string":
      return value;
    case "boolean":
      return value ? 1 : 0;
    case "object":
      if (value === null) return value;
      if (Array.isArray(value) && value.every(isByte)) return value;
      if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
      if (value instanceof ArrayBuffer) return Array.from(bytesOf(value) as Uint8Array);
  }
  const message = `Type '${typeof value}' not supported for value '${value}'`;
  throw new Error(`D1_TYPE_ERROR: ${message}`, { cause: new Error(message) });
}

const isByte = (value: unknown) => typeof value === "number" && value >= 0 && value < 256;
