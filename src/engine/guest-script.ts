/** The built guest library. */
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface GuestScript {
  readonly path: string;
  readonly code: string;
  /** Hexadecimal SHA-256 of the code: images of it are kept under this. */
  readonly hash: string;
}

let found: GuestScript | undefined;

export function guestScript(): GuestScript {
  if (found === undefined) {
    const path = fileURLToPath(new URL("./guest.js", import.meta.url));
    const code = readFileSync(path, "utf8");
    found = { path, code, hash: hash("sha256", code) };
  }
  return found;
}
