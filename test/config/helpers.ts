import { type LoadOptions, loadConfig } from "../../src/config/load.ts";
import { UserError } from "../../src/errors.ts";
import { type Files, project, rejection } from "../helpers/project.ts";

export const ENTRY = { "src/index.ts": "export default {}" };

type Options = Partial<LoadOptions>;

/** Loads the configuration of a project that has these files and an entry. */
export function load(files: Files, options: Options = {}) {
  const cwd = options.cwd ?? project({ ...ENTRY, ...files });
  return loadConfig({ cwd, processEnv: {}, ...options });
}

/** Loads a configuration given as a value. */
export function loadValue(config: object, options: Options = {}, files: Files = {}) {
  return load(
    { "wrangler.json": JSON.stringify({ main: "src/index.ts", ...config }, null, 2), ...files },
    options,
  );
}

/** The error that loading ends with. */
export function failure(files: Files, options: Options = {}): Promise<UserError> {
  return rejection(load(files, options), UserError);
}

/** The variables of a configuration, by name. */
export function variables(config: {
  bindings: readonly { type: string; name: string; [key: string]: unknown }[];
}) {
  return Object.fromEntries(config.bindings.filter(b => b.type === "var").map(b => [b.name, b["value"]]));
}
