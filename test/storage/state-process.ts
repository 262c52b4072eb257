/** A process that saves and restores: `node state-process.ts <stateDir> save:<name> restore:<name> …`. */
import { restoreState } from "../../src/storage/state/restore.ts";
import { saveState } from "../../src/storage/state/save.ts";

const [stateDir = "", ...steps] = process.argv.slice(2);
for (const step of steps) {
  const [action, name = ""] = step.split(":");
  if (action === "save") await saveState(stateDir, name, 0);
  else await restoreState(stateDir, name);
}
