/** Where the databases of a project are: its configuration says it, or the environment does. */
import type { Diagnostics } from "../../config/diagnostics.ts";
import type { BindingConfig } from "../../config/slice.ts";
import { UserError } from "../../errors.ts";
import { connectionProblem } from "./connection-string.ts";

const VARIABLE = "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_";
const OLDER_VARIABLE = "WRANGLER_HYPERDRIVE_LOCAL_CONNECTION_STRING_";

/** A Hyperdrive binding. `id` is the connection string as well: bindings to one database share what stands behind them. */
export function hyperdriveBinding(name: string, connectionString: string | null) {
  return { type: "hyperdrive" as const, name, id: connectionString ?? "", connectionString };
}

/**
 * The bindings with the connection strings that the environment gives, which win. Where the worker is to run, one that has
 * none is an error.
 */
export function withLocalConnections(
  bindings: readonly BindingConfig[],
  variables: (name: string) => string | undefined,
  required: boolean,
  diagnostics: Diagnostics,
): readonly BindingConfig[] {
  if (!bindings.some(({ type }) => type === "hyperdrive")) return bindings;
  return bindings.map(binding => {
    if (binding.type !== "hyperdrive") return binding;
    const { name } = binding;
    const newer = variables(VARIABLE + name);
    const given = newer || variables(OLDER_VARIABLE + name);
    if (given) {
      if (!newer) diagnostics.warn([], `${OLDER_VARIABLE}${name} is deprecated: call it ${VARIABLE}${name}`);
      checkVariable(newer ? VARIABLE + name : OLDER_VARIABLE + name, given);
      return hyperdriveBinding(name, given);
    }
    if (required && binding["connectionString"] === null) throw noDatabase(name);
    return binding;
  });
}

/** The text itself, which has a password in it, is in no message. */
function checkVariable(variable: string, text: string): void {
  const problem = connectionProblem(text);
  if (problem === undefined) return;
  throw new UserError(
    "CONFIG_INVALID",
    `The variable ${variable} ${problem}.`,
    "Correct it where it is set.",
  );
}

function noDatabase(name: string): UserError {
  return new UserError(
    "CONFIG_INVALID",
    `The Hyperdrive binding ${name} has no database to connect to: a worker that runs locally needs one of your own.`,
    `Set the variable ${VARIABLE}${name}, or "localConnectionString" of the binding, ` +
      "to a connection string such as postgres://user:password@localhost:5432/database.",
  );
}
