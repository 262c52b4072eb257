/** The commands, in the order of the help. */
import type { Command } from "../command.ts";
import { analytics } from "./analytics/index.ts";
import { build } from "./build.ts";
import { cron } from "./cron/index.ts";
import { d1 } from "./d1/index.ts";
import { dev } from "./dev.ts";
import { email } from "./email/index.ts";
import { invoke } from "./invoke.ts";
import { kv } from "./kv/index.ts";
import { r2 } from "./r2/index.ts";
import { run } from "./run.ts";
import { secretsStore } from "./secrets-store/index.ts";
import { state } from "./state/index.ts";

export const commands: readonly Command[] = [
  dev,
  build,
  run,
  invoke,
  cron,
  kv,
  r2,
  d1,
  analytics,
  email,
  secretsStore,
  state,
];
