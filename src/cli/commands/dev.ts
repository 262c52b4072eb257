import type { Command } from "../command.ts";
import { projectInput, serverInput } from "../inputs.ts";
import { assetsOptions, projectOptions, runtimeOptions, serverOptions } from "../options.ts";

export const dev: Command = {
  name: "dev",
  summary: "serve a worker, and reload it on every save",
  description:
    "Bundles the worker, serves it and watches its files. Requests that arrive while new code is made wait for it; " +
    "those in flight finish in the old. The data of bindings stays.",
  args: "[entry]",
  options: [
    ...serverOptions,
    { flags: "--live-reload", summary: "reload pages in the browser as well", group: "The server" },
    { flags: "--open", summary: "open the worker in the browser", group: "The server" },
    { flags: "--no-request-log", summary: "do not log requests", group: "The server" },
    ...projectOptions,
    ...assetsOptions,
    ...runtimeOptions,
  ],
  examples: [
    { line: "worker dev", does: "the project in this folder" },
    { line: "worker dev src/index.ts --port 3000", does: "one file, no configuration" },
    { line: "worker dev --engine v8 --live-reload", does: "on V8; pages reload with the code" },
  ],
  async run(context, { args, options }) {
    const { serveProject } = await import("../../runtime/serve-project.ts");
    return serveProject(context, {
      ...projectInput(context, args[0], options),
      ...serverInput(context, options),
      watch: true,
      isolates: (options["isolates"] as number | undefined) ?? 1,
      showErrors: true,
      logRequests: options["requestLog"] !== false,
      liveReload: options["liveReload"] === true,
      open: options["open"] === true,
    });
  },
};
