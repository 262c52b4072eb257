/** A worker for a single command: loaded in this process, used, and gone. */

import type { WorkerDescription } from "../bindings/worker/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { type ErrorReport, formatReport, reportError } from "../engine/error-report.ts";
import { GuestError } from "../engine/errors.ts";
import type { Dispatch } from "../engine/ops.ts";
import { StackMapper } from "../engine/stack-traces.ts";
import { EXIT, UserError } from "../errors.ts";
import { letEngineGoOn, takeEarly } from "./early-engine.ts";
import { openEngine } from "./engines.ts";
import { WorkerHost } from "./host.ts";
import { originOf } from "./origin.ts";
import { loadProject, type Project, type ProjectInput, stateDirectory } from "./project.ts";
import type { Surroundings } from "./surroundings.ts";
import { formatConsole, logUncaught } from "./worker-log.ts";

/** A worker that was loaded for one command. */
export interface OneShot {
  readonly project: Project;
  readonly description: WorkerDescription;
  readonly dispatch: Dispatch;
  /** Shows a failure of the worker's on stderr; returns the exit code. A failure of ours is thrown. */
  fail(error: unknown): number;
}

/**
 * Loads the worker, lets `use` use it, waits for what it left in waitUntil, and ends it. Returns the exit code. `lasts`: the worker is
 * used again and again, and an isolate that it loses is replaced.
 */
export async function withWorker(
  surroundings: Surroundings,
  input: ProjectInput,
  use: (worker: OneShot) => Promise<number>,
  lasts = false,
): Promise<number> {
  const { log } = surroundings;
  await letEngineGoOn();
  // The engine starts while the configuration is read and the code is bundled.
  const opening = takeEarly(input.engine) ?? openEngine(input.engine, { brief: !lasts });
  opening.then(engine => engine.warm({ memoryBytes: input.memoryBytes })).catch(() => {});
  const project = await loadProject(surroundings, input).catch(async error => {
    await closeQuietly(opening);
    throw error;
  });
  // Made while the engine starts, if it has not: the result is written there.
  void surroundings.stdout;
  const engine = await opening;
  const mapper = new StackMapper(project.sourceMap);
  const host = new WorkerHost(engine, {
    instances: 1,
    replaces: lasts,
    keepSpare: false,
    stateDir: stateDirectory(project.config, input, surroundings),
    surveysAssets: false,
    warn: message => log.warn(message),
    origin: originOf(project.config.dev),
    writeConsole: (level, text) => {
      if (log.shows("log")) surroundings.stderr.write(`${formatConsole(level, text, log.colors)}\n`);
    },
    reportUncaught: (error, where) => logUncaught(error, where, mapper, log),
  });
  const fail = (error: unknown): number => {
    if (!(error instanceof GuestError) && !(error instanceof UserError)) throw error;
    printReport(reportError(error, mapper), surroundings);
    return EXIT.failed;
  };
  try {
    let description: WorkerDescription;
    try {
      description = await host.load(project.spec);
    } catch (error) {
      if (!(error instanceof GuestError)) throw error;
      printReport(reportError(error, mapper, "WORKER_LOAD_FAILED"), surroundings);
      return EXIT.failed;
    }
    return await use({ project, description, dispatch: host.dispatch, fail });
  } finally {
    await host.close(input.wallMilliseconds);
    await engine.close();
  }
}

async function closeQuietly(opening: Promise<Engine>): Promise<void> {
  await opening.then(engine => engine.close()).catch(() => {});
}

function printReport(report: ErrorReport, { log, stderr }: Surroundings): void {
  if (log.shows("error"))
    stderr.write(`${log.colors.red("error:")} ${formatReport(report, log.colors.dim)}\n`);
}
