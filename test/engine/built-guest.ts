/** Where the engines find what the build made: their own code is taken from the sources here. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { GuestScript } from "../../src/engine/guest-script.ts";
import { fingerprint } from "../../src/engine/image.ts";

export const threadUrl = new URL("../../dist/quickjs-thread.js", import.meta.url);

export function guestScript(): GuestScript {
  const path = fileURLToPath(new URL("../../dist/guest.js", import.meta.url));
  const bytes = readFileSync(path);
  return { path, code: bytes.toString("utf8"), fingerprint: fingerprint(bytes) };
}
