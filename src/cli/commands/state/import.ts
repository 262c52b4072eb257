import { resolve } from "node:path";
import type { Command } from "../../command.ts";
import { dataInput } from "../../inputs.ts";
import { dataOptions } from "../../options.ts";

export const importCommand: Command = {
  name: "import",
  summary: "take over the data that wrangler or Miniflare left",
  description:
    "Copies what wrangler dev or Miniflare 3 or 4 keep in .wrangler/state/v3 (or below another folder) into the stores of " +
    "this project. What is the same already stays; what differs is replaced. The source is only read.",
  args: "[dir]",
  options: dataOptions,
  examples: [
    { line: "worker state import", does: "from .wrangler beside the configuration" },
    { line: "worker state import ../other/.wrangler/state/v3", does: "from another folder" },
  ],
  async run(context, { args: [directory], options }) {
    const { openStores } = await import("../../../runtime/stores.ts");
    const { importState } = await import("../../../bindings/import-state.ts");
    const { config, environment } = await openStores(context, dataInput(context, options));
    const source = directory === undefined ? config.root : resolve(context.cwd, directory);
    await importState(source, config, environment, context.log);
    return undefined;
  },
};
