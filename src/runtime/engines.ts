/** Engines by name; each is loaded only when somebody asks for it. */
import { setFlagsFromString } from "node:v8";
import type { Engine, EngineName } from "../engine/engine.ts";
import { V8_FLAGS } from "../engine/v8/flags.ts";
import { UserError } from "../errors.ts";

/** `brief`: for a command that uses one isolate once, as quickly as it can. */
export async function openEngine(name: EngineName, brief = false): Promise<Engine> {
  return name === "v8" ? openV8() : openQuickJS(brief);
}

async function openQuickJS(brief: boolean): Promise<Engine> {
  const { createQuickJSEngine } = await import("../engine/quickjs/isolate.ts");
  return createQuickJSEngine({ threadUrl: new URL("./quickjs-thread.cjs", import.meta.url), brief });
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
