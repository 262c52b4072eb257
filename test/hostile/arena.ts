/**
 * A process of its own in which hostile workers run beside a good one: so that its memory is theirs alone, and so that
 * one which brings the process down is a failed test and not a lost test run.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
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
  /** How long a thread that has nothing to do with it all waited for a processor meanwhile, in milliseconds: the worst. */
  readonly busyMilliseconds: number;
  /** Resident memory in megabytes: how far it rose meanwhile, and what stayed after a round each. */
  readonly peakMegabytes: number;
  readonly heldMegabytes: readonly number[];
}

const MEGABYTE = 1024 * 1024;
const MEMORY_BYTES = 32 * MEGABYTE;

const { Engine } = (await import("../../dist/index.js" as string)) as { Engine: typeof EngineClass };
const engine = await Engine.open({ engine: process.argv[2] as EngineName });
const good = await engine.load({ script: "export default { fetch: () => new Response('good') };" });

/** A thread that does nothing but note by how much its timer was late at worst, and when it is due next. */
const clock = new Float64Array(new SharedArrayBuffer(16));
new Worker(
  `const { workerData: clock } = require("node:worker_threads");
   const tick = () => {
     const now = Date.now();
     clock[0] = Math.max(clock[0], now - clock[1]);
     clock[1] = now + 5;
   };
   clock[1] = Date.now();
   setInterval(tick, 5);`,
  { eval: true, workerData: clock },
);

function busyMilliseconds(): number {
  const [worst = 0, due = 0] = clock;
  return Math.max(worst, Date.now() - due);
}

process.on("message", async (challenge: Challenge) => {
  process.send?.(await meet(challenge));
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

async function meet({ code, rounds, wallMilliseconds }: Challenge): Promise<Verdict> {
  await quiet();
  const worker = await load(code, wallMilliseconds);
  const before = residentMegabytes();
  let peak = before;
  const sampler = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss() / MEGABYTE);
  }, 10);
  clock[0] = 0;
  const neighbour = startNeighbour();
  const outcomes: string[] = [];
  const next: string[] = [];
  const held: number[] = [];
  for (let round = 0; round < rounds; round++) {
    outcomes.push(await outcomeOf(worker, "http://worker/attack"));
    next.push(await nextOutcomeOf(worker));
    if (rounds === 1) continue;
    await quiet();
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
    busyMilliseconds: busyMilliseconds(),
    peakMegabytes: peak - before,
    heldMegabytes: held,
  };
}

/** The time limit is the offender's; a machine that is too busy to load it within that may try again. */
async function load(code: string, wallMilliseconds: number): Promise<WorkerHandle> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await loadOnce(code, wallMilliseconds);
    } catch (error) {
      if ((error as { code?: string }).code !== "TIME_LIMIT" || attempts === 5) throw error;
    }
  }
}

function loadOnce(code: string, wallMilliseconds: number): Promise<WorkerHandle> {
  return engine.load({
    script: `let taken = 0;
      const answers = Array.from({ length: 64 }, () => new Response("fine"));
      async function attack(request) { ${code}
        return new Response("undefined"); }
      export default { fetch(request) { return request.url === "http://worker/next" ? answers[taken++] : attack(request); } };`,
    limits: { memoryBytes: MEMORY_BYTES, wallMilliseconds },
    onConsole() {},
    onUncaught() {},
  });
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

/** A machine that is too busy to let a thread run within its time limit says nothing about the worker. */
async function nextOutcomeOf(worker: WorkerHandle): Promise<string> {
  for (let attempts = 1; ; attempts++) {
    const before = busyMilliseconds();
    clock[0] = 0;
    const outcome = await outcomeOf(worker, "http://worker/next");
    const meanwhile = busyMilliseconds();
    clock[0] = Math.max(before, meanwhile);
    if (outcome !== "TIME_LIMIT 503" || meanwhile < 50 || attempts === 5) return outcome;
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
      await sleep(5);
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

/**
 * Resolves when nothing runs in this process any more, or in half a minute: what an isolate was in the middle of, a native
 * call or a collection of garbage, goes on for a while after its end. Where the system does not tell, resolves at once.
 */
async function quiet(): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (let looks = 0; looks < 5 && performance.now() < deadline; looks++) {
    await sleep(5);
    if (othersRun()) looks = -1;
  }
}

function othersRun(): boolean {
  const tasks = "/proc/self/task";
  try {
    return readdirSync(tasks).some(id => {
      const [state] = readFileSync(`${tasks}/${id}/stat`, "utf8").split(") ")[1] ?? "";
      return state === "R" && Number(id) !== process.pid;
    });
  } catch {
    return false;
  }
}

function residentMegabytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage.rss() / MEGABYTE;
}
