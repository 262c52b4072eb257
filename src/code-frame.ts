/** A few lines of source with a pointer at one place of it. */

export interface CodeFrameOptions {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  /** How many units the pointer underlines. */
  readonly length?: number;
  /** Lines shown before and after. */
  readonly around?: number;
  /** Colours the pointer and the line's mark. */
  readonly mark?: (text: string) => string;
}

const MAX_WIDTH = 160;
const TAB = "  ";

/** The frame as text, without a newline at its end; empty where the place is not in the source. */
export function codeFrame(source: string, options: CodeFrameOptions): string {
  const { line, column, length = 1, around = 2, mark = text => text } = options;
  const lines = source.split(/\r\n|\n|\r/, line + around);
  const target = lines[line - 1];
  if (target === undefined) return "";
  // What follows the last newline is no line that a reader would miss.
  if (lines.length > line && lines.at(-1) === "") lines.pop();
  const first = Math.max(1, line - around);
  const gutter = String(lines.length).length;
  // A minified file has lines of a megabyte: show the window around the place.
  const from = column > MAX_WIDTH - 20 ? column - MAX_WIDTH / 2 : 0;
  const shown = (text: string): string => expandTabs(text.slice(from, from + MAX_WIDTH));

  const frame: string[] = [];
  for (let number = first; number <= lines.length; number++) {
    const text = shown(lines[number - 1] ?? "");
    const label = String(number).padStart(gutter);
    frame.push(`${number === line ? mark(">") : " "} ${label} | ${text}`.trimEnd());
    if (number === line) {
      const indent = shown(target.slice(0, column - 1)).length;
      const width = Math.max(1, Math.min(length, target.length - column + 1, MAX_WIDTH - indent));
      frame.push(`  ${" ".repeat(gutter)} | ${" ".repeat(indent)}${mark("^".repeat(width))}`);
    }
  }
  return frame.join("\n");
}

/** Line and column, both from 1, of an offset in a text. */
export function placeAt(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset);
  const lines = before.split(/\r\n|\n|\r/);
  return { line: lines.length, column: lines[lines.length - 1]!.length + 1 };
}

function expandTabs(text: string): string {
  return text.replaceAll("\t", TAB);
}
