/** The guest's only way out: calls to host functions (ops), typed by the rooms' contracts. */
import type { AsyncOps, Notices, SyncOps } from "../bindings/contracts.ts";
import { pack, unpack, type WireError, type WireValue } from "../engine/wire.ts";
import { SafeMap } from "./collections.ts";
import { reviveError } from "./errors.ts";
import { currentEvent } from "./event-context.ts";
import {
  JSONParse,
  PromiseResolve,
  PromiseThen,
  plainJSON,
  ReflectApply,
  TypedArraySet,
  TypedArraySlice,
} from "./primordials.ts";

/** What an engine places on the global object before this library is evaluated; taken away by `takePrimitives`. */
interface Primitives {
  /** Hands a batch of messages, a JSON array, to the host. Returns at once. */
  post(text: string, ...bytes: Uint8Array[]): void;
  /** Performs a synchronous op. The answer is bytes, or text: "=" and JSON, or "!" and the JSON of a WireError. */
  callSync(text: string, ...bytes: Uint8Array[]): string | Uint8Array | ArrayBuffer;
  /**
   * The same where it costs less, of an engine that has it: bytes lie in `memory`, one after the other, and are told by
   * their lengths. An answer that is a number is the length of bytes that lie there.
   */
  readonly shared?: {
    readonly memory: ArrayBuffer;
    post(text: string, ...lengths: number[]): void;
    callSync(text: string, ...lengths: number[]): string | number | ArrayBuffer;
  };
}

const primitives = takePrimitives();
const { shared } = primitives;
const sharedBytes = shared && new Uint8Array(shared.memory);
// Slices of it are then made without asking a property that a worker may have replaced: no worker gets hold of it.
if (sharedBytes !== undefined) Object.defineProperty(sharedBytes, "constructor", { value: undefined });

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** The event on whose behalf the call was made; its answer is a turn of that event. */
  readonly event: number;
}

const pending = new SafeMap<number, PendingCall>();
let lastCall = 0;

/** JSON of the messages, with commas between: no method of arrays that a worker may have changed is needed. */
let outbox = "";
let outgoing: Uint8Array[] = [];
let flushScheduled = false;
const settled = PromiseResolve(undefined);

function takePrimitives(): Primitives {
  const global = globalThis as unknown as { __host?: Primitives };
  const taken = global.__host;
  if (taken === undefined) throw new Error("the engine supplied no host primitives");
  delete global.__host;
  return taken;
}

/** QuickJS makes a template of String.prototype.concat, which a worker may have changed. */
const joined = (before: string, text: string, after: string) => before + text + after;

/** Queues a message for the host. Messages of one turn leave together, in order. */
export function send(message: readonly unknown[], bytes: readonly Uint8Array[]): void {
  const text = plainJSON(message);
  outbox = outbox === "" ? text : joined(outbox, ",", text);
  for (let index = 0; index < bytes.length; index++) outgoing[outgoing.length] = bytes[index] as Uint8Array;
  if (flushScheduled) return;
  flushScheduled = true;
  PromiseThen(settled, flush);
}

function flush(): void {
  flushScheduled = false;
  const text = joined("[", outbox, "]");
  outbox = "";
  const bytes = outgoing;
  if (bytes.length > 0) outgoing = [];
  const lengths = lay(bytes);
  // Without spreading, which is up to the iterator of arrays.
  if (bytes.length === 0) (shared ?? primitives).post(text);
  else if (lengths === undefined) ReflectApply(primitives.post, primitives, argumentsOf(text, bytes));
  else if (shared !== undefined) ReflectApply(shared.post, shared, argumentsOf(text, lengths));
}

function argumentsOf(text: string, rest: readonly unknown[]): unknown[] {
  const list: unknown[] = [text];
  for (let index = 0; index < rest.length; index++) list[index + 1] = rest[index];
  return list;
}

/** Lays bytes into the memory that the host sees. Returns their lengths; undefined when there is no such place. */
function lay(bytes: readonly Uint8Array[]): number[] | undefined {
  if (sharedBytes === undefined) return undefined;
  const lengths: number[] = [];
  let end = 0;
  for (let index = 0; index < bytes.length; index++) {
    const { length } = bytes[index] as Uint8Array;
    if (end + length > sharedBytes.length) return undefined;
    TypedArraySet(sharedBytes, bytes[index] as Uint8Array, end);
    lengths[index] = length;
    end += length;
  }
  return lengths;
}

/** Performs an asynchronous op. Rejects with the error that the host's side threw, revived by its name. */
export function call<K extends keyof AsyncOps>(
  op: K,
  ...args: Parameters<AsyncOps[K]>
): Promise<Awaited<ReturnType<AsyncOps[K]>>> {
  return new Promise((resolve, reject) => {
    const id = ++lastCall;
    const event = currentEvent();
    pending.set(id, { resolve: resolve as (value: unknown) => void, reject, event });
    const packed = pack(args);
    if (packed.at === undefined) send(["call", id, event, op, packed.value], packed.bytes);
    else send(["call", id, event, op, packed.value, packed.at], packed.bytes);
  });
}

/** Tells the host something that needs no answer. */
export function notify<K extends keyof Notices>(op: K, ...args: Parameters<Notices[K]>): void {
  const packed = pack(args);
  if (packed.at === undefined) send(["notify", currentEvent(), op, packed.value], packed.bytes);
  else send(["notify", currentEvent(), op, packed.value, packed.at], packed.bytes);
}

/** Performs a synchronous op: a pure computation that the host does better, or one whose API is synchronous. */
export function callSync<K extends keyof SyncOps>(
  op: K,
  ...args: Parameters<SyncOps[K]>
): ReturnType<SyncOps[K]> {
  const packed = pack(args);
  const text = plainJSON([currentEvent(), op, packed.value, packed.at]);
  const answer = ask(text, packed.bytes);
  if (typeof answer !== "string") return toBytes(answer) as ReturnType<SyncOps[K]>;
  if (answer[0] === "!") throw reviveError(JSONParse(answer.slice(1)) as WireError);
  return (answer.length === 1 ? undefined : JSONParse(answer.slice(1))) as ReturnType<SyncOps[K]>;
}

function ask(text: string, bytes: readonly Uint8Array[]): string | Uint8Array | ArrayBuffer | number {
  if (bytes.length === 0) return (shared ?? primitives).callSync(text);
  const lengths = lay(bytes);
  if (lengths === undefined || shared === undefined)
    return ReflectApply(primitives.callSync, primitives, argumentsOf(text, bytes)) as Uint8Array;
  return ReflectApply(shared.callSync, shared, argumentsOf(text, lengths)) as Uint8Array;
}

function toBytes(answer: Uint8Array | ArrayBuffer | number): Uint8Array {
  if (typeof answer === "number") return TypedArraySlice(sharedBytes!, 0, answer);
  return answer instanceof Uint8Array ? answer : new Uint8Array(answer);
}

/** The event that a pending call belongs to, or 0 when there is no such call. */
export function ownerOf(callId: number): number {
  return pending.get(callId)?.event ?? 0;
}

export function settle(
  callId: number,
  value: WireValue,
  at: readonly number[] | -1 | undefined,
  bytes: readonly Uint8Array[],
): void {
  const call = pending.get(callId);
  if (call === undefined) return;
  pending.delete(callId);
  call.resolve(unpack(value, at, bytes, { next: 0 }));
}

export function fail(callId: number, error: WireError): void {
  const call = pending.get(callId);
  if (call === undefined) return;
  pending.delete(callId);
  call.reject(reviveError(error));
}
