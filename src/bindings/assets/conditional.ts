/** Conditions and ranges of requests: https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests */
import { type ByteRange, parseRange, resolveRange } from "../../web/fetch/byte-range.ts";

/** Whether `If-None-Match` names the tag: then the client has what it asks for. */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === tag || ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some(item => item.trim().replace(/^W\//, "") === tag);
}

/** The one range that is asked for; "none" where the whole is meant, "unsatisfiable" where it lies outside. */
export function rangeOf(
  range: string | undefined,
  ifRange: string | undefined,
  tag: string,
  size: number,
): ByteRange | "none" | "unsatisfiable" {
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== tag)) return "none";
  const asked = parseRange(range);
  // Several ranges, other units and what is no range at all may be ignored.
  return asked === undefined ? "none" : (resolveRange(asked, size) ?? "unsatisfiable");
}
