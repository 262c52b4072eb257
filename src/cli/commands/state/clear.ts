import type { Command } from "../../command.ts";
import { dataOptions } from "../../options.ts";
import { confirm } from "../../terminal/confirm.ts";
import { stateFolder, yesOption } from "./folder.ts";

export const clear: Command = {
  name: "clear",
  summary: "empty all data, or remove a saved state",
  description:
    "Empties all data of bindings, also while a server uses it; saved states stay. With a name it removes that saved " +
    "state, and the data stays. On a terminal it asks first.",
  args: "[name]",
  options: [yesOption, ...dataOptions],
  examples: [
    { line: "worker state clear", does: "all data of bindings" },
    { line: "worker state clear seed", does: "the saved state of that name" },
  ],
  async run(context, { args: [name], options }) {
    const stateDir = await stateFolder(context, options);
    const { readSaved, removeSaved } = await import("../../../storage/state/saved.ts");
    const { clearState } = await import("../../../storage/state/clear.ts");
    if (name !== undefined) await readSaved(stateDir, name);
    const question =
      name === undefined ? `Empty all data in ${stateDir}?` : `Remove the saved state "${name}"?`;
    if (options["yes"] !== true && !(await confirm(context, question))) {
      context.log.log("Nothing was changed.");
      return 1;
    }
    if (name === undefined) await clearState(stateDir);
    else await removeSaved(stateDir, name);
    context.log.log(name === undefined ? `Emptied ${stateDir}.` : `Removed the saved state "${name}".`);
    return undefined;
  },
};
