/** Conditions and ranges of requests: https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests */

/** Whether `If-None-Match` names the tag: then the client has what it asks for. */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === tag || ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some(item => item.trim().replace(/^W\//, "") === tag);
}

/** From `start` up to `end`, exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The one range that is asked for; "none" where the whole is meant, "unsatisfiable" where it lies outside. */
export function rangeOf(
  range: string | undefined,
  ifRange: string | undefined,
  tag: string,
  size: number,
): ByteRange | "none" | "unsatisfiable" {
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== tag)) return "none";
  const [, first, last] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(range) ?? [];
  // Several ranges, other units and what is no range at all may be ignored.
  if (first === undefined || last === undefined || (first === "" && last === "")) return "none";
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return "none";
  if (start >= size) return "unsatisfiable";
  return { start, end: last === "" ? size : Math.min(Number(last) + 1, size) };
}
