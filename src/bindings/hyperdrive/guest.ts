/** `Hyperdrive`, as a worker sees it (https://developers.cloudflare.com/hyperdrive/reference/). */
import { requireEvent } from "../../guest/event-context.ts";
import { call } from "../../guest/host.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../guest/webidl.ts";
import { openSocket, overrideConnect, type Socket } from "../../web/sockets/guest/socket.ts";
import { parseURL } from "../../web/url/guest/parse.ts";
import type { BindingDescriptor } from "../contracts.ts";

const CONSTRUCTION = Symbol("construction");

const hex = (digits: number) =>
  Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join("");
const octet = () => Math.floor(Math.random() * 256);

/** What is behind the properties: fixed, own and enumerable, as on workerd. */
interface Parts {
  readonly connectionString: string;
  readonly port: number;
  readonly host: string;
  readonly ip: string;
  readonly password: string;
  readonly user: string;
  readonly database: string;
}

/** A database bound to a worker. Its host is a name that only `connect()` inside the worker knows. */
export class Hyperdrive {
  readonly #binding: string;
  readonly #parts: Parts;

  constructor(token: symbol, binding: string, parts: Parts) {
    if (token !== CONSTRUCTION) throw illegalConstructor();
    this.#binding = binding;
    this.#parts = parts;
    for (const [name, value] of Object.entries(parts)) {
      Object.defineProperty(this, name, { value, enumerable: true, configurable: true });
    }
    for (const host of [parts.host, parts.ip]) {
      overrideConnect(`${host}:${parts.port}`, handle => this.#open(handle));
    }
  }

  /** A connection to the database. Whoever uses it logs in by itself. */
  connect(): Socket {
    if (!(#binding in this)) throw illegalInvocation();
    requireEvent();
    const { host, port } = this.#parts;
    const target = { address: `${host}:${port}`, hostname: host, port };
    const options = { secureTransport: "off", allowHalfOpen: false, highWaterMark: undefined } as const;
    return openSocket(target, options, handle => this.#open(handle));
  }

  #open(handle: number): Promise<null> {
    return call("hyperdrive.connect", handle, this.#binding);
  }
}
exposeInterface(Hyperdrive, "Hyperdrive");

/** The object on `env` for a binding. */
export function createHyperdrive({ name, connectionString }: BindingDescriptor): Hyperdrive {
  const url = typeof connectionString === "string" ? parseURL(connectionString) : null;
  if (url === null) throw new TypeError(`The Hyperdrive binding "${name}" lacks a connectionString.`);
  const isMySQL = url.scheme === "mysql";
  const host = `${hex(32)}.hyperdrive.local`;
  const port = isMySQL ? 3306 : 5432;
  const database = url.path.slice(1);
  const credentials = `${url.username}:${url.password}`;
  const query = isMySQL ? "ssl-mode=disabled" : "sslmode=disable";
  return new Hyperdrive(CONSTRUCTION, name, {
    connectionString: `${url.scheme}://${credentials}@${host}:${port}/${database}?${query}`,
    port,
    host,
    ip: `240.${octet()}.${octet()}.${octet()}`,
    password: decodeURIComponent(url.password),
    user: decodeURIComponent(url.username),
    database: decodeURIComponent(database),
  });
}
