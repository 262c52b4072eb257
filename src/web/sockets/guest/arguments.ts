/** What connect() and startTls() are given, converted in workerd's order and refused in its words. */
import { parseURL } from "../../url/guest/parse.ts";

export type SecureTransport = "off" | "on" | "starttls";

export interface Target {
  /** Host and port as they were given. */
  readonly address: string;
  readonly hostname: string;
  readonly port: number;
}

export interface SocketOptions {
  readonly secureTransport: SecureTransport;
  readonly allowHalfOpen: boolean;
  /** In bytes; undefined for a writer that always looks ready. */
  readonly highWaterMark: number | undefined;
}

const MAX_PORT = 65_535;
const MAX_UINT64 = 18_446_744_073_709_551_615n;
const MAX_ADDRESS = 255;
const SUPPORTED = /^[A-Za-z0-9\-._[\]:]+$/;

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

function stringOf(value: unknown): string {
  if (typeof value === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
  return String(value);
}

function uninitialized(dictionary: string): TypeError {
  return new TypeError(
    `Cannot initialize ${dictionary} with required members from an undefined or null value.`,
  );
}

function toInteger(value: unknown): number {
  if (typeof value === "bigint") throw new TypeError("Cannot convert a BigInt value to a number");
  const number = Number(value);
  if (!Number.isFinite(number)) {
    throw new TypeError("The value cannot be converted because it is not an integer.");
  }
  return Math.trunc(number);
}

function toPort(value: unknown): number {
  const port = toInteger(value);
  if (port < 0) {
    throw new TypeError(
      "The value cannot be converted because it is negative and this API expects a positive number.",
    );
  }
  if (port > MAX_PORT) throw new TypeError(`Value out of range. Must be less than or equal to ${MAX_PORT}.`);
  return port;
}

function toHighWaterMark(value: unknown): number {
  if (typeof value === "bigint") {
    if (value < 0n || value > MAX_UINT64) {
      throw new TypeError(
        "The value cannot be converted because it is either negative and this API expects a positive bigint, or the value would be truncated.",
      );
    }
    return Number(value);
  }
  const mark = toInteger(value);
  if (mark < 0) {
    throw new TypeError(
      "The value cannot be converted because it is negative and this API expects a positive bigint.",
    );
  }
  if (mark > Number(MAX_UINT64)) {
    throw new TypeError(`Value out of range. Must be less than or equal to ${MAX_UINT64}.`);
  }
  return mark;
}

interface GivenAddress {
  readonly hostname: unknown;
  readonly port: unknown;
}

interface GivenOptions {
  readonly secureTransport: unknown;
  readonly allowHalfOpen: unknown;
  readonly highWaterMark: unknown;
}

/** Converts both arguments of connect(), then looks at what they say. */
export function toTargetAndOptions(address: unknown, options: unknown): [Target, SocketOptions] {
  const given = toAddress(address);
  const converted = toOptions(options);
  const target = typeof given === "string" ? parseAddress(given) : given;
  if (target.address.length > MAX_ADDRESS || !SUPPORTED.test(target.address)) {
    throw new TypeError("Specified address is empty string, contains unsupported characters or is too long.");
  }
  return [target, { ...converted, secureTransport: toSecureTransport(converted.secureTransport) }];
}

function toAddress(address: unknown): Target | string {
  if (address === undefined || address === null) throw uninitialized("SocketAddress");
  if (!isObject(address)) return stringOf(address);
  const given = address as GivenAddress;
  const hostname = stringOf(given.hostname);
  const port = toPort(given.port);
  return { address: `${hostname}:${port}`, hostname, port };
}

function parseAddress(address: string): Target {
  const url = parseURL(`fake://${address}`);
  if (url === null) throw new TypeError("Specified address could not be parsed.");
  if (url.host === null || url.host === "") throw new TypeError("Specified address is missing hostname.");
  if (url.port === null) throw new TypeError("Specified address is missing port.");
  return { address, hostname: url.host, port: url.port };
}

function toOptions(options: unknown): Omit<SocketOptions, "secureTransport"> & { secureTransport: string } {
  if (options === undefined)
    return { secureTransport: "off", allowHalfOpen: false, highWaterMark: undefined };
  if (options === null) throw uninitialized("SocketOptions");
  if (!isObject(options)) {
    throw new TypeError(
      "Failed to execute 'connect' on 'SocketsModule': parameter 2 is not of type 'SocketOptions'.",
    );
  }
  const given = options as GivenOptions;
  const { secureTransport } = given;
  const transport = secureTransport === undefined ? "off" : stringOf(secureTransport);
  const allowHalfOpen = Boolean(given.allowHalfOpen);
  const { highWaterMark } = given;
  const mark = highWaterMark === undefined ? undefined : toHighWaterMark(highWaterMark);
  return { secureTransport: transport, allowHalfOpen, highWaterMark: mark };
}

function toSecureTransport(value: string): SecureTransport {
  if (value === "off" || value === "on" || value === "starttls") return value;
  throw new TypeError(`Unsupported value in secureTransport socket option: ${value}`);
}

/** The name that startTls() is to find in the server's certificate, if it says one. */
export function toServerName(options: unknown): string | undefined {
  if (options === undefined || options === null) return undefined;
  if (!isObject(options)) {
    throw new TypeError("Failed to execute 'startTls' on 'Socket': parameter 1 is not of type 'TlsOptions'.");
  }
  const { expectedServerHostname } = options as { readonly expectedServerHostname: unknown };
  return expectedServerHostname === undefined ? undefined : stringOf(expectedServerHostname);
}
