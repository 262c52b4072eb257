import type { Command } from "../../command.ts";
import { dataOptions } from "../../options.ts";
import { confirm } from "../../terminal/confirm.ts";
import { countOf } from "../../terminal/units.ts";
import { stateFolder, yesOption } from "./folder.ts";

export const restore: Command = {
  name: "restore",
  summary: "make all data what it was when it was saved",
  description:
    "Replaces all data of bindings by a saved state, also while a server uses it: the server sees it with its next " +
    "operation. On a terminal it asks first.",
  args: "<name>",
  options: [yesOption, ...dataOptions],
  examples: [
    { line: "worker state restore seed", does: "start from a known state" },
    { line: "worker state restore seed -y", does: "ask nothing" },
  ],
  async run(context, { args: [name = ""], options }) {
    const stateDir = await stateFolder(context, options);
    const { readSaved } = await import("../../../storage/state/saved.ts");
    const { restoreState } = await import("../../../storage/state/restore.ts");
    await readSaved(stateDir, name);
    const question = `Replace all data in ${stateDir} by the saved state "${name}"?`;
    if (options["yes"] !== true && !(await confirm(context, question))) {
      context.log.log("Nothing was changed.");
      return 1;
    }
    const { databases, replaced } = await restoreState(stateDir, name);
    for (const file of replaced) {
      context.log.warn(`${file} was damaged and is a new file now: start servers again that use it`);
    }
    context.log.log(`Restored the state "${name}" (${countOf(databases, "database")}).`);
    return undefined;
  },
};
