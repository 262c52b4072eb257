/** The state folder that a command means. */
import type { CommandContext, OptionDefinition } from "../../command.ts";
import { dataInput } from "../../inputs.ts";

type Options = Readonly<Record<string, unknown>>;

export const yesOption: OptionDefinition = { flags: "-y, --yes", summary: "do not ask" };

export async function stateFolder(context: CommandContext, options: Options): Promise<string> {
  const { openStores } = await import("../../../runtime/stores.ts");
  return (await openStores(context, dataInput(context, options))).environment.stateDir;
}
