/** Random values (https://w3c.github.io/webcrypto/#Crypto-method-getRandomValues), from a pool that the host fills. */
import { currentEvent } from "../../../guest/event-context.ts";
import { callSync } from "../../../guest/host.ts";
import { DOMException } from "../../dom-exception/guest.ts";

const QUOTA = 65_536;
const POOL_BYTES = 4096;
/** Larger requests go to the host and leave the pool to the small ones. */
const LARGEST_FROM_POOL = 512;

let pool = new Uint8Array(0);
let next = 0;

/** Forgets the random bytes in store. To be called when an isolate starts from an image that others start from. */
export function resetRandomPool(): void {
  pool = new Uint8Array(0);
  next = 0;
}

/** `size` random bytes, for the caller's sole use. */
export function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  if (currentEvent() === 0) throw new Error(OUTSIDE_HANDLER);
  if (size > LARGEST_FROM_POOL) return callSync("crypto.random", size) as Uint8Array<ArrayBuffer>;
  if (pool.length - next < size) {
    pool = callSync("crypto.random", POOL_BYTES) as Uint8Array<ArrayBuffer>;
    next = 0;
  }
  const bytes = pool.slice(next, next + size);
  pool.fill(0, next, next + size);
  next += size;
  return bytes;
}

const OUTSIDE_HANDLER =
  "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a " +
  "timeout, and generating random values are not allowed within global scope. To fix this error, perform this " +
  "operation within a handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/";

/** Fills an integer-typed array with random values and returns it. */
export function getRandomValues<T>(array: T): T {
  if (!ArrayBuffer.isView(array)) {
    throw new TypeError(
      "Failed to execute 'getRandomValues' on 'Crypto': parameter 1 is not of type 'ArrayBufferView'.",
    );
  }
  if (!isIntegerArray(array)) {
    throw new DOMException(
      "ArrayBufferView argument to getRandomValues() must be an integer-typed view.",
      "TypeMismatchError",
    );
  }
  const { buffer, byteOffset, byteLength } = array;
  if (byteLength > QUOTA) {
    throw new DOMException(
      `getRandomValues() only accepts buffers of size <= 64K but provided ${byteLength} bytes.`,
      "QuotaExceededError",
    );
  }
  new Uint8Array(buffer, byteOffset, byteLength).set(randomBytes(byteLength));
  return array;
}

const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!;

function isIntegerArray(view: object): boolean {
  const name = Reflect.apply(typedArrayName, view, []) as string | undefined;
  return name !== undefined && !name.startsWith("Float");
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A random UUID, version 4 (RFC 9562, section 5.4). */
export function randomUUID(): string {
  const bytes = randomBytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  let uuid = "";
  for (let index = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) uuid += "-";
    uuid += hex[bytes[index]!];
  }
  return uuid;
}
