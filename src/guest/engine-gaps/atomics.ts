/** `Atomics` (https://tc39.es/ecma262/#sec-atomics-object) for an engine with one thread, where nothing can interfere. */
import { defineMissing } from "./define.ts";

type Cell = number | bigint;
type IntegerArray = { [index: number]: Cell; readonly length: number; readonly buffer: ArrayBufferLike };

const integerTypes = new Set([
  "Int8Array",
  "Uint8Array",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "BigInt64Array",
  "BigUint64Array",
]);

const typedArrayTag = Object.getOwnPropertyDescriptor(
  Reflect.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get as () => string | undefined;

function cellOf(array: unknown, index: unknown): [cells: IntegerArray, at: number] {
  const type =
    typeof array === "object" && array !== null ? Reflect.apply(typedArrayTag, array, []) : undefined;
  if (type === undefined || !integerTypes.has(type))
    throw new TypeError("[object Array] is not an integer typed array.");
  const cells = array as IntegerArray;
  const at = Math.trunc(Number(index)) || 0;
  if (at < 0 || at >= cells.length) throw new RangeError("Invalid atomic access index");
  return [cells, at];
}

function toCell(cells: IntegerArray, value: unknown): Cell {
  if (typeof cells[0] === "bigint") return BigInt(value as bigint);
  return Math.trunc(Number(value)) || 0;
}

function change(
  array: unknown,
  index: unknown,
  value: unknown,
  compute: (old: Cell, operand: Cell) => Cell,
): Cell {
  const [cells, at] = cellOf(array, index);
  const operand = toCell(cells, value);
  const old = cells[at]!;
  cells[at] = compute(old, operand);
  return old;
}

type Both = (old: never, operand: never) => Cell;
const on = (compute: Both) => (array: unknown, index: unknown, value: unknown) =>
  change(array, index, value, compute as (old: Cell, operand: Cell) => Cell);

/** Adds `Atomics` where there is none. */
export function fillAtomics(): void {
  if ("Atomics" in globalThis) return;
  const methods = {
    add: on((old: number, operand: number) => old + operand),
    and: on((old: number, operand: number) => old & operand),
    compareExchange(array: unknown, index: unknown, expected: unknown, replacement: unknown): Cell {
      const [cells, at] = cellOf(array, index);
      const wanted = toCell(cells, expected);
      const value = toCell(cells, replacement);
      const old = cells[at]!;
      // The expected value is compared as the array would hold it.
      cells[at] = wanted;
      const held = cells[at]!;
      cells[at] = old === held ? value : old;
      return old;
    },
    exchange: on((_old: number, operand: number) => operand),
    isLockFree: (size: unknown): boolean => [1, 2, 4, 8].includes(Number(size)),
    load(array: unknown, index: unknown): Cell {
      const [cells, at] = cellOf(array, index);
      return cells[at]!;
    },
    notify(array: unknown, index: unknown): number {
      cellOf(array, index);
      return 0;
    },
    or: on((old: number, operand: number) => old | operand),
    pause(): void {},
    store(array: unknown, index: unknown, value: unknown): Cell {
      const [cells, at] = cellOf(array, index);
      const cell = toCell(cells, value);
      cells[at] = cell;
      return cell;
    },
    sub: on((old: number, operand: number) => old - operand),
    wait(array: unknown, index: unknown): never {
      cellOf(array, index);
      throw new TypeError("Atomics.wait cannot be called in this context");
    },
    xor: on((old: number, operand: number) => old ^ operand),
  };
  const atomics = {};
  for (const [name, method] of Object.entries(methods)) {
    Object.defineProperty(method, "name", { value: name, configurable: true });
    defineMissing(atomics, name, method);
  }
  Object.defineProperty(atomics, Symbol.toStringTag, { value: "Atomics", configurable: true });
  defineMissing(globalThis, "Atomics", atomics);
}
