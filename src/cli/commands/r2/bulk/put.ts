import { createReadStream, statSync } from "node:fs";
import { resolve } from "node:path";
import type { R2Bucket, R2MetadataSettings } from "../../../../bindings/r2/bucket.ts";
import { UserError } from "../../../../errors.ts";
import type { Command, CommandContext } from "../../../command.ts";
import { dataOptions, integerOption } from "../../../options.ts";
import { countOf } from "../../../terminal/units.ts";
import { unreadable } from "../../../unreadable.ts";
import { type Checked, describeItem, readItems } from "../../kv/bulk/file.ts";
import { metadataOptions, metadataSettings } from "../metadata-options.ts";
import { attempt, withBucket } from "../open.ts";

const DEFAULT_CONCURRENCY = 20;

interface Item {
  readonly key: string;
  /** A path, absolute. */
  readonly file: string;
}

export const put: Command = {
  name: "put",
  summary: "store the files that a JSON file lists",
  description:
    "Stores the files that a JSON file lists: an array of objects with key and file. Paths are relative to the working " +
    "directory. The options on metadata are for all of them.",
  args: "<bucket>",
  options: [
    { flags: "-f, --filename <path>", summary: "the list; - is stdin" },
    {
      flags: "--concurrency <N>",
      summary: "files stored at the same time",
      parse: integerOption("--concurrency", 1, 1000),
      shownDefault: String(DEFAULT_CONCURRENCY),
    },
    ...metadataOptions,
    ...dataOptions,
  ],
  examples: [
    {
      line: "worker r2 bulk put files --filename list.json",
      does: 'such as [{"key": "a/logo.png", "file": "logo.png"}]',
    },
  ],
  run: async (context, { args: [given = ""], options }) => {
    const filename = options["filename"] as string | undefined;
    if (filename === undefined) {
      throw new UserError("USAGE", "There is no list of files to store.", "Name it: --filename list.json");
    }
    const items = await readItems(context, filename, WANTED, value => checkItem(context, value));
    return withBucket(context, options, given, async (bucket, name) => {
      const concurrency = (options["concurrency"] as number | undefined) ?? DEFAULT_CONCURRENCY;
      await putAll(bucket, items, metadataSettings(options), concurrency);
      context.log.log(`Stored ${countOf(items.length, "object")} in the bucket ${name}.`);
      return undefined;
    });
  },
};

const WANTED = 'objects with "key" and "file" (strings), of files that exist';

function checkItem({ cwd }: CommandContext, value: unknown): Checked<Item> {
  const { key, file } = (value ?? {}) as { key?: unknown; file?: unknown };
  if (typeof key !== "string" || typeof file !== "string") return { fault: `is ${describeItem(value)}` };
  const path = resolve(cwd, file);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return { item: { key, file: path } };
  return { fault: `names ${found === undefined ? "a file that does not exist" : "no file"}: ${file}` };
}

/** So many at a time; all of them end before the first failure is told, so that none is still writing then. */
async function putAll(
  bucket: R2Bucket,
  items: readonly Item[],
  settings: R2MetadataSettings,
  concurrency: number,
): Promise<void> {
  const rest = items.values();
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (const { key, file } of rest) {
      if (failures.length > 0) return;
      const stream = createReadStream(file).on("error", () => {});
      await attempt(bucket.put(key, stream, settings)).catch((error: unknown) => {
        failures.push(error === stream.errored ? unreadable(file, error) : error);
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
  if (failures.length > 0) throw failures[0];
}
