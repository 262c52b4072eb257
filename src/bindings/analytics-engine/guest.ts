/** `AnalyticsEngine`, as a worker sees it (https://developers.cloudflare.com/analytics/analytics-engine/). */
import { requireEvent } from "../../guest/event-context.ts";
import { currentExecution, type Execution } from "../../guest/execution.ts";
import { notify } from "../../guest/host.ts";
import { toNumber } from "../../guest/numbers.ts";
import { wrongField, wrongParameter } from "../../guest/type-errors.ts";
import { bytesOf, exposeInterface, illegalConstructor, illegalInvocation } from "../../guest/webidl.ts";
import { binaryString, utf8DecodeStrict, utf8Encode } from "../../web/encoding/guest.ts";
import type { BindingDescriptor } from "../contracts.ts";
import type { WireDouble, WireText } from "./contract.ts";
import { analyticsLimits as limits } from "./limits.ts";

const CONSTRUCTION = Symbol("construction");
const WHERE = "writeDataPoint(): ";

/** How many data points each event has written. */
const written = new WeakMap<Execution, number>();

/** A dataset bound to a worker. */
export class AnalyticsEngine {
  readonly #dataset: string;

  constructor(token: symbol, dataset: string) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#dataset = dataset;
  }

  /** Returns at once: the point is written when the worker has answered, or sooner. */
  writeDataPoint(event?: unknown): void {
    if (!(#dataset in this)) throw illegalInvocation();
    const given = dictionary(event);
    const indexes = texts(given["indexes"], "indexes");
    const doubles = numbers(given["doubles"]);
    const blobs = texts(given["blobs"], "blobs");
    requireEvent();
    countPoint();
    checkSizes(indexes, blobs, doubles);
    notify("analytics.write", this.#dataset, indexes[0] ?? "", blobs, doubles);
  }
}
exposeInterface(AnalyticsEngine, "AnalyticsEngine");

/** The object on `env` for a binding. */
export function createAnalyticsEngine({ name, dataset }: BindingDescriptor): AnalyticsEngine {
  return new AnalyticsEngine(CONSTRUCTION, typeof dataset === "string" ? dataset : name);
}

function dictionary(event: unknown): Record<string, unknown> {
  if (event === undefined || event === null) return {};
  if (typeof event === "object" || typeof event === "function") return event as Record<string, unknown>;
  throw wrongParameter(1, "writeDataPoint", "AnalyticsEngine", "AnalyticsEngineEvent");
}

function list(value: unknown, member: string): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw wrongField(member, "AnalyticsEngineEvent", "Array");
}

function texts(value: unknown, member: string): WireText[] {
  return list(value, member).map(item => {
    if (item === undefined || item === null) return null;
    const bytes = bytesOf(item);
    if (bytes !== undefined) return textOf(bytes);
    if (typeof item === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
    return String(item).toWellFormed();
  });
}

function textOf(bytes: Uint8Array): WireText {
  return utf8DecodeStrict(bytes) ?? [binaryString(bytes)];
}

function numbers(value: unknown): WireDouble[] {
  return list(value, "doubles").map(item => {
    const number = toNumber(item);
    return Number.isFinite(number) ? number : String(number);
  });
}

function checkSizes(
  indexes: readonly WireText[],
  blobs: readonly WireText[],
  doubles: readonly WireDouble[],
): void {
  atMost(limits.indexes, indexes.length, "indexes");
  if (exceeds(indexes, limits.indexBytes)) {
    throw new TypeError(`${WHERE}Size of indexes[0] exceeds ${limits.indexBytes} bytes).`);
  }
  atMost(limits.blobs, blobs.length, "blobs");
  if (exceeds(blobs, limits.blobBytes)) {
    throw new TypeError(`${WHERE}Cumulative size of blobs exceeds ${limits.blobBytes} bytes).`);
  }
  atMost(limits.doubles, doubles.length, "doubles");
}

/** Whether texts have more bytes of UTF-8 than that. Short ones are not encoded to find out. */
function exceeds(texts: readonly WireText[], most: number): boolean {
  let atWorst = 0;
  for (const text of texts) atWorst += 3 * (typeof text === "string" ? text.length : (text?.[0].length ?? 0));
  if (atWorst <= most) return false;
  let total = 0;
  for (const text of texts) {
    total += typeof text === "string" ? utf8Encode(text).byteLength : (text?.[0].length ?? 0);
  }
  return total > most;
}

function atMost(most: number, count: number, what: string): void {
  if (count > most) throw new TypeError(`${WHERE}Maximum of ${most} ${what} supported.`);
}

function countPoint(): void {
  const execution = currentExecution();
  if (execution === undefined) return;
  const count = (written.get(execution) ?? 0) + 1;
  if (count > limits.pointsPerEvent) {
    throw new Error(`${WHERE}Maximum of ${limits.pointsPerEvent} data points per invocation supported.`);
  }
  written.set(execution, count);
}
