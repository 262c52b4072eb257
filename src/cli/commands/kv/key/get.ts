import { Readable } from "node:stream";
import type { KVEntry } from "../../../../bindings/kv/store.ts";
import { UserError } from "../../../../errors.ts";
import type { Command, CommandContext } from "../../../command.ts";
import { writeValue } from "../../../terminal/write-value.ts";
import { attempt, namespaceOptions, withNamespace } from "../open.ts";

export const get: Command = {
  name: "get",
  summary: "write a value to stdout",
  description: "Writes the value to stdout, byte for byte. A key without a value is an error (exit code 1).",
  args: "<key>",
  options: [{ flags: "--text", summary: "as UTF-8 text, with a newline at its end" }, ...namespaceOptions],
  examples: [
    { line: "worker kv key get logo > logo.png", does: "byte for byte" },
    { line: "worker kv key get greeting --text", does: "to be read" },
  ],
  run: (context, { args: [key = ""], options }) =>
    withNamespace(context, options, async ({ kv, name }) => {
      const entry = await attempt(kv.get(key, null));
      if (entry === null) {
        throw new UserError(
          "KEY_NOT_FOUND",
          `The key ${JSON.stringify(key)} of ${name} has no value.`,
          "worker kv key list shows the keys that have one.",
        );
      }
      if (options["text"] === true) await writeText(context, entry);
      else await writeValue(context.stdout, entry.value);
      return undefined;
    }),
};

async function writeText({ stdout }: CommandContext, { value }: KVEntry): Promise<void> {
  const decoder = new TextDecoder();
  const chunks = value instanceof Readable ? value : [value];
  for await (const chunk of chunks as AsyncIterable<Uint8Array>)
    stdout.write(decoder.decode(chunk, { stream: true }));
  stdout.write(`${decoder.decode()}\n`);
}
