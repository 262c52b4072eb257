/** The worker's pure ops. */
import { compatibilityFlags } from "./compatibility-flags.ts";
import type { WorkerSyncOps } from "./contract.ts";

export const workerPures = {
  "worker.compatibilityFlags": (date, flags) => compatibilityFlags({ date, flags }),
} satisfies WorkerSyncOps;
