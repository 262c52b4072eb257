import { type EngineName, isolates } from "../contenders.ts";
import { ask, serve } from "../processes/serve.ts";
import { median } from "../statistics.ts";
import type { Side } from "../trial.ts";

/**
 * Milliseconds of `engine.load()` in an engine that is open: the isolate from its image (on QuickJS with the start of its
 * thread), its bindings, and the evaluation of a small worker. Each sample is the median of several.
 */
export function newIsolate(engine: EngineName, loads: number): Side {
  return {
    figures: [engine],
    async open(workspace) {
      const folder = workspace.project("hello");
      const { port } = await serve(workspace, isolates(engine), folder, { path: "/", body: "ready" });
      return async () => {
        const milliseconds: number[] = [];
        while (milliseconds.length < loads) {
          const answer = await ask(port, "/load");
          if (answer?.status !== 200) throw new Error(`engine.load() failed: ${answer?.body}`);
          milliseconds.push(Number(answer.body));
        }
        return [median(milliseconds)];
      };
    },
  };
}
