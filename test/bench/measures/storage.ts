import { Agent } from "node:http";
import { type Contender, serve } from "../processes/serve.ts";
import type { Side } from "../trial.ts";
import { expectAnswer } from "./expect.ts";

/** An operation of `projects/storage`, done many times inside one request. */
export interface StorageTask {
  readonly label: string;
  readonly path: string;
  readonly times: number;
  /** False where the figure is only shown. */
  readonly hasBar: boolean;
}

const READY = { path: "/", body: "ready" };

export function storageFigure({ label }: StorageTask, atOnce: number, { name }: Contender): string {
  return `${label}, ${atOnce === 1 ? "one at a time" : `${atOnce} at once`}, ${name}`;
}

/** Operations per second inside a worker, from the time of the request that does them all. */
export function operations(
  contender: Contender,
  tasks: readonly StorageTask[],
  concurrencies: readonly number[],
): Side {
  return {
    figures: tasks.flatMap(task => concurrencies.map(atOnce => storageFigure(task, atOnce, contender))),
    async open(workspace) {
      const { port } = await serve(workspace, contender, workspace.project("storage"), READY);
      return async () => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const rates: number[] = [];
        for (const { path, times } of tasks) {
          // Opens the connection as well, which is not part of the time.
          await expectAnswer(port, `${path}?prepare`, "prepared", agent);
          for (const atOnce of concurrencies) {
            const startedAt = performance.now();
            await expectAnswer(port, `${path}?times=${times}&atOnce=${atOnce}`, String(times), agent);
            rates.push((times * 1000) / (performance.now() - startedAt));
          }
        }
        agent.destroy();
        return rates;
      };
    },
  };
}
