/** TCP sockets (https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/), as workerd has them. */
import { requireEvent } from "../../../guest/event-context.ts";
import { call } from "../../../guest/host.ts";
import { exposeInterface, illegalConstructor, illegalInvocation } from "../../../guest/webidl.ts";
import { Capability, markHandled, react } from "../../streams/guest/promises.ts";
import { exposeReadable, type ReadableStream } from "../../streams/guest/readable.ts";
import { newGuestHandle } from "../../streams/guest/transfer.ts";
import { exposeWritable, type WritableStream } from "../../streams/guest/writable.ts";
import {
  type SecureTransport,
  type SocketOptions,
  type Target,
  toServerName,
  toTargetAndOptions,
} from "./arguments.ts";
import { Connection } from "./connection.ts";

export interface SocketInfo {
  readonly remoteAddress: string | undefined;
  readonly localAddress: string | undefined;
}

/** What a socket is made of; scripts cannot make one. */
class Parts {
  readonly connection: Connection;
  readonly target: Target;
  readonly options: SocketOptions;

  constructor(connection: Connection, target: Target, options: SocketOptions) {
    this.connection = connection;
    this.target = target;
    this.options = options;
  }
}

/** A TCP connection that the worker opened. */
export class Socket {
  readonly #parts: Parts;
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;
  readonly #opened: Promise<SocketInfo>;
  readonly #closed = new Capability();
  /** Whether the host has been asked to tell when the connection is gone. */
  #watched = false;
  #closing: Promise<void> | undefined;
  #upgrading = false;
  #upgraded = false;

  constructor(parts: unknown = undefined) {
    if (!(parts instanceof Parts)) throw illegalConstructor();
    this.#parts = parts;
    const { connection, target } = parts;
    this.#readable = exposeReadable(connection.readable);
    this.#writable = exposeWritable(connection.writable);
    markHandled(this.#closed.promise);
    this.#opened = markHandled(
      react(
        connection.opened,
        () => ({ remoteAddress: target.address, localAddress: undefined }),
        reason => {
          this.#closed.reject(reason);
          throw reason;
        },
      ),
    );
    connection.onEnded = ending => react(ending, () => this.#closed.resolve(), this.#closed.reject);
  }

  get readable(): ReadableStream {
    if (!(#parts in this)) throw illegalInvocation();
    return this.#readable;
  }

  get writable(): WritableStream {
    if (!(#parts in this)) throw illegalInvocation();
    return this.#writable;
  }

  get closed(): Promise<void> {
    if (!(#parts in this)) throw illegalInvocation();
    this.#watch();
    return this.#closed.promise;
  }

  get opened(): Promise<SocketInfo> {
    if (!(#parts in this)) throw illegalInvocation();
    return this.#opened;
  }

  get upgraded(): boolean {
    if (!(#parts in this)) throw illegalInvocation();
    return this.#upgraded;
  }

  get secureTransport(): SecureTransport {
    if (!(#parts in this)) throw illegalInvocation();
    return this.#parts.options.secureTransport;
  }

  close(): Promise<void> {
    if (!(#parts in this)) throw illegalInvocation();
    this.#closing ??= this.#close();
    return react(this.#closing, undefined);
  }

  startTls(options: unknown = undefined): Socket {
    if (!(#parts in this)) throw illegalInvocation();
    const serverName = toServerName(options);
    const { target, options: own } = this.#parts;
    if (own.secureTransport === "on") throw new TypeError("Cannot startTls on a TLS socket.");
    if (own.secureTransport !== "starttls") {
      throw new TypeError(
        "The `secureTransport` socket option must be set to 'starttls' for startTls to be used.",
      );
    }
    if (this.#closing !== undefined || this.#upgraded) {
      throw new TypeError("The connection was closed before startTls could be started.");
    }
    if (this.#upgrading) throw new TypeError("startTls has already been called on this socket.");
    this.#upgrading = true;
    const handle = newGuestHandle();
    const opened = this.#upgrade(handle, serverName ?? target.hostname);
    const secure: SocketOptions = { ...own, secureTransport: "on" };
    return new Socket(new Parts(new Connection(handle, opened, secure, true), target, secure));
  }

  async #close(): Promise<void> {
    if (this.#upgrading) return;
    try {
      await this.#parts.connection.end();
    } catch (error) {
      this.#closed.reject(error);
      return;
    }
    this.#closed.resolve();
  }

  async #upgrade(handle: number, serverName: string): Promise<void> {
    const { connection } = this.#parts;
    await connection.opened;
    try {
      await connection.detach();
    } catch (error) {
      this.#upgrading = false;
      throw error;
    }
    this.#upgraded = true;
    this.#closed.resolve();
    await call("sockets.startTls", connection.handle, handle, serverName);
  }

  #watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    const { connection } = this.#parts;
    const gone = react(connection.opened, () => call("sockets.closed", connection.handle));
    markHandled(react(gone, () => this.#closed.resolve()));
  }
}

exposeInterface(Socket, "Socket");

/** Has the host open a connection under this handle. */
export type Opener = (handle: number) => Promise<null>;

/** By "host:port": what is found there by `connect()`, and by nobody else. */
const overrides = new Map<string, Opener>();

/** Has `connect()` to that address ("host:port") open something of the runtime's. */
export function overrideConnect(address: string, open: Opener): void {
  overrides.set(address, open);
}

/** A socket over a connection that `open` opens. */
export function openSocket(target: Target, options: SocketOptions, open: Opener): Socket {
  const handle = newGuestHandle();
  return new Socket(new Parts(new Connection(handle, open(handle), options, false), target, options));
}

/** Opens a TCP connection to a server. */
export function connect(address: unknown, options?: unknown): Socket {
  const [target, converted] = toTargetAndOptions(address, options);
  requireEvent();
  const { hostname, port } = target;
  const secure = converted.secureTransport === "on";
  const open: Opener = handle => call("sockets.connect", handle, hostname, port, secure);
  return openSocket(target, converted, overrides.get(`${hostname}:${port}`) ?? open);
}
