import { mkdir } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UserError } from "../../../../errors.ts";
import type { Command, CommandContext } from "../../../command.ts";
import { dataOptions } from "../../../options.ts";
import { replaceFile } from "../../../replace-file.ts";
import { writeValue } from "../../../terminal/write-value.ts";
import { attempt, parseObjectPath, withBucket } from "../open.ts";

export const get: Command = {
  name: "get",
  summary: "write an object to a file, or to stdout",
  description:
    "Writes an object to the file that its key names, to another one with --file, or to stdout with --pipe. An object that " +
    "is not there is an error (exit code 1).",
  args: "<path>",
  options: [
    { flags: "-f, --file <path>", summary: "file to write", shownDefault: "the key" },
    { flags: "-p, --pipe", summary: "write to stdout" },
    ...dataOptions,
  ],
  examples: [
    { line: "worker r2 object get files/a/logo.png", does: "to the file a/logo.png" },
    { line: "worker r2 object get files/a/logo.png --file logo.png", does: "to another file" },
    { line: "worker r2 object get files/data.json --pipe | jq .", does: "to another program" },
  ],
  run: (context, { args: [path = ""], options }) => {
    const [given, key] = parseObjectPath(path);
    const target = targetOf(context, key, options);
    return withBucket(context, options, given, async (bucket, name) => {
      const entry = await attempt(bucket.get(key));
      if (entry === null) {
        throw new UserError(
          "KEY_NOT_FOUND",
          `The bucket ${name} has no object ${JSON.stringify(key)}.`,
          `worker r2 object list ${name} shows those that it has.`,
        );
      }
      const value = entry.body ?? new Uint8Array();
      if (target === undefined) {
        await writeValue(context.stdout, value);
      } else {
        await writeFile(target, value);
        context.log.log(`Wrote ${target}: ${entry.head.size} bytes.`);
      }
      return undefined;
    });
  },
};

/** The file to write; undefined for stdout. */
function targetOf(
  { cwd }: CommandContext,
  key: string,
  options: Readonly<Record<string, unknown>>,
): string | undefined {
  const file = options["file"] as string | undefined;
  const pipe = options["pipe"] === true;
  if (pipe && file !== undefined) {
    throw new UserError("USAGE", "--file and --pipe name two places to write to.", "Give one of them.");
  }
  if (pipe || file === "-") return undefined;
  if (file !== undefined) return resolve(cwd, file);
  const target = resolve(cwd, key);
  const inside = relative(cwd, target);
  // A key comes from whoever put the object: it must not pick a file elsewhere.
  if (inside !== "" && !inside.startsWith("..") && resolve(inside) !== inside && !key.endsWith("/"))
    return target;
  throw new UserError(
    "USAGE",
    `The key ${JSON.stringify(key)} names no file in this folder.`,
    "Name the file: --file FILE, or --pipe for stdout.",
  );
}

async function writeFile(path: string, value: Uint8Array | Readable): Promise<void> {
  const hint = "Name another file: --file FILE.";
  const folder = dirname(path);
  await mkdir(folder, { recursive: true }).catch(error => {
    throw new UserError("OUTPUT_UNWRITABLE", `Cannot make "${folder}": ${error.message}.`, hint, {
      cause: error,
    });
  });
  const source = value instanceof Readable ? value : Readable.from([value]);
  await replaceFile(path, hint, file => pipeline(source, file));
}
