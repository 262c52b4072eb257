/** URLPatternInit, given for a pattern or for a URL to match (https://urlpattern.spec.whatwg.org/#canon-processing-for-init). */
import { dictionary, USVString } from "../../../guest/webidl.ts";
import { parseURL } from "../../url/guest/parse.ts";
import { isSpecial, type UrlRecord } from "../../url/guest/record.ts";
import {
  canonicalizeHash,
  canonicalizeHostname,
  canonicalizeOpaquePathname,
  canonicalizePassword,
  canonicalizePathname,
  canonicalizePort,
  canonicalizeProtocol,
  canonicalizeSearch,
  canonicalizeUsername,
} from "./canonicalize.ts";
import { escapePattern } from "./component.ts";

export const COMPONENTS = [
  "protocol",
  "username",
  "password",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;

export type ComponentName = (typeof COMPONENTS)[number];

/** Texts of components; what is not given is absent. */
export type Components = { [K in ComponentName]?: string };

export interface URLPatternInit extends Components {
  baseURL?: string;
}

const members = [
  "baseURL",
  "hash",
  "hostname",
  "password",
  "pathname",
  "port",
  "protocol",
  "search",
  "username",
];

export const toURLPatternInit = dictionary<URLPatternInit>(
  "URLPatternInit",
  members.map(key => ({ key, converter: USVString })),
);

/** The components that a URL consists of. */
export function componentsOf(url: UrlRecord): Required<Components> {
  return {
    protocol: url.scheme,
    username: url.username,
    password: url.password,
    hostname: url.host ?? "",
    port: url.port === null ? "" : `${url.port}`,
    pathname: url.path,
    search: url.query ?? "",
    hash: url.fragment ?? "",
  };
}

// A component comes from the base URL when neither it nor any of those listed before it was given.
const inherited: readonly [ComponentName, readonly ComponentName[]][] = [
  ["protocol", ["protocol"]],
  ["username", ["protocol", "hostname", "port", "username"]],
  ["password", ["protocol", "hostname", "port", "username", "password"]],
  ["hostname", ["protocol", "hostname"]],
  ["port", ["protocol", "hostname", "port"]],
  ["pathname", ["protocol", "hostname", "port", "pathname"]],
  ["search", ["protocol", "hostname", "port", "pathname", "search"]],
  ["hash", ["protocol", "hostname", "port", "pathname", "search", "hash"]],
];

/** Completes an init by its base URL, as texts of patterns. Throws on an invalid base URL. */
export function processForPattern(init: URLPatternInit): Components {
  return process(init, true, {});
}

/** Completes an init by its base URL and canonicalizes it, as parts of a URL. Throws when it makes no URL. */
export function processForURL(init: URLPatternInit): Required<Components> {
  const empty = Object.fromEntries(COMPONENTS.map(name => [name, ""])) as Required<Components>;
  return process(init, false, empty) as Required<Components>;
}

function process(init: URLPatternInit, forPattern: boolean, result: Components): Components {
  let base: UrlRecord | null = null;
  if (init.baseURL !== undefined) {
    base = parseURL(init.baseURL);
    if (base === null) throw new TypeError(`Invalid base URL '${init.baseURL}'.`);
    inherit(result, init, componentsOf(base), forPattern);
  }
  const given: Components = { ...init };
  if (given.protocol?.endsWith(":")) given.protocol = given.protocol.slice(0, -1);
  if (given.search?.startsWith("?")) given.search = given.search.slice(1);
  if (given.hash?.startsWith("#")) given.hash = given.hash.slice(1);
  if (given.pathname !== undefined && base !== null && !base.opaque) {
    given.pathname = resolvePathname(given.pathname, base.path, forPattern);
  }
  for (const name of COMPONENTS) {
    const value = given[name];
    if (value !== undefined)
      result[name] = forPattern ? value : canonicalize(name, value, result.protocol ?? "");
  }
  return result;
}

function inherit(
  result: Components,
  init: URLPatternInit,
  base: Required<Components>,
  forPattern: boolean,
): void {
  for (const [name, unless] of inherited) {
    if (unless.some(other => init[other] !== undefined)) continue;
    if (forPattern && (name === "username" || name === "password")) continue;
    result[name] = forPattern ? escapePattern(base[name]) : base[name];
  }
}

function resolvePathname(pathname: string, basePath: string, forPattern: boolean): string {
  if (pathname.startsWith("/") || (forPattern && /^[\\{]\//.test(pathname))) return pathname;
  const path = forPattern ? escapePattern(basePath) : basePath;
  return path.slice(0, path.lastIndexOf("/") + 1) + pathname;
}

function canonicalize(name: ComponentName, value: string, protocol: string): string {
  switch (name) {
    case "protocol":
      return canonicalizeProtocol(value);
    case "username":
      return canonicalizeUsername(value);
    case "password":
      return canonicalizePassword(value);
    case "hostname":
      return canonicalizeHostname(value);
    case "port":
      return canonicalizePort(value, protocol);
    case "pathname":
      return protocol === "" || isSpecial(protocol)
        ? canonicalizePathname(value)
        : canonicalizeOpaquePathname(value);
    case "search":
      return canonicalizeSearch(value);
    case "hash":
      return canonicalizeHash(value);
  }
}
