/** The programs that are compared: each a command line that serves a project. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { BENCH, PRODUCT, programPath } from "./paths.ts";
import type { Command } from "./processes/process.ts";
import { scratchFolder } from "./processes/scratch.ts";
import type { Contender } from "./processes/serve.ts";

export type EngineName = "quickjs" | "v8";

export const ENGINES: readonly EngineName[] = ["quickjs", "v8"];

/** A script, run by the Node.js that runs the benchmarks. */
export function node(...args: string[]): Command {
  return { file: process.execPath, args };
}

export function worker(...args: string[]): Command {
  return node(join(PRODUCT, "bin/worker.js"), ...args);
}

export function wrangler(...args: string[]): Command {
  return node(join(BENCH, "node_modules/wrangler/bin/wrangler.js"), ...args);
}

function serving(name: string, command: (port: string) => Command): Contender {
  return { name, command: port => command(String(port)) };
}

export function workerRun(engine: EngineName): Contender {
  return serving(`worker run --engine ${engine}`, port => worker("run", "--engine", engine, "--port", port));
}

export function workerDev(engine: EngineName): Contender {
  return serving(`worker dev --engine ${engine}`, port => worker("dev", "--engine", engine, "--port", port));
}

/** `worker run` with one isolate, so that all requests meet the same one, and with time for long work. */
export function oneIsolate(engine: EngineName): Contender {
  const options = ["--isolates", "1", "--timeout", "300000"];
  return serving(`worker run --engine ${engine}`, port =>
    worker("run", "--engine", engine, "--port", port, ...options),
  );
}

/** `worker dev` where it never ran before: nothing of it is cached. */
export function firstWorkerDev(engine: EngineName): Contender {
  return serving(`worker dev --engine ${engine}, first time`, port => ({
    ...worker("dev", "--engine", engine, "--port", port),
    env: { WORKER_CACHE_DIR: scratchFolder() },
  }));
}

export const wranglerDev = serving("wrangler dev", port =>
  wrangler("dev", "--ip", "127.0.0.1", "--port", port, "--inspector-port", "0"),
);

export const workerdServe = serving("workerd serve", port => ({
  file: workerdPath(),
  args: ["serve", "config.capnp", `--socket-addr=http=127.0.0.1:${port}`],
}));

export const nodeHttp = serving("node:http", port => node(programPath("node-http.ts"), port));

/** Miniflare in a process of its own, its data on disk. */
export const miniflare = serving("Miniflare", port => node(programPath("miniflare.ts"), port));

/** Loads isolates through the library, each when it is asked. */
export function isolates(engine: EngineName): Contender {
  return serving(engine, port => node(programPath("isolates.ts"), port, engine, "index.js"));
}

/** Starts empty threads, each when it is asked: a part of every QuickJS isolate. */
export const threads = serving("an empty thread of Node.js", port => node(programPath("threads.ts"), port));

function workerdPath(): string {
  const require = createRequire(import.meta.url);
  return (require("workerd") as { default: string }).default;
}
