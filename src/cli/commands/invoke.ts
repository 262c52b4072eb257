import type { Command } from "../command.ts";
import { projectInput } from "../inputs.ts";
import { projectOptions, runtimeOptions } from "../options.ts";

export const invoke: Command = {
  name: "invoke",
  summary: "call a function of a worker, and print its result",
  description:
    "Calls a method of the default export, or an exported function, with (env, ...args). Each argument is JSON, " +
    "else a string; - reads a JSON array of arguments from stdin. The result goes to stdout as JSON, and nothing else does.",
  args: "<function> [args...]",
  options: [
    { flags: "--entry <path>", summary: "the worker's file", shownDefault: "main of the configuration" },
    { flags: "--entrypoint <name>", summary: "call the function of this named entrypoint" },
    ...projectOptions,
    ...runtimeOptions,
  ],
  examples: [
    { line: "worker invoke add 3 4", does: "add(env, 3, 4) of the default export" },
    { line: 'worker invoke greet \'{"name":"Ada"}\' | jq .text', does: "JSON in, JSON out" },
    { line: "echo '[1,2,3]' | worker invoke sum -", does: "arguments from stdin" },
    { line: "worker invoke --entrypoint Admin purge", does: "a method of a WorkerEntrypoint class" },
  ],
  async run(context, { args: [name = "", ...args], options }) {
    const { invokeFunction } = await import("../../runtime/invoke.ts");
    const project = projectInput(context, options["entry"] as string | undefined, options);
    return invokeFunction(context, project, {
      name,
      args,
      entrypoint: (options["entrypoint"] as string | undefined) ?? null,
    });
  },
};
