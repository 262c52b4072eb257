import type { Command } from "../../command.ts";
import { dataOptions } from "../../options.ts";
import { stateFolder } from "./folder.ts";

export const path: Command = {
  name: "path",
  summary: "print the folder of the data, or of a saved state",
  args: "[name]",
  options: dataOptions,
  examples: [
    { line: 'du -sh "$(worker state path)"', does: "how large the data is" },
    { line: "worker state path seed", does: "what to cache or commit" },
  ],
  async run(context, { args: [name], options }) {
    const stateDir = await stateFolder(context, options);
    const { savedPath } = await import("../../../storage/state/saved.ts");
    context.stdout.write(`${name === undefined ? stateDir : savedPath(stateDir, name)}\n`);
    return undefined;
  },
};
