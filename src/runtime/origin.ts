/** Where a server is reached from this machine. */
import type { DevConfig } from "../config/config.ts";

export const DEFAULT_PORT = 8787;

const ANY_ADDRESS: Readonly<Record<string, string>> = { "*": "0.0.0.0", localhost: "127.0.0.1" };

export const addressOf = (ip: string): string => ANY_ADDRESS[ip] ?? ip;

/** The URL of the server without a slash at its end; without a port, that of `worker dev` with this configuration. */
export function originOf(dev: DevConfig, port: number = dev.port ?? DEFAULT_PORT): string {
  return `${dev.localProtocol}://${urlHost(dev.ip)}:${port}`;
}

/** How an address is written in a URL that a browser on this machine can open. */
function urlHost(ip: string): string {
  const address = addressOf(ip);
  if (address === "0.0.0.0" || address === "::") return "localhost";
  return address.includes(":") ? `[${address}]` : address;
}
