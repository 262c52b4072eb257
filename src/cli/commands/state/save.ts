import type { Command } from "../../command.ts";
import { dataOptions } from "../../options.ts";
import { confirm } from "../../terminal/confirm.ts";
import { countOf, formatSize } from "../../terminal/units.ts";
import { stateFolder, yesOption } from "./folder.ts";

export const save: Command = {
  name: "save",
  summary: "keep a copy of all data under a name",
  description:
    "Copies all data of bindings, also while a server uses it: each database as of one moment, with the files that belong " +
    "to it. A saved state of that name is replaced; on a terminal it asks first.",
  args: "<name>",
  options: [yesOption, ...dataOptions],
  examples: [
    { line: "worker state save seed", does: "to .worker/saved/seed" },
    { line: "worker state save before-upgrade -y", does: "in place of an older one" },
  ],
  async run(context, { args: [name = ""], options }) {
    const stateDir = await stateFolder(context, options);
    const { listSaved, savedPath } = await import("../../../storage/state/saved.ts");
    const { saveState } = await import("../../../storage/state/save.ts");
    const path = savedPath(stateDir, name);
    const exists = (await listSaved(stateDir)).some(saved => saved.name === name);
    if (
      exists &&
      options["yes"] !== true &&
      !(await confirm(context, `Replace the saved state "${name}"?`))
    ) {
      context.log.log("Nothing was saved.");
      return 1;
    }
    const { bytes, databases } = await saveState(stateDir, name, Date.now());
    const what = `${countOf(databases, "database")}, ${formatSize(bytes)}`;
    context.log.log(`Saved the state as "${name}" (${what}) in ${path}`);
    return undefined;
  },
};
