import { type Contender, serve } from "../processes/serve.ts";
import type { Side } from "../trial.ts";

/** Milliseconds from process start until the first answer was read. The project stays: what is cached beside it is warm. */
export function startUp(contender: Contender): Side {
  return {
    figures: [contender.name],
    async open(workspace) {
      const folder = workspace.project("hello");
      return async () => {
        const server = await serve(workspace, contender, folder, { path: "/", body: "Hello World" });
        await workspace.stop(server.process);
        return [server.startMilliseconds];
      };
    },
  };
}
