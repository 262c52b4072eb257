/**
 * The URL parser (https://url.spec.whatwg.org/#url-parsing). The standard's state machine, taken by the parts that
 * its states delimit rather than by the character: an interpreter runs a search or a slice at native speed.
 */
import { parseHost } from "./host.ts";
import { C0_CONTROL, FRAGMENT, PATH, percentEncode, QUERY, SPECIAL_QUERY, USERINFO } from "./percent.ts";
import { blankRecord, defaultPort, isSpecial, type UrlRecord } from "./record.ts";

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const DRIVE_LETTER = /^[A-Za-z][:|]$/;
const STARTS_WITH_DRIVE_LETTER = /^[A-Za-z][:|](?:[/\\?#]|$)/;
const NORMALIZED_DRIVE_PATH = /^\/[A-Za-z]:$/;
const SINGLE_DOT = /^(?:\.|%2e)$/i;
const DOUBLE_DOT = /^(?:\.|%2e){2}$/i;
/** What the path state would change: backslashes, segments that begin with a dot, characters to encode. */
const PATH_WORK = /[\0-\x20"#<>?\\^`{}\x7f-\uffff]|(?:^|\/)(?:\.|%2[Ee])/;

/** Parses a string of scalar values against a base; null on failure. */
export function parseURL(input: string, base: UrlRecord | null = null): UrlRecord | null {
  const text = withoutTabsAndNewlines(trimControls(input));
  const hash = text.indexOf("#");
  const url = blankRecord();
  if (hash >= 0) url.fragment = percentEncode(text.slice(hash + 1), FRAGMENT);
  const rest = hash >= 0 ? text.slice(0, hash) : text;
  const scheme = SCHEME.exec(rest)?.[0];
  const parsed =
    scheme === undefined ? parseRelative(url, rest, base) : parseAbsolute(url, scheme, rest, base);
  return parsed ? url : null;
}

function trimControls(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

export function withoutTabsAndNewlines(text: string): string {
  return /[\t\n\r]/.test(text) ? text.replace(/[\t\n\r]+/g, "") : text;
}

const isSlash = (character: string | undefined, special: boolean): boolean =>
  character === "/" || (special && character === "\\");

/** From the scheme state on. */
function parseAbsolute(url: UrlRecord, scheme: string, text: string, base: UrlRecord | null): boolean {
  url.scheme = scheme.slice(0, -1).toLowerCase();
  const rest = text.slice(scheme.length);
  if (url.scheme === "file") return parseFile(url, rest, base?.scheme === "file" ? base : null);
  if (isSpecial(url.scheme)) {
    if (base?.scheme === url.scheme && !rest.startsWith("//")) return parseRelativeTo(url, rest, base);
    return parseAuthority(url, rest.replace(/^[/\\]+/, ""));
  }
  if (rest.startsWith("//")) return parseAuthority(url, rest.slice(2));
  if (rest.startsWith("/")) {
    appendPath(url, takeQuery(url, rest.slice(1)));
    return true;
  }
  return parseOpaquePath(url, rest);
}

/** The opaque path state: a space before a query or a fragment is encoded, so that it is not lost at the end. */
function parseOpaquePath(url: UrlRecord, text: string): boolean {
  const path = percentEncode(takeQuery(url, text), C0_CONTROL);
  const followed = url.query !== null || url.fragment !== null;
  url.opaque = true;
  url.path = followed && path.endsWith(" ") ? `${path.slice(0, -1)}%20` : path;
  return true;
}

/** The no scheme state. */
function parseRelative(url: UrlRecord, text: string, base: UrlRecord | null): boolean {
  if (base === null) return false;
  if (base.opaque) {
    if (text !== "" || url.fragment === null) return false;
    const { fragment } = url;
    Object.assign(url, base);
    url.fragment = fragment;
    return true;
  }
  url.scheme = base.scheme;
  return base.scheme === "file" ? parseFile(url, text, base) : parseRelativeTo(url, text, base);
}

/** The relative and relative slash states. */
function parseRelativeTo(url: UrlRecord, text: string, base: UrlRecord): boolean {
  const special = isSpecial(url.scheme);
  if (isSlash(text[0], special)) {
    if (special && isSlash(text[1], true)) return parseAuthority(url, text.replace(/^[/\\]+/, ""));
    if (text[1] === "/") return parseAuthority(url, text.slice(2));
    copyAuthority(url, base);
    appendPath(url, takeQuery(url, text.slice(1)));
    return true;
  }
  copyAuthority(url, base);
  url.path = base.path;
  if (text === "") {
    url.query = base.query;
    return true;
  }
  const path = takeQuery(url, text);
  if (path === "") return true;
  shortenPath(url);
  appendPath(url, path);
  return true;
}

function copyAuthority(url: UrlRecord, base: UrlRecord): void {
  url.username = base.username;
  url.password = base.password;
  url.host = base.host;
  url.port = base.port;
}

/** The authority, host and port states, and what follows them. */
function parseAuthority(url: UrlRecord, text: string): boolean {
  const special = isSpecial(url.scheme);
  const end = text.search(special ? /[/\\?]/ : /[/?]/);
  const authority = end < 0 ? text : text.slice(0, end);
  const at = authority.lastIndexOf("@");
  if (at >= 0) {
    if (at === authority.length - 1) return false;
    setCredentials(url, authority.slice(0, at));
  }
  if (!parseHostAndPort(url, authority.slice(at + 1), special)) return false;
  startPath(url, takeQuery(url, end < 0 ? "" : text.slice(end)));
  return true;
}

function setCredentials(url: UrlRecord, credentials: string): void {
  const colon = credentials.indexOf(":");
  url.username = percentEncode(colon < 0 ? credentials : credentials.slice(0, colon), USERINFO);
  if (colon >= 0) url.password = percentEncode(credentials.slice(colon + 1), USERINFO);
}

function parseHostAndPort(url: UrlRecord, text: string, special: boolean): boolean {
  const colon = findPort(text);
  const host = colon < 0 ? text : text.slice(0, colon);
  if (host === "" && (special || colon >= 0)) return false;
  url.host = parseHost(host, special);
  if (url.host === null) return false;
  if (colon < 0 || colon === text.length - 1) return true;
  const port = text.slice(colon + 1);
  return /^[0-9]+$/.test(port) && setPortNumber(url, port);
}

/** Where the colon before the port is: the first one outside brackets; -1 when there is none. */
export function findPort(authority: string): number {
  const first = authority.indexOf(":");
  if (first < 0 || !authority.includes("[")) return first;
  let inside = false;
  for (let index = 0; index < authority.length; index++) {
    const character = authority[index];
    if (character === "[") inside = true;
    else if (character === "]") inside = false;
    else if (character === ":" && !inside) return index;
  }
  return -1;
}

/** Takes a text of digits. */
export function setPortNumber(url: UrlRecord, digits: string): boolean {
  const port = Number(digits);
  if (port > 65_535) return false;
  url.port = port === defaultPort(url.scheme) ? null : port;
  return true;
}

/** The file, file slash and file host states. */
function parseFile(url: UrlRecord, text: string, base: UrlRecord | null): boolean {
  url.host = "";
  if (!isSlash(text[0], true)) return parseFileRelative(url, text, base);
  if (isSlash(text[1], true)) {
    const rest = text.slice(2);
    const end = rest.search(/[/\\?]/);
    const host = end < 0 ? rest : rest.slice(0, end);
    if (DRIVE_LETTER.test(host)) {
      appendPath(url, takeQuery(url, rest));
      return true;
    }
    if (!setFileHost(url, host)) return false;
    startPath(url, takeQuery(url, end < 0 ? "" : rest.slice(end)));
    return true;
  }
  const rest = text.slice(1);
  if (base !== null) {
    url.host = base.host;
    const drive = /^\/[A-Za-z]:(?=\/|$)/.exec(base.path)?.[0];
    if (drive !== undefined && !STARTS_WITH_DRIVE_LETTER.test(rest)) url.path = drive;
  }
  appendPath(url, takeQuery(url, rest));
  return true;
}

function parseFileRelative(url: UrlRecord, text: string, base: UrlRecord | null): boolean {
  if (base !== null) {
    url.host = base.host;
    url.path = base.path;
    if (text === "") {
      url.query = base.query;
      return true;
    }
    const path = takeQuery(url, text);
    if (path === "") return true;
    if (STARTS_WITH_DRIVE_LETTER.test(text)) url.path = "";
    else shortenPath(url);
    appendPath(url, path);
    return true;
  }
  appendPath(url, takeQuery(url, text));
  return true;
}

/** The end of the file host state. */
export function setFileHost(url: UrlRecord, text: string): boolean {
  const host = text === "" ? "" : parseHost(text, true);
  if (host === null) return false;
  url.host = host === "localhost" ? "" : host;
  return true;
}

/** Parses the query that the text may have, and returns the text before it. */
function takeQuery(url: UrlRecord, text: string): string {
  const mark = text.indexOf("?");
  if (mark < 0) return text;
  setQuery(url, text.slice(mark + 1));
  return text.slice(0, mark);
}

/** The query state. */
export function setQuery(url: UrlRecord, text: string): void {
  url.query = percentEncode(text, isSpecial(url.scheme) ? SPECIAL_QUERY : QUERY);
}

/** The path start state. */
function startPath(url: UrlRecord, text: string): void {
  const special = isSpecial(url.scheme);
  if (text === "" && !special) return;
  appendPath(url, isSlash(text[0], special) ? text.slice(1) : text);
}

/** The pathname setter: the path start state with a state override, on an empty path. */
export function replacePath(url: UrlRecord, text: string): void {
  url.path = "";
  if (text === "" && url.host === null) url.path = "/";
  else startPath(url, text);
}

/** The path state: appends the segments of a text that has no slash before it. */
function appendPath(url: UrlRecord, text: string): void {
  const file = url.scheme === "file";
  if (!file && !PATH_WORK.test(text)) {
    url.path += `/${text}`;
    return;
  }
  const segments = text.split(isSpecial(url.scheme) ? /[/\\]/ : "/");
  const last = segments.length - 1;
  for (const [index, segment] of segments.entries()) {
    if (DOUBLE_DOT.test(segment)) {
      shortenPath(url);
      if (index === last) url.path += "/";
    } else if (SINGLE_DOT.test(segment)) {
      if (index === last) url.path += "/";
    } else if (file && url.path === "" && DRIVE_LETTER.test(segment)) {
      url.path = `/${segment[0]}:`;
    } else {
      url.path += `/${percentEncode(segment, PATH)}`;
    }
  }
}

/** https://url.spec.whatwg.org/#shorten-a-urls-path */
function shortenPath(url: UrlRecord): void {
  if (url.scheme === "file" && NORMALIZED_DRIVE_PATH.test(url.path)) return;
  url.path = url.path.slice(0, Math.max(0, url.path.lastIndexOf("/")));
}
