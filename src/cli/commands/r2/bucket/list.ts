import { otherStoredFiles } from "../../../../storage/paths.ts";
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
    const configured: readonly Listed[] = bucketsOf(config);
    const names = configured.map(({ name }) => name);
    const others = await otherStoredFiles(environment.stateDir, "r2", names);
    const unbound = others.map(({ name }): Listed => ({ name, binding: null }));
    context.stdout.write(`${JSON.stringify([...configured, ...unbound], null, 2)}\n`);
    return undefined;
  },
};
