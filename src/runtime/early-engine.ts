/**
 * An engine that starts before the command line is understood. For a command that only runs something once, most of the
 * waiting would be for the engine; meanwhile this process reads what it is to run.
 */
import type { Engine, EngineName } from "../engine/engine.ts";
import type { Guess } from "./early-thread.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

export type { Guess };

interface Early {
  readonly name: EngineName;
  readonly engine: Promise<Engine>;
}

let early: Early | undefined;

/** Starts an engine, with an isolate of the usual limits. Nothing is reported: whoever takes it sees what went wrong. */
export function startEarly({ engine: name, thread }: Guess): void {
  const engine = import("./engines.ts").then(({ openEngine }) => openEngine(name, { brief: true, thread }));
  engine.then(opened => opened.warm(DEFAULT_LIMITS)).catch(() => {});
  early = { name, engine };
}

/**
 * Lets an engine that was started early go on: what it waits for is heard in a turn of the event loop, of which a command
 * that reads its files synchronously has none.
 */
export function letEngineGoOn(): Promise<void> | undefined {
  return early && new Promise(resolve => setImmediate(resolve));
}

/** The engine that was started early, if it is the one that is wanted. It is the caller's from now on. */
export function takeEarly(name: EngineName): Promise<Engine> | undefined {
  if (early?.name !== name) return undefined;
  const { engine } = early;
  early = undefined;
  return engine;
}

/** Ends the engine if nobody has taken it. */
export async function closeEarly(): Promise<void> {
  const engine = early?.engine;
  early = undefined;
  await engine?.then(opened => opened.close()).catch(() => {});
}
