/** The state folder that a command means, and how its contents are told. */
import type { CommandContext, OptionDefinition } from "../../command.ts";
import { dataInput } from "../../inputs.ts";

type Options = Readonly<Record<string, unknown>>;

export const yesOption: OptionDefinition = { flags: "-y, --yes", summary: "do not ask" };

export async function stateFolder(context: CommandContext, options: Options): Promise<string> {
  const { openStores } = await import("../../../runtime/stores.ts");
  return (await openStores(context, dataInput(context, options))).environment.stateDir;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** 1.2 MB, in powers of 1000. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

export function countOf(count: number, one: string): string {
  return `${count} ${count === 1 ? one : `${one}s`}`;
}
