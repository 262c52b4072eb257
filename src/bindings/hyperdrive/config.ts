import * as z from "zod/mini";
import { bindingSlice, text } from "../../config/slice.ts";
import { addressOf, connectionProblem } from "./connection-string.ts";
import { hyperdriveBinding } from "./local-connections.ts";

/** `hyperdrive`: https://developers.cloudflare.com/hyperdrive/configuration/local-development/ */
export const hyperdriveConfig = bindingSlice({
  key: "hyperdrive",
  schema: z.array(
    z.strictObject({
      binding: text,
      id: z.optional(text),
      localConnectionString: z.optional(
        z.string().check(
          z.refine(connection => connectionProblem(connection) === undefined, {
            error: issue => connectionProblem(String(issue.input)),
          }),
        ),
      ),
      remote: z.optional(z.boolean()),
    }),
  ),
  bindings: (configs, context) =>
    configs.map(({ binding, localConnectionString, remote }, index) => {
      if (remote) {
        context.warn(["hyperdrive", index, "remote"], "is ignored: the database is the local one");
      }
      return hyperdriveBinding(binding, localConnectionString ?? null);
    }),
  describe: ({ connectionString }) => {
    if (connectionString === null) return "Hyperdrive without a local database";
    const { hostname, port, database } = addressOf(connectionString);
    return `Hyperdrive to ${database} on ${hostname}:${port}`;
  },
  envType: () => "Hyperdrive",
});
