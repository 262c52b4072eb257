/** A project's bindings and where their data is, for commands that use the data without running the worker. */
import type { ResourceEnvironment } from "../bindings/hosts.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { originOf } from "./origin.ts";
import { type DataInput, stateDirectory } from "./project.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Stores {
  readonly config: Config;
  /** What the rooms' `create…` functions take. */
  readonly environment: ResourceEnvironment;
}

/** Reads the configuration. The worker's code need not be there, nor a configuration file. */
export async function openStores(surroundings: Surroundings, input: DataInput): Promise<Stores> {
  const { config, warnings, notes } = await loadConfig({ ...input.load, needsEntry: false });
  for (const warning of warnings) surroundings.log.warn(warning);
  for (const note of notes) surroundings.log.debug(note);
  const stateDir = stateDirectory(config, input, surroundings);
  return { config, environment: { stateDir, origin: originOf(config.dev), now: Date.now } };
}
