/** Ranges of bytes (https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2). What an answer does without one is its room's business. */

/** Bytes from `start` up to, and not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What a Range header asks for: the bytes from one to another, which is included, or so many at the end. */
export type AskedRange = { readonly first: number; readonly last: number } | { readonly suffix: number };

/** The one range that a Range header asks for; undefined for several, other units, and what is no range. */
export function parseRange(header: string): AskedRange | undefined {
  const [, first, last] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header) ?? [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  if (first === "") return { suffix: Number(last) };
  const range = { first: Number(first), last: last === "" ? Number.POSITIVE_INFINITY : Number(last) };
  return range.first <= range.last ? range : undefined;
}

/** The bytes that a range has of a body of that size; undefined where it has none of them. */
export function resolveRange(range: AskedRange, size: number): ByteRange | undefined {
  const fromEnd = "suffix" in range;
  const start = fromEnd ? Math.max(0, size - range.suffix) : range.first;
  const end = fromEnd ? size : Math.min(size, range.last + 1);
  return start < end ? { start, end } : undefined;
}
