/** How the parts of a value are laid out: on one line, one below the other, or in columns. */
import { widthOf } from "./text.ts";

export interface Layout {
  readonly breakLength: number;
  /** How many inner levels may share a line; 0 puts everything on lines of its own. */
  readonly compact: number;
  readonly maxArrayLength: number;
  /** The columns that stand before what is being written. */
  indentation: number;
  /** The level of the value written last: tells how deep a value's contents are. */
  currentLevel: number;
}

const SEPARATOR = 2;
const MAX_COLUMNS = 15;
/** How many times higher than wide a character is: it makes a block of many short items near to a square. */
const CHARACTER_RATIO = 2.5;

/** Puts more than six short items of a list into columns. `values` are the items themselves, where known. */
export function intoColumns(
  layout: Layout,
  items: string[],
  values: ArrayLike<unknown> | undefined,
): string[] {
  // The last one may be the note that there are more items.
  const count = layout.maxArrayLength < items.length ? items.length - 1 : items.length;
  const widths: number[] = [];
  let total = 0;
  let widest = 0;
  for (let index = 0; index < count; index++) {
    const width = widthOf(items[index]!);
    widths.push(width);
    total += width + SEPARATOR;
    if (width > widest) widest = width;
  }
  const cell = widest + SEPARATOR;
  const worthwhile = total / cell > 5 || widest <= 6;
  if (cell * 3 + layout.indentation >= layout.breakLength || !worthwhile) return items;
  const bias = Math.sqrt(cell - total / items.length);
  const likely = Math.max(cell - 3 - bias, 1);
  const columns = Math.min(
    Math.round(Math.sqrt(CHARACTER_RATIO * likely * count) / likely),
    Math.floor((layout.breakLength - layout.indentation) / cell),
    layout.compact * 4,
    MAX_COLUMNS,
  );
  if (columns <= 1) return items;
  const lines = arrange(items, widths, count, columns, values);
  if (count < items.length) lines.push(items[count]!);
  return lines;
}

function arrange(
  items: readonly string[],
  widths: readonly number[],
  count: number,
  columns: number,
  values: ArrayLike<unknown> | undefined,
): string[] {
  const columnWidths: number[] = [];
  for (let column = 0; column < columns; column++) {
    let width = 0;
    for (let index = column; index < count; index += columns) width = Math.max(width, widths[index]!);
    columnWidths.push(width + SEPARATOR);
  }
  const alignRight = values !== undefined && everyNumeric(values, items.length);
  const lines: string[] = [];
  for (let start = 0; start < count; start += columns) {
    const last = Math.min(start + columns, count) - 1;
    let line = "";
    for (let index = start; index < last; index++) {
      const gap = " ".repeat(columnWidths[index - start]! - widths[index]! - SEPARATOR);
      line += alignRight ? `${gap}${items[index]}, ` : `${items[index]}, ${gap}`;
    }
    const gap = alignRight ? columnWidths[last - start]! - SEPARATOR - widths[last]! : 0;
    lines.push(`${line}${" ".repeat(gap)}${items[last]}`);
  }
  return lines;
}

function everyNumeric(values: ArrayLike<unknown>, count: number): boolean {
  for (let index = 0; index < count && index < values.length; index++) {
    const type = typeof values[index];
    if (type !== "number" && type !== "bigint") return false;
  }
  return true;
}

/** Joins a value's parts between its braces, on one line when they are few, shallow and short. */
export function enclose(
  layout: Layout,
  parts: readonly string[],
  base: string,
  braces: readonly [string, string],
  level: number,
  mayShareLine: boolean,
): string {
  const lead = base === "" ? "" : `${base} `;
  if (mayShareLine && layout.currentLevel - level < layout.compact) {
    // Ten columns are kept for what may stand around it.
    const start = parts.length + layout.indentation + braces[0].length + base.length + 10;
    let length = parts.length + start;
    for (const part of parts) length += widthOf(part);
    if (length <= layout.breakLength && !base.includes("\n")) {
      const line = parts.join(", ");
      if (!line.includes("\n")) return `${lead}${braces[0]} ${line} ${braces[1]}`;
    }
  }
  const newline = `\n${" ".repeat(layout.indentation)}`;
  return `${lead}${braces[0]}${newline}  ${parts.join(`,${newline}  `)}${newline}${braces[1]}`;
}
