import type { Config } from "../../../../config/config.ts";
import { otherStoredFiles } from "../../../../storage/paths.ts";
import type { Command } from "../../../command.ts";
import { dataInput } from "../../../inputs.ts";
import { dataOptions } from "../../../options.ts";

interface Listed {
  /** Null where the file's name does not tell it. */
  readonly id: string | null;
  readonly title: string;
}

export const list: Command = {
  name: "list",
  summary: "list the namespaces of the configuration, and those that have data",
  description:
    "Writes a JSON array of objects with id and title to stdout. The title is the binding, or for data that no binding " +
    "names the name of its file; the id is null where it cannot be told from that name.",
  options: dataOptions,
  examples: [{ line: "worker kv namespace list", does: "ids and titles" }],
  async run(context, { options }) {
    const { openStores } = await import("../../../../runtime/stores.ts");
    const { config, environment } = await openStores(context, dataInput(context, options));
    const namespaces = await namespacesOf(config, environment.stateDir);
    context.stdout.write(`${JSON.stringify(namespaces, null, 2)}\n`);
    return undefined;
  },
};

async function namespacesOf(config: Config, stateDir: string): Promise<readonly Listed[]> {
  const configured = config.bindings.filter(({ type }) => type === "kv").flatMap(namespacesOfBinding);
  const ids = configured.map(({ id }) => id);
  const others = await otherStoredFiles(stateDir, "kv", ids);
  return [...configured, ...others.map(({ id, name }) => ({ id, title: name }))];
}

function namespacesOfBinding(binding: Config["bindings"][number]): readonly { id: string; title: string }[] {
  const { name, id, productionId } = binding as { name: string; id?: string; productionId?: string };
  const seen = { id: id as string, title: name };
  // A binding with a preview_id has two; the other one's title is as wrangler makes it.
  return productionId === undefined
    ? [seen]
    : [
        { id: productionId, title: name },
        { id: id as string, title: `${name}_preview` },
      ];
}
