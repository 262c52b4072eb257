/** Engines by name; each is loaded only when somebody asks for it. */
import { setFlagsFromString } from "node:v8";
import type { Engine, EngineName } from "../engine/engine.ts";
import type { StartedThread } from "../engine/quickjs/start-thread.ts";
import { V8_FLAGS } from "../engine/v8/flags.ts";
import { UserError } from "../errors.ts";

export interface EngineUse {
  /** By a command that uses one isolate once, as quickly as it can. */
  readonly brief: boolean;
  /** QuickJS's first thread, where it was started already. */
  readonly thread?: StartedThread | undefined;
}

export async function openEngine(name: EngineName, use: EngineUse = { brief: false }): Promise<Engine> {
  return name === "v8" ? openV8() : openQuickJS(use);
}

async function openQuickJS(use: EngineUse): Promise<Engine> {
  const { createQuickJSEngine } = await import("../engine/quickjs/isolate.ts");
  return createQuickJSEngine({ threadUrl: new URL("./quickjs-thread.cjs", import.meta.url), ...use });
}

async function openV8(): Promise<Engine> {
  for (const flag of V8_FLAGS) setFlagsFromString(flag);
  let vm: typeof import("isolated-vm");
  try {
    ({ vm } = await import("../engine/v8/binding.ts"));
  } catch (error) {
    throw new UserError(
      "ENGINE_NOT_INSTALLED",
      'The engine "v8" needs the package isolated-vm, which is not installed or does not work with this Node.js.',
      "Install it with `npm install isolated-vm`, or use `--engine quickjs`.",
      { cause: error },
    );
  }
  const { createV8Engine } = await import("../engine/v8/isolate.ts");
  return createV8Engine(vm);
}
