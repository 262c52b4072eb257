import { Agent } from "node:http";
import { memoryIsUnreadable } from "../processes/resident-memory.ts";
import { type Contender, serve } from "../processes/serve.ts";
import type { Side } from "../trial.ts";
import { expectAnswer } from "./expect.ts";
import { growthMegabytes } from "./growth.ts";

/** What a request makes the worker of `projects/platform` do. */
export interface PlatformTask {
  /** Where a side has several. */
  readonly label?: string;
  readonly path: string;
  /** What it must answer: a sum over its results. */
  readonly answer: string;
}

const READY = { path: "/", body: "ready" };

/** Parts of the page of `projects/platform` to a megabyte. */
const PAGE_PARTS_PER_MEGABYTE = 33.6;

export function figureName({ label }: PlatformTask, { name }: Contender): string {
  return label === undefined ? name : `${label}, ${name}`;
}

/** Milliseconds of one request for each task, over a connection that is open. */
export function timedTasks(contender: Contender, tasks: readonly PlatformTask[]): Side {
  return {
    figures: tasks.map(task => figureName(task, contender)),
    async open(workspace) {
      const { port } = await serve(workspace, contender, workspace.project("platform"), READY);
      return async () => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const milliseconds: number[] = [];
        for (const { path, answer } of tasks) {
          // Opens the connection, which is not part of the time.
          await expectAnswer(port, READY.path, READY.body, agent);
          const startedAt = performance.now();
          await expectAnswer(port, path, answer, agent);
          milliseconds.push(performance.now() - startedAt);
        }
        agent.destroy();
        return milliseconds;
      };
    },
  };
}

/** How far a server's memory rises while pages of these sizes are rewritten: each in a fresh process that has rewritten a small one. */
export function rewritingGrowth(contender: Contender, pageMegabytes: readonly number[]): Side {
  return {
    figures: pageMegabytes.map(megabytes => `${megabytes} MB, ${contender.name}`),
    async open(workspace) {
      const reason = memoryIsUnreadable();
      if (reason !== undefined) throw new Error(reason);
      const folder = workspace.project("platform");
      return async () => {
        const growths: number[] = [];
        for (const megabytes of pageMegabytes) {
          const { port, process } = await serve(workspace, contender, folder, READY);
          await rewrite(port, 1);
          const parts = Math.round(megabytes * PAGE_PARTS_PER_MEGABYTE);
          growths.push(await growthMegabytes(process.pid, () => rewrite(port, parts)));
          await workspace.stop(process);
        }
        return growths;
      };
    },
  };
}

/** Each part of the page has 672 elements that are counted, and 41,014 bytes when it is rewritten. */
function rewrite(port: number, parts: number): Promise<void> {
  return expectAnswer(
    port,
    `/html-rewriter?parts=${parts}`,
    `${parts * 672} elements, ${parts * 41_014} bytes`,
  );
}
