/** Watches all that a project is made of: its configuration and whatever its last bundle read. */
import type { InputWatcher } from "../bundle/watch.ts";
import type { Logger } from "../log.ts";
import type { OpenProject } from "./project.ts";

/** Calls `renew`, which bundles, after every change. `builtAt`: when the last bundle was begun. */
export async function watchProject(
  project: OpenProject,
  builtAt: number,
  renew: () => Promise<unknown>,
  log: Logger,
): Promise<InputWatcher> {
  const { watchInputs } = await import("../bundle/watch.ts");
  const watcher = watchInputs(
    async () => {
      const since = Date.now();
      await renew();
      await watcher.update(project.inputs, since);
    },
    { onError: error => log.warn(`a change may go unnoticed: ${error.message}`) },
  );
  await watcher.update(project.inputs, builtAt);
  return watcher;
}
