/** Which namespace a command means, and a way to it. */
import type { KVHost } from "../../../bindings/kv/host.ts";
import type { Config } from "../../../config/config.ts";
import { UserError } from "../../../errors.ts";
import type { CommandContext, OptionDefinition } from "../../command.ts";
import { dataInput } from "../../inputs.ts";
import { dataOptions } from "../../options.ts";

type Options = Readonly<Record<string, unknown>>;

/** The options of every command on one namespace. */
export const namespaceOptions: readonly OptionDefinition[] = [
  {
    flags: "--binding <name>",
    summary: "binding of the namespace",
    shownDefault: "the only one of the configuration",
  },
  { flags: "--namespace-id <id>", summary: "id of the namespace, in place of its binding" },
  { flags: "--preview", summary: "the namespace that preview_id names" },
  { flags: "--no-preview", summary: "the namespace that id names, where there is a preview_id too" },
  ...dataOptions,
];

/** A namespace as a command has it. */
export interface OpenNamespace {
  readonly kv: KVHost;
  /** How messages name it: `KV (id "ns")`. */
  readonly name: string;
}

/** Opens the namespace that the options name, lets `use` use it, and closes it. */
export async function withNamespace<T>(
  context: CommandContext,
  options: Options,
  use: (namespace: OpenNamespace) => Promise<T>,
): Promise<T> {
  const [{ openStores }, { createKV }] = await Promise.all([
    import("../../../runtime/stores.ts"),
    import("../../../bindings/kv/host.ts"),
  ]);
  const { config, environment } = await openStores(context, dataInput(context, options));
  const { id, name } = chooseNamespace(config, options);
  const kv = createKV({ type: "kv", name: id, id }, environment);
  try {
    return await use({ kv, name });
  } finally {
    await kv.close();
  }
}

interface Choice {
  readonly id: string;
  readonly name: string;
}

function chooseNamespace(config: Config, options: Options): Choice {
  const id = options["namespaceId"] as string | undefined;
  const given = options["binding"] as string | undefined;
  if (id !== undefined) {
    const other =
      given === undefined ? (options["preview"] === undefined ? undefined : "--preview") : "--binding";
    if (other !== undefined) {
      throw new UserError(
        "USAGE",
        `--namespace-id names the namespace by itself, and ${other} names another.`,
        "Give one of them.",
      );
    }
    return { id, name: `the namespace "${id}"` };
  }
  const namespaces = config.bindings.filter(binding => binding.type === "kv");
  const [first, ...others] = namespaces;
  const known = namespaces.map(({ name }) => name).join(", ");
  if (given === undefined && others.length > 0) {
    throw new UserError(
      "USAGE",
      `The configuration has several KV namespaces: ${known}.`,
      `Name one: --binding ${first?.name}`,
    );
  }
  const binding = given === undefined ? first : namespaces.find(({ name }) => name === given);
  if (binding === undefined) {
    throw new UserError(
      "BINDING_NOT_FOUND",
      given === undefined
        ? "The configuration has no KV namespace."
        : `The configuration has no KV namespace with the binding "${given}".`,
      known === ""
        ? 'Add one ("kv_namespaces": [{ "binding": "KV" }]), or use --namespace-id.'
        : `It has: ${known}. Or use --namespace-id.`,
    );
  }
  const chosen = idOf(binding, options["preview"] as boolean | undefined);
  return { id: chosen, name: `${binding.name} (id "${chosen}")` };
}

interface Binding {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** Without a choice it is the namespace that the worker sees. */
function idOf(binding: Binding, preview: boolean | undefined): string {
  if (preview === true && binding["previewId"] === undefined) {
    throw new UserError(
      "BINDING_NOT_FOUND",
      `The binding "${binding.name}" has no preview_id.`,
      "Leave out --preview, or use --namespace-id.",
    );
  }
  return (preview === false ? (binding["productionId"] ?? binding["id"]) : binding["id"]) as string;
}

/**
 * Performs an operation on a namespace. What Cloudflare's service would refuse is wrong usage; `what` names the part of
 * a list that is at fault.
 */
export async function attempt<T>(operation: Promise<T>, what = ""): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    const { KVRefusal } = await import("../../../bindings/kv/refusal.ts");
    if (error instanceof KVRefusal && error.trouble !== undefined) throw error.trouble;
    const refused = error instanceof KVRefusal || error instanceof TypeError;
    if (!refused) throw error;
    throw new UserError(
      "USAGE",
      `${what}${error instanceof KVRefusal ? error.reason : error.message}`,
      "Cloudflare's limits apply here too: https://developers.cloudflare.com/kv/platform/limits/",
      { cause: error },
    );
  }
}
