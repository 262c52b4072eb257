import { basename } from "node:path";
import { storedFiles, storePaths } from "../../../../storage/paths.ts";
import type { Command } from "../../../command.ts";
import { dataInput } from "../../../inputs.ts";
import { dataOptions } from "../../../options.ts";
import { bucketsOf } from "../open.ts";

interface Listed {
  readonly name: string;
  /** Null for a bucket that no binding of the configuration names. */
  readonly binding: string | null;
}

export const list: Command = {
  name: "list",
  summary: "list the buckets of the configuration, and those that have data",
  description:
    "Writes a JSON array of objects with name and binding to stdout. The binding is null for data that no binding names.",
  options: dataOptions,
  examples: [{ line: "worker r2 bucket list", does: "names and bindings" }],
  async run(context, { options }) {
    const { openStores } = await import("../../../../runtime/stores.ts");
    const { config, environment } = await openStores(context, dataInput(context, options));
    const { stateDir } = environment;
    const configured: readonly Listed[] = bucketsOf(config);
    const files = new Set(configured.map(({ name }) => basename(storePaths(stateDir, "r2", name).database)));
    const others = (await storedFiles(stateDir, "r2"))
      .filter(({ file }) => !files.has(file))
      .map(({ name }): Listed => ({ name, binding: null }));
    context.stdout.write(`${JSON.stringify([...configured, ...others], null, 2)}\n`);
    return undefined;
  },
};
