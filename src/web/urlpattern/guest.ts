/** URLPattern (https://urlpattern.spec.whatwg.org/#urlpattern-class). */
import { boolean, dictionary, exposeInterface, illegalInvocation, USVString } from "../../guest/webidl.ts";
import { parseURL } from "../url/guest/parse.ts";
import { defaultPort, isSpecial } from "../url/guest/record.ts";
import { parseAbsoluteURL } from "../url/guest/simple.ts";
import {
  canonicalizeHash,
  canonicalizeHostname,
  canonicalizeIPv6Hostname,
  canonicalizeOpaquePathname,
  canonicalizePassword,
  canonicalizePathname,
  canonicalizePort,
  canonicalizeProtocol,
  canonicalizeSearch,
  canonicalizeUsername,
} from "./guest/canonicalize.ts";
import { type Component, compileComponent } from "./guest/component.ts";
import { DEFAULT_OPTIONS, matchesSpecialScheme, parseConstructorString } from "./guest/constructor-string.ts";
import {
  COMPONENTS,
  type ComponentName,
  type Components,
  componentsOf,
  processForPattern,
  processForURL,
  toURLPatternInit,
  type URLPatternInit,
} from "./guest/init.ts";
import type { Options } from "./guest/parts.ts";

export type URLPatternInput = string | URLPatternInit;

export interface URLPatternOptions {
  readonly ignoreCase?: boolean;
}

export interface URLPatternComponentResult {
  input: string;
  groups: Record<string, string | undefined>;
}

export type URLPatternResult = { inputs: URLPatternInput[] } & {
  [K in ComponentName]: URLPatternComponentResult;
};

const toOptions = dictionary<Required<URLPatternOptions>>("URLPatternOptions", [
  { key: "ignoreCase", converter: boolean, defaultValue: () => false },
]);

const HOSTNAME_OPTIONS: Options = { delimiter: ".", prefix: "", ignoreCase: false };
const PATHNAME_OPTIONS: Options = { delimiter: "/", prefix: "/", ignoreCase: false };

const isObject = (value: unknown): boolean =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** The union of a string and a URLPatternInit. */
function toInput(value: unknown, where: string): URLPatternInput {
  return value === undefined || value === null || isObject(value)
    ? toURLPatternInit(value, where)
    : USVString(value, where);
}

/** https://urlpattern.spec.whatwg.org/#url-pattern-create */
function compile(
  input: URLPatternInput,
  baseURL: string | undefined,
  ignoreCase: boolean,
): Record<ComponentName, Component> {
  const init = completeInit(input, baseURL);
  const given = processForPattern(init);
  const {
    protocol = "*",
    username = "*",
    password = "*",
    hostname = "*",
    pathname = "*",
    search = "*",
    hash = "*",
  } = given;
  let { port = "*" } = given;
  if (isSpecial(protocol) && port === `${defaultPort(protocol)}`) port = "";
  const options = { ...DEFAULT_OPTIONS, ignoreCase };
  const compiled = compileComponent(protocol, canonicalizeProtocol, DEFAULT_OPTIONS);
  const hasHierarchy = matchesSpecialScheme(compiled);
  return {
    protocol: compiled,
    username: compileComponent(username, canonicalizeUsername, DEFAULT_OPTIONS),
    password: compileComponent(password, canonicalizePassword, DEFAULT_OPTIONS),
    hostname: compileComponent(
      hostname,
      /^(?:\[|[{\\]\[)./su.test(hostname) ? canonicalizeIPv6Hostname : canonicalizeHostname,
      HOSTNAME_OPTIONS,
    ),
    port: compileComponent(port, canonicalizePort, DEFAULT_OPTIONS),
    pathname: hasHierarchy
      ? compileComponent(pathname, canonicalizePathname, { ...PATHNAME_OPTIONS, ignoreCase })
      : compileComponent(pathname, canonicalizeOpaquePathname, options),
    search: compileComponent(search, canonicalizeSearch, options),
    hash: compileComponent(hash, canonicalizeHash, options),
  };
}

function completeInit(input: URLPatternInput, baseURL: string | undefined): URLPatternInit {
  if (typeof input !== "string") {
    if (baseURL !== undefined)
      throw new TypeError("A base URL can be given only with a pattern that is a string.");
    return input;
  }
  const init: URLPatternInit = parseConstructorString(input);
  if (baseURL !== undefined) init.baseURL = baseURL;
  else if (init.protocol === undefined) {
    throw new TypeError(`Invalid pattern '${input}': a relative pattern needs a base URL.`);
  }
  return init;
}

/** The components to match; null when the input is no URL. */
function partsOf(input: URLPatternInput, baseURL: string | undefined): Required<Components> | null {
  if (typeof input !== "string") {
    if (baseURL !== undefined)
      throw new TypeError("A base URL can be given only with an input that is a string.");
    try {
      return processForURL(input);
    } catch {
      return null;
    }
  }
  if (baseURL === undefined) {
    const url = parseAbsoluteURL(input);
    return url === null ? null : componentsOf(url);
  }
  const base = parseURL(baseURL);
  const url = base === null ? null : parseURL(input, base);
  return url === null ? null : componentsOf(url);
}

/** https://urlpattern.spec.whatwg.org/#create-a-component-match-result */
function componentResult(
  component: Component,
  input: string,
  match: RegExpExecArray,
): URLPatternComponentResult {
  const groups = component.names.map((name, index) => [name, match[index + 1]] as const);
  return { groups: Object.fromEntries(groups), input };
}

export class URLPattern {
  readonly #components: Record<ComponentName, Component>;

  constructor(
    input: URLPatternInput | undefined = undefined,
    baseURLOrOptions: string | URLPatternOptions | undefined = undefined,
    options: URLPatternOptions | undefined = undefined,
  ) {
    const where = "Failed to construct 'URLPattern': parameter";
    const pattern = toInput(input, `${where} 1`);
    let given: unknown = options;
    let baseURL: string | undefined;
    if (isObject(baseURLOrOptions) || baseURLOrOptions === null) given = baseURLOrOptions;
    else if (baseURLOrOptions !== undefined) baseURL = USVString(baseURLOrOptions, `${where} 2`);
    const { ignoreCase } = toOptions(given, `${where} ${given === options ? 3 : 2}`);
    this.#components = compile(pattern, baseURL, ignoreCase);
  }

  get protocol(): string {
    if (!(#components in this)) throw illegalInvocation();
    return this.#components.protocol.pattern;
  }

  get username(): string {
    if (!(#components in this)) throw illegalInvocation();
    return this.#components.username.pattern;
  }

  get password(): string {
    if (!(#components in this)) throw illegalInvocation();
    return this.#components.password.pattern;
  }

  get hostname(): string {
    if (!(#components in this)) throw illegalInvocation();
    return this.#components.hostname.pattern;
  }

  get port(): string {
    if (!(#components in this)) throw illegalInvocation();
    return this.#components.port.pattern;
  }

  get pathname(): string {
    if (!(#components in this)) throw illegalInvocation();
    return this.#components.pathname.pattern;
  }

  get search(): string {
    if (!(#components in this)) throw illegalInvocation();
    return this.#components.search.pattern;
  }

  get hash(): string {
    if (!(#components in this)) throw illegalInvocation();
    return this.#components.hash.pattern;
  }

  get hasRegExpGroups(): boolean {
    if (!(#components in this)) throw illegalInvocation();
    return COMPONENTS.some(name => this.#components[name].hasRegExpGroups);
  }

  test(input: URLPatternInput | undefined = undefined, baseURL: string | undefined = undefined): boolean {
    if (!(#components in this)) throw illegalInvocation();
    const where = "Failed to execute 'test' on 'URLPattern': parameter";
    const given = toInput(input, `${where} 1`);
    const parts = partsOf(given, baseURL === undefined ? undefined : USVString(baseURL, `${where} 2`));
    return parts !== null && COMPONENTS.every(name => this.#components[name].regexp.test(parts[name]));
  }

  exec(
    input: URLPatternInput | undefined = undefined,
    baseURL: string | undefined = undefined,
  ): URLPatternResult | null {
    if (!(#components in this)) throw illegalInvocation();
    const where = "Failed to execute 'exec' on 'URLPattern': parameter";
    const given = toInput(input, `${where} 1`);
    const base = baseURL === undefined ? undefined : USVString(baseURL, `${where} 2`);
    const parts = partsOf(given, base);
    if (parts === null) return null;
    const result: Partial<URLPatternResult> = { inputs: base === undefined ? [given] : [given, base] };
    for (const name of COMPONENTS) {
      const match = this.#components[name].regexp.exec(parts[name]);
      if (match === null) return null;
      result[name] = componentResult(this.#components[name], parts[name], match);
    }
    return result as URLPatternResult;
  }
}

exposeInterface(URLPattern);
