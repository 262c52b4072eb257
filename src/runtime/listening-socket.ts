/** The socket that a server listens on, kept by the supervisor so that it outlives the processes that serve it. */
import net from "node:net";
import { getSystemErrorName } from "node:util";
import { UserError } from "../errors.ts";

/** A bound socket; whoever is handed it starts to listen. */
export interface ListeningSocket {
  readonly handle: { close(): void };
  readonly port: number;
}

interface BoundHandle {
  close(): void;
  getsockname(out: { port?: number }): number;
}

/**
 * Node's public API can only bind and accept in one step, and a supervisor that accepts would take connections that
 * it does not serve. The cluster module has the same need, and this is how it meets it.
 */
const { _createServerHandle: createServerHandle } = net as unknown as {
  _createServerHandle(address: string, port: number, addressType: 4 | 6): BoundHandle | number;
};

const PORTS_TRIED = 100;

/** Binds `port`; with `orNext`, the next port that is free. Port 0 is any. */
export function bindSocket(address: string, port: number, orNext: boolean): ListeningSocket {
  for (let candidate = port; ; candidate++) {
    const bound = tryBind(address, candidate);
    if (typeof bound !== "string") return bound;
    const mayGoOn = orNext && candidate - port < PORTS_TRIED && candidate < 65_535;
    if (bound === "EADDRINUSE" && mayGoOn) continue;
    throw bindError(bound, address, candidate);
  }
}

function tryBind(address: string, port: number): ListeningSocket | string {
  const handle = createServerHandle(address, port, net.isIPv6(address) ? 6 : 4);
  if (typeof handle === "number") return getSystemErrorName(handle);
  const name: { port?: number } = {};
  handle.getsockname(name);
  // libuv keeps "address in use" to itself until somebody listens; the socket that has no name shows it.
  if (name.port !== undefined && (port === 0 || name.port === port) && name.port !== 0) {
    return { handle, port: name.port };
  }
  handle.close();
  return "EADDRINUSE";
}

function bindError(code: string, address: string, port: number): UserError {
  if (code === "EADDRINUSE") {
    return new UserError(
      "PORT_IN_USE",
      `Port ${port} on ${address} is in use.`,
      "Stop the program that uses it, or choose another with --port (0 takes any that is free).",
    );
  }
  return new UserError(
    "ADDRESS_UNAVAILABLE",
    `Cannot listen on ${address}:${port} (${code}).`,
    code === "EACCES"
      ? "Ports below 1024 need privileges: choose another with --port."
      : "Choose another with --ip.",
  );
}
