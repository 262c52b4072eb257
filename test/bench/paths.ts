import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package that is measured. */
export const PRODUCT = fileURLToPath(new URL("../..", import.meta.url));

/** This package, with the peers in its node_modules. */
export const BENCH = fileURLToPath(new URL(".", import.meta.url));

/** One of the scripts in `programs/`. */
export function programPath(name: string): string {
  return join(BENCH, "programs", name);
}
