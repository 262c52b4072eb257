import type { Command } from "../../../command.ts";
import { dataOptions } from "../../../options.ts";
import { attempt, parseObjectPath, withBucket } from "../open.ts";

export const deleteObject: Command = {
  name: "delete",
  summary: "remove an object",
  description: "Removes an object. One that is not there is no error.",
  args: "<path>",
  options: dataOptions,
  examples: [{ line: "worker r2 object delete files/a/logo.png", does: "remove it" }],
  run: (context, { args: [path = ""], options }) => {
    const [given, key] = parseObjectPath(path);
    return withBucket(context, options, given, async (bucket, name) => {
      await attempt(bucket.delete([key]));
      context.log.log(`Removed ${JSON.stringify(key)} from the bucket ${name}.`);
      return undefined;
    });
  },
};
