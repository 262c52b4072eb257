/** `console.table` (https://console.spec.whatwg.org/#table), drawn as Node does. */

import { widthOf } from "./inspect/text.ts";
import { inspect } from "./inspect.ts";

const INDEX = "(index)";
const VALUES = "Values";

/** The table of a list, a Map, a Set or an object; undefined for what has no rows. */
export function table(data: unknown, properties?: readonly string[]): string | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  if (data instanceof Map) {
    const rows = [...data].map(([key, value], index) => [String(index), cell(key), cell(value)]);
    return draw(["(iteration index)", "Key", VALUES], rows);
  }
  if (data instanceof Set) {
    return draw(
      ["(iteration index)", VALUES],
      [...data].map((value, index) => [String(index), cell(value)]),
    );
  }
  const columns: string[] = properties === undefined ? [] : [...properties];
  const cells: Map<string, string>[] = [];
  const keys = Object.keys(data);
  let anyPrimitive = false;
  for (const key of keys) {
    const row = (data as Record<string, unknown>)[key];
    const texts = new Map<string, string>();
    if (typeof row !== "object" || row === null) {
      anyPrimitive = true;
      texts.set(VALUES, cell(row));
    } else {
      for (const column of properties ?? Object.keys(row)) {
        if (!Object.hasOwn(row, column)) continue;
        if (!columns.includes(column)) columns.push(column);
        texts.set(column, cell((row as Record<string, unknown>)[column]));
      }
    }
    cells.push(texts);
  }
  const heads = anyPrimitive ? [...columns, VALUES] : columns;
  const rows = keys.map((key, index) => [key, ...heads.map(head => cells[index]?.get(head) ?? "")]);
  return draw([INDEX, ...heads], rows);
}

function cell(value: unknown): string {
  const depth = typeof value === "object" && value !== null && Object.keys(value).length > 2 ? -1 : 0;
  return inspect(value, { depth, maxArrayLength: 3, breakLength: Number.POSITIVE_INFINITY });
}

function draw(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map(
    (head, column) => Math.max(widthOf(head), ...rows.map(row => widthOf(row[column] ?? ""))) + 2,
  );
  const bars = widths.map(width => "─".repeat(width));
  const line = (row: readonly string[]) =>
    `│${widths.map((width, column) => ` ${row[column] ?? ""}`.padEnd(width - widthOf(row[column] ?? "") + (row[column] ?? "").length)).join("│")}│`;
  return [
    `┌${bars.join("┬")}┐`,
    line(heads),
    `├${bars.join("┼")}┤`,
    ...rows.map(line),
    `└${bars.join("┴")}┘`,
  ].join("\n");
}
