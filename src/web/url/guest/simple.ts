/**
 * The common form of a URL, recognized at a glance: `http(s)://host[:port]/path[?query][#fragment]` that is already as the parser
 * would serialize it. An interpreter checks it by one regular expression, and takes it apart only when asked to.
 */
import { parseURL } from "./parse.ts";
import { blankRecord, type UrlRecord } from "./record.ts";

// A last label that begins with a letter cannot be a number, so the host is no IPv4 address; ports have one spelling.
const SIMPLE =
  /^https?:\/\/(?:(?:[a-z0-9_-]+\.)*[a-z][a-z0-9_-]*|127\.0\.0\.1)(?::(?!(?:80|443)(?:\/|$))(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}))?(?:\/[!$-;=@-[\]_a-z|~]*(?:\?[!$-&(-;=?-~]*)?(?:#[!#-;=?-_a-~]*)?)?$/;

/** The serialization of a URL of the common form: the input, or the input and a slash; undefined for any other. */
export function simpleHref(input: string): string | undefined {
  if (!SIMPLE.test(input)) return undefined;
  // A segment may be a dot in disguise: that takes the long way.
  if (input.includes("/.") || input.includes("/%2")) return undefined;
  return input.indexOf("/", 8) < 0 ? `${input}/` : input;
}

/** Takes apart what `simpleHref` returned. */
export function simpleRecord(href: string): UrlRecord {
  const url = blankRecord();
  url.scheme = href.startsWith("https") ? "https" : "http";
  const start = url.scheme.length + 3;
  const slash = href.indexOf("/", start);
  const colon = href.indexOf(":", start);
  if (colon >= 0 && colon < slash) {
    url.host = href.slice(start, colon);
    url.port = Number(href.slice(colon + 1, slash));
  } else {
    url.host = href.slice(start, slash);
  }
  const hash = href.indexOf("#", slash);
  const end = hash < 0 ? href.length : hash;
  if (hash >= 0) url.fragment = href.slice(hash + 1);
  const mark = href.indexOf("?", slash);
  if (mark >= 0 && mark < end) {
    url.path = href.slice(slash, mark);
    url.query = href.slice(mark + 1, end);
  } else {
    url.path = href.slice(slash, end);
  }
  return url;
}

/** Parses an absolute URL, in the short way where that will do. */
export function parseAbsoluteURL(input: string): UrlRecord | null {
  const href = simpleHref(input);
  return href === undefined ? parseURL(input) : simpleRecord(href);
}
