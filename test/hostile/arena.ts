/**
 * A process of its own in which hostile workers run beside a good one: so that its memory is theirs alone, and so that
 * one which brings the process down is a failed test and not a lost test run.
 */
import type { Engine as EngineClass, EngineName, WorkerHandle } from "../../src/index.ts";

export interface Challenge {
  readonly code: string;
  readonly rounds: number;
  readonly wallMilliseconds: number;
}

export interface Verdict {
  /** What the offender's client got, a round each. */
  readonly outcomes: readonly string[];
  /** What the same worker answered to its next request, a round each. */
  readonly next: readonly string[];
  /** What the good worker took for an answer meanwhile, in milliseconds: the median. */
  readonly neighbourMilliseconds: number;
  readonly neighbourAnswers: number;
  /** Resident memory in megabytes: how far it rose meanwhile, and what stayed after a round each. */
  readonly peakMegabytes: number;
  readonly heldMegabytes: readonly number[];
}

const MEGABYTE = 1024 * 1024;
const MEMORY_BYTES = 32 * MEGABYTE;

const { Engine } = (await import("../../dist/index.js" as string)) as { Engine: typeof EngineClass };
const engine = await Engine.open({ engine: process.argv[2] as EngineName });
const good = await engine.load({ script: "export default { fetch: () => new Response('good') };" });

process.on("message", async (challenge: Challenge) => {
  process.send?.(await meet(challenge));
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

async function meet({ code, rounds, wallMilliseconds }: Challenge): Promise<Verdict> {
  const worker = await engine.load({
    script: `let taken = 0;
      const answers = Array.from({ length: 64 }, () => new Response("fine"));
      async function attack(request) { ${code}
        return new Response("undefined"); }
      export default { fetch(request) { return request.url === "http://worker/next" ? answers[taken++] : attack(request); } };`,
    limits: { memoryBytes: MEMORY_BYTES, wallMilliseconds },
    onConsole() {},
    onUncaught() {},
  });
  const before = residentMegabytes();
  let peak = before;
  const sampler = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss() / MEGABYTE);
  }, 10);
  const neighbour = startNeighbour();
  const outcomes: string[] = [];
  const next: string[] = [];
  const held: number[] = [];
  for (let round = 0; round < rounds; round++) {
    outcomes.push(await outcomeOf(worker, "http://worker/attack"));
    next.push(await outcomeOf(worker, "http://worker/next"));
    held.push(residentMegabytes() - before);
  }
  const latencies = await neighbour.stop();
  clearInterval(sampler);
  await worker.dispose();
  return {
    outcomes,
    next,
    neighbourMilliseconds: latencies[latencies.length >> 1] ?? Number.POSITIVE_INFINITY,
    neighbourAnswers: latencies.length,
    peakMegabytes: peak - before,
    heldMegabytes: held,
  };
}

async function outcomeOf(worker: WorkerHandle, url: string): Promise<string> {
  try {
    const response = await worker.fetch(url);
    return `${response.status} ${await response.text()}`;
  } catch (error) {
    const { code, status, name, message } = error as Error & { code?: string; status?: number };
    if (typeof message !== "string" || typeof name !== "string") return "an error that is none";
    if (code === "ISOLATE_LOST") return message;
    return code === undefined ? name : `${code} ${status}`;
  }
}

/** Has the good worker answer one request after another. */
function startNeighbour() {
  const latencies: number[] = [];
  let stopped = false;
  const run = async () => {
    while (!stopped) {
      const startedAt = performance.now();
      const response = await good.fetch("http://good/");
      if ((await response.text()) !== "good") throw new Error("the good worker was harmed");
      latencies.push(performance.now() - startedAt);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  };
  const running = run();
  return {
    async stop() {
      stopped = true;
      await running;
      return latencies.toSorted((a, b) => a - b);
    },
  };
}

function residentMegabytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage.rss() / MEGABYTE;
}
