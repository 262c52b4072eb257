/** A worker behind HTTP: what the host process of `dev` and `run` does. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { CronScheduler } from "../bindings/cron/schedule.ts";
import { serveLocalRoute } from "../bindings/routes.ts";
import type { WorkerDescription } from "../bindings/worker/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { type ErrorReport, formatReport, reportError } from "../engine/error-report.ts";
import type { Dispatch } from "../engine/ops.ts";
import { StackMapper } from "../engine/stack-traces.ts";
import { UserError } from "../errors.ts";
import { colorsFor, createLogger, type Logger } from "../log.ts";
import { sendError } from "../server/error-page.ts";
import { createHttpServer } from "../server/http.ts";
import { handleSpecial, LIVE_RELOAD_PATH, type SpecialRoutes } from "../server/routes.ts";
import { openEngine } from "./engines.ts";
import { WorkerHost } from "./host.ts";
import type { ServedWorker, ServerOptions } from "./protocol.ts";
import { bufferedStream, formatConsole, formatRequest, logUncaught } from "./worker-log.ts";

const RELOAD_SCRIPT = `<script>new EventSource("${LIVE_RELOAD_PATH}").addEventListener("reload", () => location.reload())</script>`;

export class ServedHost {
  readonly server: Server;
  readonly #engine: Engine;
  readonly #host: WorkerHost;
  readonly #options: ServerOptions;
  readonly #log: Logger;
  readonly #output: ReturnType<typeof bufferedStream>;
  readonly #browsers: Set<ServerResponse>;
  readonly #crons: CronScheduler;
  readonly #gate: Gate;
  readonly #mapper: { current: StackMapper };

  private constructor(parts: {
    server: Server;
    engine: Engine;
    host: WorkerHost;
    options: ServerOptions;
    log: Logger;
    output: ReturnType<typeof bufferedStream>;
    browsers: Set<ServerResponse>;
    gate: Gate;
    crons: CronScheduler;
    mapper: { current: StackMapper };
  }) {
    this.server = parts.server;
    this.#engine = parts.engine;
    this.#host = parts.host;
    this.#options = parts.options;
    this.#log = parts.log;
    this.#output = parts.output;
    this.#browsers = parts.browsers;
    this.#gate = parts.gate;
    this.#crons = parts.crons;
    this.#mapper = parts.mapper;
  }

  static async open(options: ServerOptions): Promise<ServedHost> {
    const output = bufferedStream(process.stdout);
    const env = options.colors ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" };
    const log = createLogger({ stream: output, level: options.logLevel, env });
    const colors = colorsFor(output, env);
    const mapper = { current: new StackMapper(null) };
    const engine = await openEngine(options.engine);
    engine.warm({ memoryBytes: options.memoryBytes });
    const host = new WorkerHost(engine, {
      instances: options.instances,
      replaces: true,
      keepSpare: true,
      stateDir: options.stateDir,
      surveysAssets: true,
      warn: message => log.warn(message),
      origin: options.origin,
      writeConsole: (level, text) => {
        if (log.shows("log")) output.write(`${formatConsole(level, text, colors)}\n`);
      },
      reportUncaught: (error, where) => logUncaught(error, where, mapper.current, log),
    });
    const browsers = new Set<ServerResponse>();
    const gate = new Gate(host.dispatch);
    const routes: SpecialRoutes = {
      testScheduled: options.testScheduled,
      hostname: options.hostname,
      scheduled: (cron, time) => runScheduled(gate.dispatch, cron, time, error => logFailure(error)),
      local: (request, response, url) =>
        serveLocalRoute(request, response, url, {
          bindings: host.bindings,
          resource: (type, name) => host.resource(type, name),
          dispatch: gate.dispatch,
          reportFailure: error => logFailure(error),
        }),
      reloads: options.liveReload ? response => openReloadStream(response, browsers) : undefined,
    };
    const logFailure = (error: Error): ErrorReport => {
      const report = reportError(error, mapper.current);
      log.error(formatReport(report));
      return report;
    };
    const logRequest = (request: IncomingMessage, response: ServerResponse, milliseconds: number) => {
      const { method = "", url = "" } = request;
      log.info(
        formatRequest(method, url, response.statusCode, response.statusMessage ?? "", milliseconds, colors),
      );
    };
    const server = await createHttpServer({
      scheme: options.scheme,
      ...(options.tls === null ? {} : { tls: options.tls }),
      dispatch: gate.dispatch,
      intercept: (request, response) => handleSpecial(routes, request, response),
      onError: (error, request, response) =>
        sendError(logFailure(error), options.showErrors, request, response),
      onFinished: options.logRequests && log.shows("info") ? logRequest : undefined,
      htmlSuffix: options.liveReload ? RELOAD_SCRIPT : undefined,
    });
    const crons = new CronScheduler((cron, time) => {
      void runScheduled(gate.dispatch, cron, time, logFailure).then(({ outcome }) => {
        log.log(`scheduled ${cron} ${outcome === "ok" ? colors.green("ok") : colors.red("exception")}`);
      });
    });
    return new ServedHost({ server, engine, host, options, log, output, browsers, gate, crons, mapper });
  }

  /** Events that arrive from now on wait for `load` or `proceed`. */
  hold(): void {
    this.#gate.close();
  }

  proceed(): void {
    this.#gate.open();
  }

  /** Events are answered by what is wrong with the code, until a worker is loaded. */
  breakDown(text: string): void {
    this.#gate.refuse(new UserError("BUILD_FAILED", text, "Mend the code: the next save builds it again."));
  }

  async load(worker: ServedWorker): Promise<WorkerDescription> {
    this.#mapper.current = new StackMapper(worker.sourceMap);
    const loading = this.#host.load(worker);
    // From here on the host itself lets events wait for the new code.
    this.#gate.open();
    try {
      const description = await loading;
      this.#crons.set(
        this.#options.fireCrons && description.handlers.includes("scheduled") ? worker.crons : [],
      );
      return description;
    } finally {
      this.refresh();
    }
  }

  /** Has browsers load their pages again, where they asked to be told. */
  refresh(): void {
    for (const browser of this.#browsers) browser.write("event: reload\ndata: \n\n");
  }

  /** What a failed load is to be told as. */
  describeFailure(error: unknown): ErrorReport {
    return reportError(error, this.#mapper.current, "WORKER_LOAD_FAILED");
  }

  /** Stops accepting, lets requests in flight finish for at most `milliseconds`, and closes everything. */
  async close(milliseconds: number): Promise<void> {
    this.#crons.set([]);
    this.#gate.open();
    for (const browser of this.#browsers) browser.end();
    const closed = new Promise<void>(resolve => {
      this.server.close(() => resolve());
    });
    this.server.closeIdleConnections();
    const overdue = setTimeout(() => this.server.closeAllConnections(), milliseconds);
    await this.#host.close(milliseconds);
    await this.#engine.close();
    this.server.closeIdleConnections();
    await closed;
    clearTimeout(overdue);
    this.#output.flush();
    this.#log.level = "none";
  }
}

/** Lets events through, or makes them wait. */
class Gate {
  readonly #target: Dispatch;
  #opened: Promise<void> | undefined;
  #open: (() => void) | undefined;
  #refusal: Error | undefined;

  constructor(target: Dispatch) {
    this.#target = target;
  }

  close(): void {
    this.#opened ??= new Promise(resolve => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#refusal = undefined;
    this.#opened = undefined;
    this.#open?.();
  }

  refuse(error: Error): void {
    this.open();
    this.#refusal = error;
  }

  readonly dispatch: Dispatch = (type, prepare, onStart) => {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    if (this.#opened === undefined) return this.#target(type, prepare, onStart);
    return this.#opened.then(() => this.dispatch(type, prepare, onStart));
  };
}

/** Runs the scheduled handler once. */
export async function runScheduled(
  dispatch: Dispatch,
  cron: string,
  time: number,
  onFailure: (error: Error) => void,
): Promise<{ outcome: "ok" | "exception"; noRetry: boolean }> {
  try {
    const answer = await dispatch("scheduled", () => [cron, time]);
    answer.release();
    const [noRetry] = answer.result as [boolean];
    return { outcome: "ok", noRetry };
  } catch (error) {
    onFailure(error as Error);
    return { outcome: "exception", noRetry: false };
  }
}

function openReloadStream(response: ServerResponse, browsers: Set<ServerResponse>): void {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write(": connected\n\n");
  browsers.add(response);
  response.once("close", () => browsers.delete(response));
}
