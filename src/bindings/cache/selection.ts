/** What of a kept response a request is answered with: all of it, a part, or that nothing has changed (RFC 9110). */
import { type ByteRange, parseRange, resolveRange } from "../../web/fetch/byte-range.ts";
import { joinedHeader } from "../../web/fetch/header-list.ts";
import type { CachedHead } from "./store.ts";

export interface Selection {
  readonly status: number;
  readonly headers: string[];
  /** Which bytes of the body; null: none. */
  readonly range: ByteRange | null;
}

/** `request`: its headers. `now`: milliseconds since the epoch. */
export function select(request: readonly string[], found: CachedHead, now: number): Selection {
  const { status, size } = found;
  if (request.length > 0) {
    if (isUnchanged(request, found)) {
      return { status: 304, headers: headersOf(found, now, size), range: null };
    }
    const range = rangeFor(request, found);
    if (range === "unsatisfiable") {
      const headers = ["CF-Cache-Status", "HIT", "Content-Range", `bytes */${size}`];
      return { status: 416, headers, range: null };
    }
    if (range !== undefined) {
      const headers = headersOf(found, now, range.end - range.start);
      headers.push("Content-Range", `bytes ${range.start}-${range.end - 1}/${size}`);
      return { status: 206, headers, range };
    }
  }
  return { status, headers: headersOf(found, now, size), range: { start: 0, end: size } };
}

function headersOf({ headers, madeAt }: CachedHead, now: number, length: number): string[] {
  const age = Math.max(0, Math.floor((now - madeAt) / 1000));
  const complete = [...headers, "Age", String(age), "CF-Cache-Status", "HIT"];
  // An encoded body is kept decoded, so its length on the way to a client is not known yet.
  if (joinedHeader(headers, "content-encoding") === undefined)
    complete.push("Content-Length", String(length));
  return complete;
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2: a tag, where there is one, decides alone. */
function isUnchanged(request: readonly string[], { status, headers }: CachedHead): boolean {
  if (status !== 200) return false;
  const wanted = joinedHeader(request, "if-none-match");
  if (wanted !== undefined) {
    const etag = joinedHeader(headers, "etag");
    if (wanted.trim() === "*") return true;
    return etag !== undefined && tagsOf(wanted).includes(opaqueTag(etag));
  }
  const since = joinedHeader(request, "if-modified-since");
  const modified = joinedHeader(headers, "last-modified");
  return since !== undefined && modified !== undefined && parseDate(modified) <= parseDate(since);
}

/** The entity tags of a list, without marks of weakness. */
function tagsOf(list: string): string[] {
  return (list.match(/(?:W\/)?"[^"]*"|[^\s,]+/g) ?? []).map(opaqueTag);
}

function opaqueTag(tag: string): string {
  return tag.trim().replace(/^W\//, "");
}

const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

function parseDate(text: string): number {
  return HTTP_DATE.test(text.trim()) ? Date.parse(text) : Number.NaN;
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-14.2. Undefined: the whole body. */
function rangeFor(request: readonly string[], found: CachedHead): ByteRange | "unsatisfiable" | undefined {
  const range = joinedHeader(request, "range");
  if (range === undefined || found.status !== 200) return undefined;
  // The ranges of an encoded body are not those of what is kept.
  if (joinedHeader(found.headers, "content-encoding") !== undefined) return undefined;
  const condition = joinedHeader(request, "if-range");
  if (condition !== undefined && !isCurrent(condition.trim(), found.headers)) return undefined;
  // Of several ranges none is picked: whoever asks must take the whole as well.
  if (!/^\s*bytes\s*=/i.test(range) || range.includes(",")) return undefined;
  const asked = parseRange(range);
  return (asked && resolveRange(asked, found.size)) ?? "unsatisfiable";
}

function isCurrent(condition: string, headers: readonly string[]): boolean {
  // A weak tag does not promise the same bytes.
  if (condition.startsWith('"')) return condition === joinedHeader(headers, "etag")?.trim();
  return parseDate(condition) === parseDate(joinedHeader(headers, "last-modified") ?? "");
}
