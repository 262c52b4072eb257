import { ask, type Contender, serve } from "../processes/serve.ts";
import { median } from "../statistics.ts";
import type { Side } from "../trial.ts";

/** Milliseconds as a program of ours tells them, each sample the median of several. */
export function selfTimed(contender: Contender, loads: number): Side {
  return {
    figures: [contender.name],
    async open(workspace) {
      const folder = workspace.project("hello");
      const { port } = await serve(workspace, contender, folder, { path: "/", body: "ready" });
      return async () => {
        const milliseconds: number[] = [];
        while (milliseconds.length < loads) {
          const answer = await ask(port, "/load");
          if (answer?.status !== 200) throw new Error(`${contender.name}: ${answer?.body ?? "no answer"}`);
          milliseconds.push(Number(answer.body));
        }
        return [median(milliseconds)];
      };
    },
  };
}
