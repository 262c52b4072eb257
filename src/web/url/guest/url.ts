/** The URL class (https://url.spec.whatwg.org/#url-class). */
import { exposeInterface, illegalInvocation, requireArguments, USVString } from "../../../guest/webidl.ts";
import { parseURL } from "./parse.ts";
import { isSpecial, serializeHost, serializeURL, type UrlRecord } from "./record.ts";
import { linkSearchParams, type URLSearchParams } from "./search-params.ts";
import {
  setHash,
  setHost,
  setPassword,
  setPathname,
  setPort,
  setProtocol,
  setSearch,
  setUsername,
} from "./setters.ts";
import { parseAbsoluteURL, simpleHref, simpleRecord } from "./simple.ts";

export { parseURL } from "./parse.ts";
export { serializeURL, type UrlRecord } from "./record.ts";

/** A parsed URL: a href that is taken apart when somebody asks, or a record. */
type Parsed = string | UrlRecord;

/** The last base and what it was parsed to: programs tend to have one. */
let lastBase = "";
let lastParsedBase: UrlRecord | null = null;

function parseBase(base: string): UrlRecord | null {
  if (base !== lastBase) {
    lastParsedBase = parseAbsoluteURL(base);
    lastBase = base;
  }
  return lastParsedBase;
}

function tryParse(input: string, base: string | undefined): Parsed | null {
  if (base === undefined) return simpleHref(input) ?? parseURL(input);
  const parsedBase = parseBase(base);
  return parsedBase === null ? null : (simpleHref(input) ?? parseURL(input, parsedBase));
}

const hrefOf = (parsed: Parsed): string => (typeof parsed === "string" ? parsed : serializeURL(parsed));

/** The serialization of an absolute URL, or null when the text is none: what `new URL(text).href` gives, for less. */
export function normalizeURL(text: string): string | null {
  const parsed = tryParse(text, undefined);
  return parsed === null ? null : hrefOf(parsed);
}

/** https://url.spec.whatwg.org/#concept-url-origin, serialized. */
export function originOf(url: UrlRecord): string {
  if (url.scheme === "blob") {
    const inner = parseURL(url.path);
    return inner !== null && (inner.scheme === "http" || inner.scheme === "https") ? originOf(inner) : "null";
  }
  if (!isSpecial(url.scheme) || url.scheme === "file") return "null";
  return `${url.scheme}://${serializeHost(url)}`;
}

const inMethod = (name: string): string => `Failed to execute '${name}' on 'URL'`;
const inSetter = (name: string): string =>
  `Failed to set the '${name}' property on 'URL': the value provided`;

/** The arguments `url` and `base` of a constructor or a static method, parsed. */
function parseArguments(given: IArguments, where: string): Parsed | null {
  requireArguments(given.length, 1, where);
  const input = USVString(given[0], `${where}: parameter 1`);
  return tryParse(input, given[1] === undefined ? undefined : USVString(given[1], `${where}: parameter 2`));
}

export class URL {
  /** The serialization; undefined after a change. */
  #href: string | undefined;
  /** The parts; undefined until one is asked for. */
  #parts: UrlRecord | undefined;
  #linked: ReturnType<typeof linkSearchParams> | undefined;

  constructor(_url: string | URL, _base: string | URL | undefined = undefined) {
    const parsed = parseArguments(arguments, "Failed to construct 'URL'");
    if (parsed === null) throw new TypeError("Invalid URL string.");
    this.#adopt(parsed);
  }

  static canParse(_url: string | URL, _base: string | URL | undefined = undefined): boolean {
    return parseArguments(arguments, inMethod("canParse")) !== null;
  }

  static parse(_url: string | URL, _base: string | URL | undefined = undefined): URL | null {
    const parsed = parseArguments(arguments, inMethod("parse"));
    return parsed === null ? null : new URL(hrefOf(parsed));
  }

  /** workerd has it in name only: there is no store that object URLs could lead to. */
  static createObjectURL(_object: object): string {
    requireArguments(arguments.length, 1, inMethod("createObjectURL"));
    throw new Error("URL.createObjectURL() is not implemented");
  }

  static revokeObjectURL(_url: string): void {
    requireArguments(arguments.length, 1, inMethod("revokeObjectURL"));
    throw new Error("URL.revokeObjectURL() is not implemented");
  }

  #adopt(parsed: Parsed): void {
    if (typeof parsed === "string") {
      this.#href = parsed;
      this.#parts = undefined;
    } else {
      this.#href = undefined;
      this.#parts = parsed;
    }
  }

  get #record(): UrlRecord {
    this.#parts ??= simpleRecord(this.#href!);
    return this.#parts;
  }

  /** Runs a setter's algorithm on the parts. */
  #change(algorithm: (url: UrlRecord, value: string) => unknown, name: string, value: unknown): void {
    const text = USVString(value, inSetter(name));
    algorithm(this.#record, text);
    this.#href = undefined;
  }

  get href(): string {
    if (!(#href in this)) throw illegalInvocation();
    this.#href ??= serializeURL(this.#record);
    return this.#href;
  }

  set href(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    const parsed = tryParse(USVString(value, inSetter("href")), undefined);
    if (parsed === null) throw new TypeError("Invalid URL string.");
    this.#adopt(parsed);
    this.#linked?.reset(this.#record.query ?? "");
  }

  get origin(): string {
    if (!(#href in this)) throw illegalInvocation();
    return originOf(this.#record);
  }

  get protocol(): string {
    if (!(#href in this)) throw illegalInvocation();
    return `${this.#record.scheme}:`;
  }

  set protocol(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    this.#change(setProtocol, "protocol", value);
  }

  get username(): string {
    if (!(#href in this)) throw illegalInvocation();
    return this.#record.username;
  }

  set username(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    this.#change(setUsername, "username", value);
  }

  get password(): string {
    if (!(#href in this)) throw illegalInvocation();
    return this.#record.password;
  }

  set password(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    this.#change(setPassword, "password", value);
  }

  get host(): string {
    if (!(#href in this)) throw illegalInvocation();
    return serializeHost(this.#record);
  }

  set host(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    this.#change((url, text) => setHost(url, text, true), "host", value);
  }

  get hostname(): string {
    if (!(#href in this)) throw illegalInvocation();
    return this.#record.host ?? "";
  }

  set hostname(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    this.#change((url, text) => setHost(url, text, false), "hostname", value);
  }

  get port(): string {
    if (!(#href in this)) throw illegalInvocation();
    const { port } = this.#record;
    return port === null ? "" : `${port}`;
  }

  set port(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    this.#change(setPort, "port", value);
  }

  get pathname(): string {
    if (!(#href in this)) throw illegalInvocation();
    return this.#record.path;
  }

  set pathname(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    this.#change(setPathname, "pathname", value);
  }

  get search(): string {
    if (!(#href in this)) throw illegalInvocation();
    const { query } = this.#record;
    return query === null || query === "" ? "" : `?${query}`;
  }

  set search(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    this.#change(setSearch, "search", value);
    this.#linked?.reset(this.#record.query ?? "");
  }

  get searchParams(): URLSearchParams {
    if (!(#href in this)) throw illegalInvocation();
    this.#linked ??= linkSearchParams(this.#record.query ?? "", serialized => {
      this.#record.query = serialized === "" ? null : serialized;
      this.#href = undefined;
    });
    return this.#linked.params;
  }

  get hash(): string {
    if (!(#href in this)) throw illegalInvocation();
    const { fragment } = this.#record;
    return fragment === null || fragment === "" ? "" : `#${fragment}`;
  }

  set hash(value: string) {
    if (!(#href in this)) throw illegalInvocation();
    this.#change(setHash, "hash", value);
  }

  toJSON(): string {
    if (!(#href in this)) throw illegalInvocation();
    return this.href;
  }

  toString(): string {
    if (!(#href in this)) throw illegalInvocation();
    return this.href;
  }
}

exposeInterface(URL);
