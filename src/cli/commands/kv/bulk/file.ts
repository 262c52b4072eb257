/** The JSON files of the bulk commands: an array of items, each checked, all faults told at once. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { UserError } from "../../../../errors.ts";
import { readText, withoutMark } from "../../../../runtime/read-text.ts";
import type { CommandContext } from "../../../command.ts";
import { unreadable } from "../../../unreadable.ts";

const MAX_FAULTS = 12;

/** An item of the array, or what is wrong with it. */
export type Checked<T> = { readonly item: T } | { readonly fault: string };

/** Reads the file (- is stdin), and checks each item. `wanted` says what an item should be. */
export async function readItems<T>(
  context: CommandContext,
  path: string,
  wanted: string,
  check: (value: unknown) => Checked<T>,
): Promise<readonly T[]> {
  const content = parse(path, await read(context, path));
  if (!Array.isArray(content)) {
    const found = content === null ? "null" : typeof content;
    throw new UserError(
      "USAGE",
      `"${path}" holds no JSON array, but: ${found}.`,
      `It is an array of ${wanted}.`,
    );
  }
  const items: T[] = [];
  const faults: string[] = [];
  for (const [index, value] of content.entries()) {
    const checked = check(value);
    if ("item" in checked) items.push(checked.item);
    else faults.push(`  item ${index} ${checked.fault}`);
  }
  if (faults.length === 0) return items;
  const more = faults.length > MAX_FAULTS ? [`  and ${faults.length - MAX_FAULTS} more`] : [];
  throw new UserError("USAGE", `"${path}" holds items that cannot be used.`, `It is an array of ${wanted}.`, {
    details: [...faults.slice(0, MAX_FAULTS), ...more].join("\n"),
  });
}

async function read({ cwd, stdin }: CommandContext, path: string): Promise<string> {
  try {
    return path === "-" ? await readText(stdin) : await readFile(resolve(cwd, path), "utf8");
  } catch (error) {
    throw unreadable(path, error);
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(withoutMark(text));
  } catch (error) {
    throw new UserError(
      "USAGE",
      `"${path}" is not valid JSON: ${(error as Error).message}.`,
      "Mend the file, and try again.",
      { cause: error },
    );
  }
}

/** What an item is, for a sentence. */
export function describeItem(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 59)}…` : json;
}

/** The keys of a file for `get` and `delete`: strings, or objects as `kv key list` writes them. */
export function readKeys(context: CommandContext, path: string): Promise<readonly string[]> {
  return readItems(context, path, 'keys: strings, or objects with a "name"', value => {
    const name = typeof value === "object" && value !== null ? (value as { name?: unknown }).name : value;
    return typeof name === "string" ? { item: name } : { fault: `is ${describeItem(value)}` };
  });
}
