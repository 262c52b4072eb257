/** Which engine a worker runs on. Apart from engines.ts, so that choosing one loads none. */
import type { EngineName } from "../engine/engine.ts";
import { UserError } from "../errors.ts";

export const ENGINE_NAMES: readonly EngineName[] = ["quickjs", "v8"];

/** The engine that was asked for: `--engine`, else WORKER_ENGINE, else QuickJS. */
export function chooseEngine(option: string | undefined, environment: NodeJS.ProcessEnv): EngineName {
  const asked = option ?? environment["WORKER_ENGINE"] ?? "";
  if (asked === "") return "quickjs";
  const found = ENGINE_NAMES.find(name => name === asked);
  if (found !== undefined) return found;
  const origin = option === undefined ? "WORKER_ENGINE" : "--engine";
  throw new UserError(
    "ENGINE_UNKNOWN",
    `There is no engine "${asked}" (${origin}).`,
    `The engines are ${ENGINE_NAMES.join(" and ")}.`,
  );
}
