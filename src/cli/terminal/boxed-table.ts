/** A table in a frame, as wrangler draws it. */

type Row = Readonly<Record<string, unknown>>;

/** Rows by their columns, in the order of the first one's; with a line between each two. Ends with a line break. */
export function formatBoxedTable(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))];
  const lines = [columns, ...rows.map(row => columns.map(column => cellText(row[column])))].map(cells =>
    cells.map(cell => cell.split("\n")),
  );
  const widths = columns.map((_, index) =>
    Math.max(...lines.map(cells => Math.max(...(cells[index] ?? []).map(displayWidth)))),
  );
  const rule = (left: string, middle: string, right: string) =>
    `${left}${widths.map(width => "─".repeat(width + 2)).join(middle)}${right}\n`;
  const drawn = lines.map(cells => {
    const height = Math.max(...cells.map(cell => cell.length));
    return Array.from({ length: height }, (_, line) => {
      const texts = cells.map((cell, index) => padded(cell[line] ?? "", widths[index] ?? 0));
      return `│ ${texts.join(" │ ")} │\n`;
    }).join("");
  });
  return `${rule("┌", "┬", "┐")}${drawn.join(rule("├", "┼", "┤"))}${rule("└", "┴", "┘")}`;
}

function cellText(value: unknown): string {
  const text = value === undefined ? "" : Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
  return text
    .replaceAll("\t", "    ")
    .replace(/\p{Cc}/gu, character =>
      character === "\n" ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );
}

const padded = (text: string, width: number) => text + " ".repeat(Math.max(0, width - displayWidth(text)));

const segmenter = new Intl.Segmenter();
/** East Asian wide and full-width characters, and what is drawn as an emoji. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|.\ufe0f)/u;

/** Columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}
