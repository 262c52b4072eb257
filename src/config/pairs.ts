import { UserError } from "../errors.ts";
import { setOwn } from "./parse.ts";

/** The values of a repeated KEY:VALUE option (`--var`, `--define`, `--alias`); a later one wins. */
export function parsePairs(option: string, list: readonly string[]): Readonly<Record<string, string>> {
  const pairs: Record<string, string> = {};
  for (const text of list) {
    const colon = text.indexOf(":");
    if (colon < 1) {
      const message = `${option} takes KEY:VALUE, not "${text}"`;
      throw new UserError(
        "VAR_INVALID",
        message,
        `Write it as ${option} KEY:VALUE, in quotes where it has spaces.`,
      );
    }
    setOwn(pairs, text.slice(0, colon), text.slice(colon + 1));
  }
  return pairs;
}
