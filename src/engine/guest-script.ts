/** Where the built guest library is. The build writes its hash beside it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface GuestScript {
  readonly path: string;
  /** Hexadecimal SHA-256 of the script. */
  readonly hash: string;
}

let found: GuestScript | undefined;

export function guestScript(): GuestScript {
  found ??= {
    path: fileURLToPath(new URL("./guest.js", import.meta.url)),
    hash: readFileSync(new URL("./guest.sha256", import.meta.url), "utf8").trim(),
  };
  return found;
}
