/** What the setters of URL do to a record (https://url.spec.whatwg.org/#api): the parser with a state override. */
import { parseHost } from "./host.ts";
import {
  findPort,
  replacePath,
  setFileHost,
  setPortNumber,
  setQuery,
  withoutTabsAndNewlines,
} from "./parse.ts";
import { FRAGMENT, percentEncode, USERINFO } from "./percent.ts";
import { cannotHaveCredentials, defaultPort, hasCredentials, isSpecial, type UrlRecord } from "./record.ts";

export function setProtocol(url: UrlRecord, value: string): void {
  const given = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(`${withoutTabsAndNewlines(value)}:`)?.[1];
  if (given === undefined) return;
  const scheme = given.toLowerCase();
  if (isSpecial(url.scheme) !== isSpecial(scheme)) return;
  if (scheme === "file" && (hasCredentials(url) || url.port !== null)) return;
  if (url.scheme === "file" && url.host === "") return;
  url.scheme = scheme;
  if (url.port === defaultPort(scheme)) url.port = null;
}

export function setUsername(url: UrlRecord, value: string): void {
  if (!cannotHaveCredentials(url)) url.username = percentEncode(value, USERINFO);
}

export function setPassword(url: UrlRecord, value: string): void {
  if (!cannotHaveCredentials(url)) url.password = percentEncode(value, USERINFO);
}

/** `withPort` for the host setter; the hostname setter refuses a port. Returns false when the value was refused. */
export function setHost(url: UrlRecord, value: string, withPort: boolean): boolean {
  if (url.opaque) return false;
  const special = isSpecial(url.scheme);
  const text = withoutTabsAndNewlines(value);
  const end = text.search(special ? /[/\\?#]/ : /[/?#]/);
  const authority = end < 0 ? text : text.slice(0, end);
  if (url.scheme === "file") return setFileHost(url, authority);
  const colon = findPort(authority);
  const name = colon < 0 ? authority : authority.slice(0, colon);
  if (colon >= 0 && (name === "" || !withPort)) return false;
  if (name === "" && (special || hasCredentials(url) || url.port !== null)) return false;
  const host = parseHost(name, special);
  if (host === null) return false;
  url.host = host;
  const digits = colon < 0 ? undefined : /^[0-9]+/.exec(authority.slice(colon + 1))?.[0];
  if (digits !== undefined) setPortNumber(url, digits);
  return true;
}

export function setPort(url: UrlRecord, value: string): void {
  if (cannotHaveCredentials(url)) return;
  if (value === "") {
    url.port = null;
    return;
  }
  const digits = /^[0-9]+/.exec(withoutTabsAndNewlines(value))?.[0];
  if (digits !== undefined) setPortNumber(url, digits);
}

export function setPathname(url: UrlRecord, value: string): void {
  if (!url.opaque) replacePath(url, withoutTabsAndNewlines(value));
}

export function setSearch(url: UrlRecord, value: string): void {
  if (value === "") url.query = null;
  else setQuery(url, withoutTabsAndNewlines(value.startsWith("?") ? value.slice(1) : value));
}

export function setHash(url: UrlRecord, value: string): void {
  if (value === "") url.fragment = null;
  else
    url.fragment = percentEncode(
      withoutTabsAndNewlines(value.startsWith("#") ? value.slice(1) : value),
      FRAGMENT,
    );
}
