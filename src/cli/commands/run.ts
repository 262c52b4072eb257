import { availableParallelism } from "node:os";
import type { Command } from "../command.ts";
import { projectInput, requestInput, serverInput } from "../inputs.ts";
import { assetsOptions, projectOptions, runtimeOptions, serverOptions } from "../options.ts";

/** One core is for the host itself: with an isolate on each, they would take turns with it. */
const defaultIsolates = () => Math.max(1, availableParallelism() - 1);

export const run: Command = {
  name: "run",
  summary: "serve a worker without watching, or send it one request",
  description:
    "Serves the worker as it is now. With --request it opens no port: it performs that one request, writes the " +
    "response's body to stdout, and exits.",
  args: "[entry]",
  options: [
    {
      flags: "--request <path>",
      summary: "perform one request for this path or URL, and exit",
      group: "One request",
    },
    {
      flags: "-X, --method <method>",
      summary: "method of that request",
      shownDefault: "GET, or POST with a body",
      group: "One request",
    },
    {
      flags: "-H, --header <NAME: VALUE>",
      summary: "header of that request",
      repeatable: true,
      group: "One request",
    },
    {
      flags: "-d, --data <text>",
      summary: "body of that request: text, @FILE, or @- for stdin",
      group: "One request",
    },
    { flags: "-i, --include", summary: "write the response's head as well", group: "One request" },
    {
      flags: "--fail",
      summary: "exit with 1 when the response's status is 400 or more",
      group: "One request",
    },
    ...serverOptions,
    { flags: "--request-log", summary: "log requests", group: "The server" },
    { flags: "--verbose-errors", summary: "show exceptions to clients", group: "The server" },
    ...projectOptions,
    ...assetsOptions,
    ...runtimeOptions,
  ],
  examples: [
    { line: "worker run --port 8080", does: "serve on port 8080" },
    { line: "worker run --request /api/users", does: "print one response's body" },
    {
      line: 'worker run --request /api -X PUT -H "a: b" -d @body.json -i --fail',
      does: "a whole smoke test",
    },
  ],
  async run(context, { args, options }) {
    const project = projectInput(context, args[0], options);
    const request = requestInput(options);
    if (request !== undefined) {
      const { performRequest } = await import("../../runtime/one-request.ts");
      return performRequest(context, project, request);
    }
    const { serveProject } = await import("../../runtime/serve-project.ts");
    return serveProject(context, {
      ...project,
      ...serverInput(context, options),
      watch: false,
      isolates: (options["isolates"] as number | undefined) ?? defaultIsolates(),
      showErrors: options["verboseErrors"] === true,
      logRequests: options["requestLog"] === true,
      liveReload: false,
      open: false,
    });
  },
};
