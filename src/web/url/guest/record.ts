/** A parsed URL and its serialization (https://url.spec.whatwg.org/#url-representation). */

/** The host stands serialized; the path too: "/a/b" for a list, the text itself when `opaque`. */
export interface UrlRecord {
  scheme: string;
  username: string;
  password: string;
  host: string | null;
  port: number | null;
  path: string;
  opaque: boolean;
  query: string | null;
  fragment: string | null;
}

const defaultPorts = new Map<string, number | null>([
  ["http", 80],
  ["https", 443],
  ["ws", 80],
  ["wss", 443],
  ["ftp", 21],
  ["file", null],
]);

export function blankRecord(): UrlRecord {
  return {
    scheme: "",
    username: "",
    password: "",
    host: null,
    port: null,
    path: "",
    opaque: false,
    query: null,
    fragment: null,
  };
}

/** https://url.spec.whatwg.org/#special-scheme */
export function isSpecial(scheme: string): boolean {
  return defaultPorts.has(scheme);
}

/** The port of a scheme's URLs that name none. */
export function defaultPort(scheme: string): number | null {
  return defaultPorts.get(scheme) ?? null;
}

export function hasCredentials(url: UrlRecord): boolean {
  return url.username !== "" || url.password !== "";
}

/** https://url.spec.whatwg.org/#cannot-have-a-username-password-port */
export function cannotHaveCredentials(url: UrlRecord): boolean {
  return url.host === null || url.host === "" || url.scheme === "file";
}

/** Host and port, as the `host` attribute shows them. */
export function serializeHost(url: UrlRecord): string {
  if (url.host === null) return "";
  return url.port === null ? url.host : `${url.host}:${url.port}`;
}

/** https://url.spec.whatwg.org/#concept-url-serializer */
export function serializeURL(url: UrlRecord, excludeFragment = false): string {
  let text = `${url.scheme}:`;
  if (url.host !== null) {
    text += "//";
    if (hasCredentials(url)) text += `${url.username}${url.password === "" ? "" : `:${url.password}`}@`;
    text += serializeHost(url);
  } else if (!url.opaque && url.path.startsWith("//")) {
    text += "/.";
  }
  text += url.path;
  if (url.query !== null) text += `?${url.query}`;
  if (url.fragment !== null && !excludeFragment) text += `#${url.fragment}`;
  return text;
}
