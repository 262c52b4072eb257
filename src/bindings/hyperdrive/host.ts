/** Hyperdrive on the host: connections to the local database, with TLS where the connection string asks for it. */
import type { Socket } from "node:net";
import type { HostOps } from "../../engine/ops.ts";
import { adoptConnection, openConnection } from "../../web/sockets/host.ts";
import { addressOf, type DatabaseAddress } from "./connection-string.ts";
import type { HyperdriveAsyncOps } from "./contract.ts";

/** What stands behind a binding: an address. Connections belong to events. */
export class Database {
  readonly address: DatabaseAddress;

  constructor(address: DatabaseAddress) {
    this.address = address;
  }

  close(): void {}
}

export function createDatabase({ connectionString }: { readonly connectionString: string }): Database {
  return new Database(addressOf(connectionString));
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-SSLREQUEST */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Asks a PostgreSQL server for TLS, and goes on with it; without, where the server has none and that is enough. */
async function secured(socket: Socket, { hostname, tls: mode }: DatabaseAddress): Promise<Socket> {
  socket.write(SSL_REQUEST);
  if ((await firstCharacter(socket)) !== "S") {
    if (mode === "prefer") return socket;
    throw new Error("The database server does not support TLS.");
  }
  const [tls, { isIP }] = await Promise.all([import("node:tls"), import("node:net")]);
  const servername = isIP(hostname) === 0 ? { servername: hostname } : {};
  const secure = tls.connect({
    socket,
    host: hostname,
    rejectUnauthorized: mode === "verify",
    ...servername,
  });
  await new Promise<void>((resolve, reject) => {
    secure.once("secureConnect", resolve);
    // Stays for the connection's whole life: later failures are its readers' and writers' to hear of.
    secure.on("error", reject);
    secure.once("close", () => reject(new Error("The connection was closed.")));
  });
  return secure;
}

/** The first byte that comes, as a character; what comes with it stays to be read. */
function firstCharacter(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const read = () => {
      const byte = socket.read(1) as Buffer | null;
      if (byte === null) return;
      socket.off("readable", read);
      resolve(byte.toString("latin1"));
    };
    socket.on("readable", read);
    socket.once("close", () => reject(new Error("The connection was closed.")));
  });
}

/** The ops of Hyperdrive. */
export const hyperdriveOps: HostOps<HyperdriveAsyncOps> = {
  async "hyperdrive.connect"(context, handle, binding) {
    context.countSubrequest();
    const { address } = context.resource<Database>("hyperdrive", binding);
    let plain: Socket | undefined;
    try {
      plain = await openConnection(context, address.hostname, address.port, false);
      const socket = address.tls === "disable" ? plain : await secured(plain, address);
      adoptConnection(context, handle, socket);
      return null;
    } catch (cause) {
      plain?.destroy();
      throw new Error("connection attempt failed", { cause });
    }
  },
};
