/** Preconditions of get and put, and ranges of get (https://developers.cloudflare.com/r2/api/workers/workers-api-reference/). */
import { type AskedRange, parseRange, resolveRange } from "../../web/fetch/byte-range.ts";
import type { R2Condition, R2Etag, R2Range } from "./contract.ts";
import { R2Error } from "./errors.ts";
import type { R2Head, R2Slice } from "./store.ts";

/** Whether a condition holds for an object, or for there being none (https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2). */
export function holds(
  condition: R2Condition | null,
  object: Pick<R2Head, "etag" | "uploaded"> | null,
): boolean {
  if (condition === null) return true;
  const { etagMatches, etagDoesNotMatch, uploadedBefore, uploadedAfter, secondsGranularity } = condition;
  if (object === null) return etagMatches === undefined && uploadedAfter === undefined;
  const round = (time: number) => (secondsGranularity ? Math.floor(time / 1000) : time);
  const uploaded = round(object.uploaded);
  const match = etagMatches === undefined || includes(etagMatches, object.etag, false);
  const noneMatch = etagDoesNotMatch === undefined || !includes(etagDoesNotMatch, object.etag, true);
  // A time is of no account where an entity tag has decided.
  const after =
    uploadedAfter === undefined ||
    round(uploadedAfter) < uploaded ||
    (etagDoesNotMatch !== undefined && noneMatch);
  const before =
    uploadedBefore === undefined || uploaded < round(uploadedBefore) || (etagMatches !== undefined && match);
  return match && noneMatch && after && before;
}

function includes(etags: readonly R2Etag[], etag: string, weakly: boolean): boolean {
  return etags.some(([type, value]) => type === "*" || (value === etag && (weakly || type === "strong")));
}

/** The part of a value that a range asks for. Throws an InvalidRange where there is no such part. */
export function sliceOf(range: R2Range | null, size: number): R2Slice {
  if (range === null) return { offset: 0, length: size };
  if (typeof range === "string") {
    // As R2 does with a Range header: one that is malformed, names several ranges or lies outside asks for everything.
    const asked = parseRange(range);
    return (asked && sliceOfAsked(asked, size)) ?? { offset: 0, length: size };
  }
  const [givenOffset, givenLength, suffix] = range;
  if (suffix !== null) {
    if (suffix <= 0) throw new R2Error("InvalidRange");
    const length = Math.min(suffix, size);
    return { offset: size - length, length };
  }
  const offset = givenOffset ?? 0;
  const length = Math.min(givenLength ?? size, size - offset);
  if (offset > size || length <= 0) throw new R2Error("InvalidRange");
  return { offset, length };
}

/** The part of a value that a Range header asks for; undefined where there is no such part. */
export function sliceOfAsked(asked: AskedRange, size: number): R2Slice | undefined {
  const range = resolveRange(asked, size);
  return range && { offset: range.start, length: range.end - range.start };
}
