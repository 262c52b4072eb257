/** The rooms' pure ops joined: synchronous, without state, answered on the isolate's own thread. One line per room. */
import type { SyncOp } from "../engine/sync-ops.ts";
import { cryptoPures } from "../web/crypto/pure.ts";
import { encodingPures } from "../web/encoding/pure.ts";
import { urlPures } from "../web/url/pure.ts";
import type { SyncOps } from "./contracts.ts";
import { workerPures } from "./worker/pure.ts";

export const pureOps: Readonly<Record<string, SyncOp>> = {
  ...cryptoPures,
  ...encodingPures,
  ...urlPures,
  ...workerPures,
} satisfies Partial<SyncOps>;
