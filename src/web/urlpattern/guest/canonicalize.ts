/** The canonical form of a text in each component (https://urlpattern.spec.whatwg.org/#canon-encoding-callbacks). */
import { parseURL, replacePath, setPortNumber, withoutTabsAndNewlines } from "../../url/guest/parse.ts";
import { C0_CONTROL, percentEncode } from "../../url/guest/percent.ts";
import type { UrlRecord } from "../../url/guest/record.ts";
import { setHash, setHost, setPassword, setSearch, setUsername } from "../../url/guest/setters.ts";

/** A URL to try the text on. */
function dummy(): UrlRecord {
  return parseURL("https://dummy.invalid/")!;
}

function invalid(component: string, value: string): TypeError {
  return new TypeError(`Invalid ${component} '${value}'.`);
}

export function canonicalizeProtocol(value: string): string {
  if (value === "") return value;
  const url = parseURL(`${value}://dummy.invalid/`);
  if (url === null) throw invalid("protocol", value);
  return url.scheme;
}

export function canonicalizeUsername(value: string): string {
  if (value === "") return value;
  const url = dummy();
  setUsername(url, value);
  return url.username;
}

export function canonicalizePassword(value: string): string {
  if (value === "") return value;
  const url = dummy();
  setPassword(url, value);
  return url.password;
}

export function canonicalizeHostname(value: string): string {
  if (value === "") return value;
  const url = dummy();
  if (!setHost(url, value, false)) throw invalid("hostname", value);
  return url.host!;
}

export function canonicalizeIPv6Hostname(value: string): string {
  if (/[^0-9A-Fa-f[\]:]/.test(value)) throw invalid("hostname", value);
  return value.toLowerCase();
}

/** `protocol` decides which port is the default one, and shown as none. */
export function canonicalizePort(value: string, protocol?: string): string {
  if (value === "") return value;
  const url = dummy();
  url.scheme = protocol ?? "";
  const digits = /^[0-9]+/.exec(withoutTabsAndNewlines(value))?.[0];
  if (digits === undefined || !setPortNumber(url, digits)) throw invalid("port", value);
  return url.port === null ? "" : `${url.port}`;
}

export function canonicalizePathname(value: string): string {
  if (value === "") return value;
  const url = dummy();
  if (value.startsWith("/")) {
    replacePath(url, withoutTabsAndNewlines(value));
    return url.path;
  }
  // The text is part of a path: what stands before its first slash must not be taken for the path's beginning.
  replacePath(url, withoutTabsAndNewlines(`/-${value}`));
  return url.path.slice(2);
}

export function canonicalizeOpaquePathname(value: string): string {
  return percentEncode(withoutTabsAndNewlines(value), C0_CONTROL);
}

export function canonicalizeSearch(value: string): string {
  if (value === "") return value;
  const url = dummy();
  setSearch(url, `?${value}`);
  return url.query!;
}

export function canonicalizeHash(value: string): string {
  if (value === "") return value;
  const url = dummy();
  setHash(url, `#${value}`);
  return url.fragment!;
}
