import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { UserError } from "../../../../errors.ts";
import type { Command, CommandContext } from "../../../command.ts";
import { dataOptions } from "../../../options.ts";
import { unreadable } from "../../../unreadable.ts";
import { metadataOptions, metadataSettings } from "../metadata-options.ts";
import { attempt, parseObjectPath, withBucket } from "../open.ts";

export const put: Command = {
  name: "put",
  summary: "store a file, or what comes from stdin",
  args: "<path>",
  options: [
    { flags: "-f, --file <path>", summary: "file to store; - is stdin" },
    { flags: "-p, --pipe", summary: "store what comes from stdin" },
    ...metadataOptions,
    ...dataOptions,
  ],
  examples: [
    { line: "worker r2 object put files/a/logo.png --file logo.png", does: "the key is a/logo.png" },
    {
      line: "worker r2 object put files/page --file page.html --content-type text/html",
      does: "with its type",
    },
    { line: "tar c src | worker r2 object put files/src.tar --pipe", does: "from stdin" },
  ],
  run: (context, { args: [path = ""], options }) => {
    const [given, key] = parseObjectPath(path);
    const source = sourceOf(context, options);
    // Whoever reads it learns of its failure, which may come before.
    source.stream.on("error", () => {});
    return withBucket(context, options, given, async (bucket, name) => {
      const { stream } = source;
      const head = await attempt(bucket.put(key, stream, metadataSettings(options))).catch(
        (error: unknown) => {
          throw error === stream.errored ? unreadable(source.name, error) : error;
        },
      );
      context.log.log(`Stored ${JSON.stringify(key)} in the bucket ${name}: ${head?.size} bytes.`);
      return undefined;
    });
  },
};

function sourceOf(
  { cwd, stdin }: CommandContext,
  options: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly stream: Readable } {
  const file = options["file"] as string | undefined;
  const pipe = options["pipe"] === true;
  if (pipe && file === undefined) return { name: "-", stream: stdin as Readable };
  if (!pipe && file !== undefined) {
    return { name: file, stream: file === "-" ? (stdin as Readable) : createReadStream(resolve(cwd, file)) };
  }
  throw new UserError(
    "USAGE",
    pipe ? "--file and --pipe name two things to store." : "There is nothing to store.",
    "Give --file FILE, or --pipe for stdin.",
  );
}
