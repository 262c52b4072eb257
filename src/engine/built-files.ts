/** What the build puts beside the program for the engines: the guest library, and QuickJS itself. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface BuiltFiles {
  readonly guestPath: string;
  readonly wasmPath: string;
  /** Tells one build of the two from another: images are kept under this. */
  readonly fingerprint: string;
}

/** The build writes it into a comment at the start of the script. */
const FINGERPRINT = /^\/\* (\w+) \*\//;
const HEAD_BYTES = 64;

let found: BuiltFiles | undefined;

export function builtFiles(): BuiltFiles {
  found ??= filesIn(new URL(".", import.meta.url));
  return found;
}

export function filesIn(folder: URL): BuiltFiles {
  const guestPath = fileURLToPath(new URL("guest.js", folder));
  const fingerprint = FINGERPRINT.exec(headOf(guestPath))?.[1];
  if (fingerprint === undefined) throw new TypeError(`${guestPath} was not made by the build`);
  return { guestPath, wasmPath: fileURLToPath(new URL("quickjs.wasm", folder)), fingerprint };
}

/** No more than that is read: with an image, nobody needs the rest. */
function headOf(path: string): string {
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(path, "r");
  try {
    readSync(file, head, 0, HEAD_BYTES, 0);
  } finally {
    closeSync(file);
  }
  return head.toString("latin1");
}

/** The script is plain ASCII. */
export function readGuest({ guestPath }: Pick<BuiltFiles, "guestPath">): string {
  return readFileSync(guestPath, "latin1");
}
