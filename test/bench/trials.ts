/** What is measured, against what, and which bars are to be reached. */
import {
  ENGINES,
  firstWorkerDev,
  isolates,
  miniflare,
  node,
  nodeHttp,
  oneIsolate,
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
import { figureName, type PlatformTask, rewritingGrowth, timedTasks } from "./measures/platform.ts";
import { saveToAnswer } from "./measures/save.ts";
import { selfTimed } from "./measures/self-timed.ts";
import { startUp } from "./measures/start-up.ts";
import { operations, type StorageTask, storageFigure } from "./measures/storage.ts";
import { throughput } from "./measures/throughput.ts";
import type { Comparison, Trial } from "./trial.ts";

const LOAD = { connections: 32, seconds: 3 };
const FEW_RELOADS = 50;
const MANY_RELOADS = 500;
const BODY_MEGABYTES = 200;
const LOADS_PER_SAMPLE = 10;
const PAGE_MEGABYTES = [5, 25];

const lower = { better: "lower", runs: 5, warmUps: 1, timeoutSeconds: 60 } as const;

const echoes = ENGINES.flatMap(engine => [
  { name: `new Response(request.body), ${engine}`, engine, project: "echo" },
  { name: `through a TransformStream, ${engine}`, engine, project: "echo-transform" },
]);

/** Each engine and workerd do the same work of `projects/platform`. The answers are those of workerd and, but for HTMLRewriter, of Node.js. */
function platform(name: string, title: string, tasks: readonly PlatformTask[]): Trial {
  const contenders = [...ENGINES.map(oneIsolate), workerdServe];
  return {
    ...lower,
    name,
    title,
    unit: "ms",
    timeoutSeconds: 300,
    sides: contenders.map(contender => timedTasks(contender, tasks)),
    comparisons: ENGINES.map(oneIsolate).flatMap(contender =>
      tasks.map(task => ({ figure: figureName(task, contender), of: figureName(task, workerdServe) })),
    ),
  };
}

const CONCURRENCIES = [1, 16];

/** Operations on one kind of store, beside Miniflare's. The bars are for small values, one at a time: what a worker that awaits them meets. */
function storage(name: string, title: string, tasks: readonly StorageTask[]): Trial {
  const bars = { v8: 4, quickjs: 2 };
  return {
    name,
    title,
    unit: "operations/s",
    better: "higher",
    runs: 5,
    warmUps: 1,
    timeoutSeconds: 120,
    sides: [...ENGINES.map(oneIsolate), miniflare].map(contender =>
      operations(contender, tasks, CONCURRENCIES),
    ),
    comparisons: ENGINES.flatMap(engine =>
      tasks.flatMap(task =>
        CONCURRENCIES.map(atOnce => ({
          figure: storageFigure(task, atOnce, oneIsolate(engine)),
          of: storageFigure(task, atOnce, miniflare),
          ...(task.hasBar && atOnce === 1 ? { bound: { atLeast: bars[engine] } } : {}),
        })),
      ),
    ),
  };
}

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
  platform("html-rewriter", "A page of 5 MB through HTMLRewriter with 20 selectors inside one request", [
    { path: "/html-rewriter", answer: "112896 elements, 6890352 bytes" },
  ]),
  {
    ...lower,
    name: "html-rewriter-memory",
    title: "Growth of memory while a page passes through HTMLRewriter with 20 selectors",
    unit: "MB",
    runs: 1,
    warmUps: 0,
    timeoutSeconds: 300,
    sides: ENGINES.map(oneIsolate).map(contender => rewritingGrowth(contender, PAGE_MEGABYTES)),
    comparisons: forEachEngine(engine =>
      PAGE_MEGABYTES.map(megabytes => ({
        figure: `${megabytes} MB, worker run --engine ${engine}`,
        // A rewriter that kept the larger page would need more: merely buffering it takes about 47 MB.
        bound: { atMost: 32 },
      })),
    ),
  },
  platform("streams", "A body of 100 MB through three TransformStreams inside one request", [
    { path: "/streams", answer: "104857600 bytes" },
  ]),
  platform("crypto", "Digests and signatures of crypto.subtle inside one request", [
    {
      label: "SHA-256 of 100 MB",
      path: "/digest",
      answer: "5c48ae9185093e004dd7f59b80c7b0fad977e7a52169d44e535402b390805645",
    },
    {
      label: "10,000 HMACs",
      path: "/hmac",
      answer: "fff81b14a95a5c9b96e7c790571ed1024ea5c8de2acbfbc082d225f88cdaceb3",
    },
  ]),
  platform("url", "20,000 URLs parsed, their href and searchParams read, inside one request", [
    { path: "/url", answer: "1016443 characters, 188667 in parameters" },
  ]),
  storage("kv", "Workers KV inside one request: values of 1 KB", [
    { label: "put", path: "/kv-put", times: 1000, hasBar: true },
    { label: "get", path: "/kv-get", times: 1000, hasBar: true },
  ]),
  storage("r2", "R2 inside one request", [
    { label: "put of 1 KB", path: "/r2-put", times: 500, hasBar: true },
    { label: "get of 1 KB", path: "/r2-get", times: 500, hasBar: true },
    { label: "put of 10 MB", path: "/r2-put-large", times: 8, hasBar: false },
    { label: "get of 10 MB", path: "/r2-get-large", times: 8, hasBar: false },
  ]),
  storage("d1", "D1 inside one request: rows of 1 KB", [
    { label: "insert", path: "/d1-insert", times: 500, hasBar: true },
    { label: "select by id", path: "/d1-select", times: 500, hasBar: true },
  ]),
  storage("cache", "The Cache API inside one request: responses of 1 KB", [
    { label: "put", path: "/cache-put", times: 500, hasBar: true },
    { label: "match", path: "/cache-match", times: 500, hasBar: true },
  ]),
  storage("assets", "env.ASSETS.fetch() inside one request: a file of 1 KB", [
    { label: "GET", path: "/asset", times: 500, hasBar: false },
  ]),
];
