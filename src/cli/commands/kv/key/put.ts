import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { UserError } from "../../../../errors.ts";
import type { Command, CommandContext } from "../../../command.ts";
import { unreadable } from "../../../unreadable.ts";
import { entryOptions, entrySettings } from "../entry-options.ts";
import { attempt, namespaceOptions, withNamespace } from "../open.ts";

export const put: Command = {
  name: "put",
  summary: "store a value",
  args: "<key> [value]",
  options: [
    { flags: "--path <file>", summary: "take the value from this file; - is stdin" },
    ...entryOptions,
    ...namespaceOptions,
  ],
  examples: [
    { line: 'worker kv key put greeting "hello" --binding KV', does: "a text" },
    { line: "worker kv key put logo --path logo.png", does: "a file, byte for byte" },
    {
      line: 'worker kv key put token abc --ttl 3600 --metadata \'{"by":"ci"}\'',
      does: "for an hour, with metadata",
    },
  ],
  run: (context, { args: [key = "", value], options }) =>
    withNamespace(context, options, async ({ kv, name }) => {
      const path = options["path"] as string | undefined;
      const source = sourceOf(context, value, path);
      let broken: Error | undefined;
      if (source instanceof Readable) {
        source.once("error", error => {
          broken = error;
        });
      }
      await attempt(kv.put(key, source, entrySettings(options))).catch((error: unknown) => {
        throw error === broken ? unreadable(path ?? "", error) : error;
      });
      context.log.log(`Wrote the key ${JSON.stringify(key)} of ${name}.`);
      return undefined;
    }),
};

function sourceOf(
  { cwd, stdin }: CommandContext,
  value: string | undefined,
  path: string | undefined,
): Uint8Array | Readable {
  if (value !== undefined && path === undefined) return Buffer.from(value, "utf8");
  if (value === undefined && path !== undefined) {
    return path === "-" ? (stdin as Readable) : createReadStream(resolve(cwd, path));
  }
  throw new UserError(
    "USAGE",
    value === undefined
      ? "There is no value to put."
      : "There are two values to put: one given, one in --path.",
    "Give it behind the key, or name its file: --path FILE",
  );
}
