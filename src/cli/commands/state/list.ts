import type { Command } from "../../command.ts";
import { dataOptions } from "../../options.ts";
import { formatSize } from "../../terminal/units.ts";
import { stateFolder } from "./folder.ts";

export const list: Command = {
  name: "list",
  summary: "list saved states with their dates and sizes",
  options: [{ flags: "--json", summary: "as JSON, with sizes in bytes" }, ...dataOptions],
  examples: [
    { line: "worker state list", does: "a line each" },
    { line: "worker state list --json | jq -r '.[].name'", does: "for a script" },
  ],
  async run(context, { options }) {
    const stateDir = await stateFolder(context, options);
    const { listSaved } = await import("../../../storage/state/saved.ts");
    const states = (await listSaved(stateDir)).map(({ savedAt, ...state }) => ({
      ...state,
      savedAt: new Date(savedAt).toISOString(),
    }));
    if (options["json"] === true) {
      context.stdout.write(`${JSON.stringify(states, null, 2)}\n`);
      return undefined;
    }
    const width = Math.max(0, ...states.map(({ name }) => name.length));
    for (const { name, savedAt, bytes } of states) {
      context.stdout.write(`${name.padEnd(width)}  ${savedAt.replace(/\.\d+/, "")}  ${formatSize(bytes)}\n`);
    }
    if (states.length === 0) context.log.log("No state has been saved: worker state save NAME");
    return undefined;
  },
};
