import { readFileSync } from "node:fs";
import { UserError } from "../errors.ts";
import { shortPath } from "./diagnostics.ts";

/** The text of a file of the configuration, without a byte order mark. */
export function readText(path: string, cwd: string): string {
  try {
    const text = readFileSync(path, "utf8");
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  } catch (error) {
    throw new UserError(
      "CONFIG_UNREADABLE",
      `${shortPath(cwd, path)} cannot be read: ${(error as Error).message}`,
      "Check that it is a file, and its permissions.",
      { cause: error },
    );
  }
}
