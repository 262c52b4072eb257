import { type Load, requestsPerSecond } from "../load/load.ts";
import { type Contender, serve } from "../processes/serve.ts";
import type { Side } from "../trial.ts";

/** Requests per second that a running server answers with "Hello World". */
export function throughput(contender: Contender, load: Load): Side {
  return {
    figures: [contender.name],
    async open(workspace) {
      const hello = { path: "/", body: "Hello World" };
      const { port } = await serve(workspace, contender, workspace.project("hello"), hello);
      return async () => [await requestsPerSecond(workspace, port, load)];
    },
  };
}
