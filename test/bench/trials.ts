/** What is measured, against what, and which bars are to be reached. */
import {
  ENGINES,
  firstWorkerDev,
  isolates,
  node,
  nodeHttp,
  threads,
  worker,
  workerDev,
  workerdServe,
  workerRun,
  wrangler,
  wranglerDev,
} from "./contenders.ts";
import { invoke, wholeProcess } from "./measures/commands.ts";
import { echoGrowth } from "./measures/echo.ts";
import { memoryAfterReloads } from "./measures/memory.ts";
import { saveToAnswer } from "./measures/save.ts";
import { selfTimed } from "./measures/self-timed.ts";
import { startUp } from "./measures/start-up.ts";
import { throughput } from "./measures/throughput.ts";
import type { Comparison, Trial } from "./trial.ts";

const LOAD = { connections: 32, seconds: 3 };
const FEW_RELOADS = 50;
const MANY_RELOADS = 500;
const BODY_MEGABYTES = 200;
const LOADS_PER_SAMPLE = 10;

const lower = { better: "lower", runs: 5, warmUps: 1, timeoutSeconds: 60 } as const;

const echoes = ENGINES.flatMap(engine => [
  { name: `new Response(request.body), ${engine}`, engine, project: "echo" },
  { name: `through a TransformStream, ${engine}`, engine, project: "echo-transform" },
]);

/** The same bar for each engine. */
function forEachEngine(comparisons: (engine: (typeof ENGINES)[number]) => Comparison[]): Comparison[] {
  return ENGINES.flatMap(comparisons);
}

export const trials: readonly Trial[] = [
  {
    name: "hello",
    title: `"Hello World", ${LOAD.connections} keep-alive connections, ${LOAD.seconds} s each`,
    unit: "requests/s",
    better: "higher",
    runs: 5,
    warmUps: 1,
    timeoutSeconds: 30,
    sides: [workerRun("v8"), workerRun("quickjs"), workerdServe, nodeHttp].map(contender =>
      throughput(contender, LOAD),
    ),
    comparisons: [
      { figure: "worker run --engine v8", of: "workerd serve", bound: { atLeast: 1.5 } },
      { figure: "worker run --engine v8", of: "node:http", bound: { atLeast: 0.35 } },
      { figure: "worker run --engine quickjs", of: "workerd serve", bound: { atLeast: 0.4 } },
      { figure: "workerd serve", of: "node:http" },
    ],
  },
  {
    ...lower,
    name: "start",
    title: "Process start to first answer of a development server",
    unit: "ms",
    sides: [
      ...ENGINES.map(workerDev).map(startUp),
      ...ENGINES.map(firstWorkerDev).map(startUp),
      startUp(wranglerDev),
    ],
    comparisons: forEachEngine(engine => [
      { figure: `worker dev --engine ${engine}`, bound: { atMost: 300 } },
      { figure: `worker dev --engine ${engine}`, of: "wrangler dev", bound: { atMost: 0.25 } },
      { figure: `worker dev --engine ${engine}, first time`, of: "wrangler dev" },
    ]),
  },
  {
    ...lower,
    name: "save",
    title: "Saving a changed file to the first answer of the new code",
    unit: "ms",
    sides: [...ENGINES.map(workerDev), wranglerDev].map(saveToAnswer),
    comparisons: forEachEngine(engine => [
      { figure: `worker dev --engine ${engine}`, bound: { atMost: 100 } },
      { figure: `worker dev --engine ${engine}`, of: "wrangler dev" },
    ]),
  },
  {
    ...lower,
    name: "invoke",
    title: "`worker invoke add 3 4`, the whole process",
    unit: "ms",
    sides: [...ENGINES.map(invoke), wholeProcess("node -e 0", node("-e", "0"))],
    comparisons: forEachEngine(engine => [
      { figure: `worker invoke --engine ${engine}, code changed`, bound: { atMost: 200 } },
      { figure: `worker invoke --engine ${engine}, unchanged`, bound: { atMost: 120 } },
    ]),
  },
  {
    ...lower,
    name: "version",
    title: "`worker --version`, the whole process",
    unit: "ms",
    sides: [
      wholeProcess("worker --version", worker("--version")),
      wholeProcess("wrangler --version", wrangler("--version")),
      wholeProcess("node -e 0", node("-e", "0")),
    ],
    comparisons: [
      { figure: "worker --version", bound: { atMost: 100 } },
      { figure: "worker --version", of: "wrangler --version" },
    ],
  },
  {
    ...lower,
    name: "isolate",
    title: "A new isolate from its image, with a small worker in it: `engine.load()` of the library",
    unit: "ms",
    sides: [...ENGINES.map(isolates), threads].map(contender => selfTimed(contender, LOADS_PER_SAMPLE)),
    comparisons: forEachEngine(engine => [{ figure: engine, bound: { atMost: 15 } }]),
  },
  {
    ...lower,
    name: "memory",
    title: "Resident memory of `worker dev`, all its processes, after many reloads",
    unit: "MB",
    runs: 1,
    warmUps: 0,
    timeoutSeconds: 600,
    sides: ENGINES.map(workerDev).map(contender =>
      memoryAfterReloads(contender, [FEW_RELOADS, MANY_RELOADS]),
    ),
    comparisons: forEachEngine(engine => [
      {
        figure: `worker dev --engine ${engine}, ${MANY_RELOADS} reloads`,
        of: `worker dev --engine ${engine}, ${FEW_RELOADS} reloads`,
        bound: { atMost: 1.1 },
      },
    ]),
  },
  {
    ...lower,
    name: "echo",
    title: `Growth of memory while \`worker run\` echoes ${BODY_MEGABYTES} MB`,
    unit: "MB",
    warmUps: 0,
    timeoutSeconds: 120,
    sides: echoes.map(({ name, engine, project }) =>
      echoGrowth(name, workerRun(engine), project, BODY_MEGABYTES),
    ),
    comparisons: echoes.map(({ name }) => ({ figure: name, bound: { atMost: 64 } })),
  },
];
