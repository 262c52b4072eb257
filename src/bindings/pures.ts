/** The rooms' pure ops joined: synchronous, without state, answered on the isolate's own thread. One line per room. */
import type { SyncOp } from "../engine/sync-ops.ts";

export const pureOps: Readonly<Record<string, SyncOp>> = {};
