import type { R2Bucket, R2ListSettings } from "../../../../bindings/r2/bucket.ts";
import type { R2Head, R2Page } from "../../../../bindings/r2/store.ts";
import type { Command } from "../../../command.ts";
import { dataOptions, integerOption } from "../../../options.ts";
import { writeJsonArray } from "../../../terminal/json-list.ts";
import { attempt, withBucket } from "../open.ts";

const PAGE = 1000;

export const list: Command = {
  name: "list",
  summary: "list objects as JSON",
  description:
    "Writes the objects of a bucket to stdout as a JSON array, in the order of their keys. With --delimiter, keys that have it " +
    "behind the prefix are told as one object with the property prefix.",
  args: "<bucket>",
  options: [
    { flags: "--prefix <text>", summary: "only keys that start with this" },
    { flags: "--delimiter <text>", summary: "what ends a folder's name, such as /" },
    { flags: "--start-after <key>", summary: "only keys behind this one" },
    {
      flags: "--limit <N>",
      summary: "at most so many",
      parse: integerOption("--limit", 1, Number.MAX_SAFE_INTEGER),
      shownDefault: "all",
    },
    ...dataOptions,
  ],
  examples: [
    { line: "worker r2 object list files", does: "all objects" },
    { line: "worker r2 object list files --prefix images/ --delimiter /", does: "one folder of them" },
    { line: "worker r2 object list files | jq -r '.[].key'", does: "the keys" },
  ],
  run: (context, { args: [given = ""], options }) =>
    withBucket(context, options, given, async bucket => {
      const settings = {
        prefix: options["prefix"] as string | undefined,
        delimiter: options["delimiter"] as string | undefined,
        startAfter: options["startAfter"] as string | undefined,
      };
      const limit = (options["limit"] as number | undefined) ?? Number.POSITIVE_INFINITY;
      await writeJsonArray(context.stdout, itemsOf(bucket, settings, limit));
      return undefined;
    }),
};

async function* itemsOf(bucket: R2Bucket, settings: R2ListSettings, limit: number): AsyncGenerator<unknown> {
  let left = limit;
  for (let cursor: string | undefined; left > 0; ) {
    const page: R2Page = await attempt(bucket.list({ ...settings, limit: Math.min(left, PAGE), cursor }));
    yield* page.objects.map(describe);
    yield* page.prefixes.map(prefix => ({ prefix }));
    left -= page.objects.length + page.prefixes.length;
    if (page.cursor === null) return;
    cursor = page.cursor;
  }
}

function describe({
  key,
  size,
  etag,
  uploaded,
  httpMetadata,
  customMetadata,
  storageClass,
}: R2Head): unknown {
  const { cacheExpiry, ...headers } = httpMetadata;
  const expiry = cacheExpiry === undefined ? {} : { cacheExpiry: new Date(cacheExpiry).toISOString() };
  return {
    key,
    size,
    etag,
    uploaded: new Date(uploaded).toISOString(),
    httpMetadata: { ...headers, ...expiry },
    customMetadata: Object.fromEntries(customMetadata),
    storageClass,
  };
}
