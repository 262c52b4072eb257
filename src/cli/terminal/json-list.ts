/** JSON that is written while it comes, in the form of `JSON.stringify(value, null, 2)`. */
import { once } from "node:events";

type Output = NodeJS.WritableStream;

/** Writes the items as an array, and a newline. Waits for a reader that is slower. */
export async function writeJsonArray(output: Output, items: AsyncIterable<unknown>): Promise<void> {
  await writeItems(output, "[]", items, item => indented(item));
}

/** Writes the entries as an object, and a newline. */
export async function writeJsonObject(
  output: Output,
  entries: AsyncIterable<readonly [name: string, value: unknown]>,
): Promise<void> {
  await writeItems(output, "{}", entries, ([name, value]) => `${JSON.stringify(name)}: ${indented(value)}`);
}

async function writeItems<T>(
  output: Output,
  [open, close]: string,
  items: AsyncIterable<T>,
  format: (item: T) => string,
): Promise<void> {
  let separator = open;
  for await (const item of items) {
    if (!output.write(`${separator}\n  ${format(item)}`)) await once(output, "drain");
    separator = ",";
  }
  output.write(separator === open ? `${open}${close}\n` : `\n${close}\n`);
}

const indented = (value: unknown) => JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
