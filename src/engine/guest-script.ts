/** The built guest library. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fingerprint } from "./image.ts";

export interface GuestScript {
  readonly path: string;
  readonly code: string;
  /** Tells one build of it from another: images are kept under this. */
  readonly fingerprint: string;
}

let found: GuestScript | undefined;

export function guestScript(): GuestScript {
  if (found === undefined) {
    const path = fileURLToPath(new URL("./guest.js", import.meta.url));
    const bytes = readFileSync(path);
    found = { path, code: bytes.toString("utf8"), fingerprint: fingerprint(bytes) };
  }
  return found;
}
