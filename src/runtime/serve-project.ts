/** `worker dev` and `worker run`: configuration → bundle → server, and again on every change. The story on one page. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { setFlagsFromString } from "node:v8";
import type { Config } from "../config/config.ts";
import { formatReport } from "../engine/error-report.ts";
import { EXIT, formatUserError, UserError } from "../errors.ts";
import { createLogger, type Logger, wantsColor } from "../log.ts";
import { bindSocket } from "./listening-socket.ts";
import { addressOf, DEFAULT_PORT, originOf } from "./origin.ts";
import {
  type OpenProject,
  openProject,
  type ProjectBundle,
  type ProjectInput,
  stateDirectory,
} from "./project.ts";
import { watchProject } from "./project-watch.ts";
import type { ServerOptions } from "./protocol.ts";
import { Supervisor } from "./supervisor.ts";
import { interruption, type Surroundings } from "./surroundings.ts";

export interface ServeInput extends ProjectInput {
  readonly watch: boolean;
  readonly isolates: number;
  readonly httpsKeyPath: string | undefined;
  readonly httpsCertPath: string | undefined;
  readonly testScheduled: boolean;
  readonly fireCrons: boolean;
  readonly showErrors: boolean;
  readonly logRequests: boolean;
  readonly liveReload: boolean;
  readonly open: boolean;
}

/** How often a bundle is made again because its files changed under it. */
const MAX_ATTEMPTS = 5;

/** Serves the project until interrupted. Returns the exit code. */
export async function serveProject(surroundings: Surroundings, input: ServeInput): Promise<number> {
  const { stdout, env } = surroundings;
  // The log of a server is its output.
  const log = createLogger({ stream: stdout, env, level: surroundings.log.level });
  const supervisor = new Supervisor(log);
  // The host process starts while the configuration is read and the code is bundled.
  supervisor.prepare();
  let project: OpenProject | undefined;
  try {
    project = await openProject(surroundings, input);
    const { config } = project;
    const { dev } = config;
    const socket = bindSocket(addressOf(dev.ip), dev.port ?? DEFAULT_PORT, dev.port === null);
    if (dev.port === null && socket.port !== DEFAULT_PORT)
      log.info(`Port ${DEFAULT_PORT} is in use: taking ${socket.port}.`);
    const url = originOf(dev, socket.port);
    supervisor.start(await serverOptions(surroundings, input, config, url), socket);
    const served = new ServedProject(log, supervisor, project, input.watch);
    const failed = supervisor.failed.then(report => {
      throw new UserError(report.code, report.title, report.hint ?? "", {
        details: report.frames.join("\n") || undefined,
      });
    });
    failed.catch(() => {});
    const builtAt = Date.now();
    const running = await Promise.race([served.renew(), failed]);
    if (!running && !input.watch) return EXIT.failed;
    await Promise.race([supervisor.listening, failed]);
    stdout.write(`Ready on ${url}\n`);
    if (input.open) openBrowser(url);
    if (input.watch) {
      await served.watch(builtAt);
      if (input.liveReload) await served.watchAssets();
      // What a reload leaves behind is garbage at once. A young generation that grows, as V8's does, only puts off its collection.
      setFlagsFromString("--semi-space-growth-factor=1");
    }
    await Promise.race([interruption(surroundings), launcherGone(surroundings.env), failed]);
    await served.stop();
    return EXIT.interrupted;
  } finally {
    await supervisor.stop();
    await project?.close();
  }
}

/** A project behind a supervisor: each change of its files becomes new code in the server. */
class ServedProject {
  readonly #log: Logger;
  readonly #supervisor: Supervisor;
  readonly #project: OpenProject;
  readonly #watches: boolean;
  readonly #stopWatching: (() => Promise<void>)[] = [];
  #loadedHash: string | undefined;

  constructor(log: Logger, supervisor: Supervisor, project: OpenProject, watches: boolean) {
    this.#log = log;
    this.#supervisor = supervisor;
    this.#project = project;
    this.#watches = watches;
  }

  /** Renews the worker on every change. `builtAt`: when the first bundle was begun. */
  async watch(builtAt: number): Promise<void> {
    const renew = () => {
      this.#supervisor.hold();
      return this.renew();
    };
    const watcher = await watchProject(this.#project, builtAt, renew, this.#log);
    this.#stopWatching.push(() => watcher.close());
  }

  /** Refreshes pages when an asset has changed. Assets are served as they are in any case. */
  async watchAssets(): Promise<void> {
    const { assets } = this.#project.config;
    if (assets === null) return;
    const { watchInputs } = await import("../bundle/watch.ts");
    const watcher = watchInputs(() => this.#supervisor.refresh(), {
      onError: error => this.#log.warn(`a change of an asset may go unnoticed: ${error.message}`),
    });
    this.#stopWatching.push(() => watcher.close());
    await watcher.update([join(assets.directory, "**")]);
  }

  /** Bundles, and loads what came of it if it is new. Returns whether the newest code is running. */
  async renew(): Promise<boolean> {
    const startedAt = performance.now();
    const bundle = await this.#bundleSettled();
    if (!bundle.ok) {
      const text = formatUserError(bundle.error, this.#log.colors.dim);
      this.#log.error(text);
      if (this.#loadedHash === undefined) this.#supervisor.breakDown(stripVTControlCharacters(text));
      else this.#supervisor.proceed();
      return false;
    }
    if (bundle.hash === this.#loadedHash) {
      this.#supervisor.proceed();
      return true;
    }
    const first = this.#loadedHash === undefined;
    const outcome = await this.#supervisor.load(bundle.worker);
    this.#loadedHash = bundle.hash;
    if (!outcome.ok) {
      this.#log.error(formatReport(outcome.report, this.#log.colors.dim));
      return false;
    }
    if (!first) this.#log.log(`Reloaded in ${Math.round(performance.now() - startedAt)} ms`);
    return true;
  }

  /** A file that an editor is just writing may have been read half-written: such a bundle is made again. */
  async #bundleSettled(): Promise<ProjectBundle> {
    for (let attempt = 1; ; attempt++) {
      const since = Date.now();
      const bundle = await this.#project.bundle();
      if (!this.#watches || attempt === MAX_ATTEMPTS || !this.#project.changedSince(since)) return bundle;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stopWatching.map(stop => stop()));
  }
}

async function serverOptions(
  surroundings: Surroundings,
  input: ServeInput,
  config: Config,
  origin: string,
): Promise<ServerOptions> {
  const { dev } = config;
  return {
    engine: input.engine,
    instances: input.isolates,
    memoryBytes: input.memoryBytes,
    stateDir: stateDirectory(config, input, surroundings),
    origin,
    scheme: dev.localProtocol,
    tls: dev.localProtocol === "https" ? await certificate(surroundings, input) : null,
    showErrors: input.showErrors,
    logRequests: input.logRequests,
    logLevel: surroundings.log.level,
    colors: wantsColor(surroundings.stdout, surroundings.env),
    liveReload: input.liveReload,
    testScheduled: input.testScheduled,
    fireCrons: input.fireCrons,
    hostname: dev.ip,
  };
}

async function certificate(
  surroundings: Surroundings,
  input: ServeInput,
): Promise<{ key: string; cert: string }> {
  const keyPath = input.httpsKeyPath ?? surroundings.env["WRANGLER_HTTPS_KEY_PATH"];
  const certPath = input.httpsCertPath ?? surroundings.env["WRANGLER_HTTPS_CERT_PATH"];
  if (keyPath !== undefined && certPath !== undefined) {
    try {
      return { key: await readFile(keyPath, "utf8"), cert: await readFile(certPath, "utf8") };
    } catch (error) {
      throw new UserError(
        "FILE_UNREADABLE",
        `Cannot read the certificate: ${(error as Error).message}.`,
        "Check --https-key-path and --https-cert-path.",
      );
    }
  }
  if (keyPath !== undefined || certPath !== undefined) {
    throw new UserError(
      "USAGE",
      "--https-key-path and --https-cert-path belong together.",
      "Give both, or neither for a certificate made here.",
    );
  }
  const { localCertificate } = await import("../server/certificate.ts");
  return localCertificate();
}

const LAUNCHER_POLL_MS = 1000;

/**
 * Resolves when the npm (or npx) that started this process is gone. A signal that ends it does not reach what it has
 * started, which would stay behind and keep its port.
 */
function launcherGone(env: NodeJS.ProcessEnv): Promise<void> {
  const { ppid } = process;
  return new Promise(resolve => {
    if (env["npm_command"] === undefined) return;
    const timer = setInterval(() => {
      if (process.ppid === ppid) return;
      clearInterval(timer);
      resolve();
    }, LAUNCHER_POLL_MS);
    timer.unref();
  });
}

/** The platform's own opener; where there is none, the URL is on the terminal. */
function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", url]
        : ["xdg-open", url];
  if (command === undefined) return;
  const child = spawn(command, args, { stdio: "ignore", detached: true });
  child.once("error", () => {});
  child.unref();
}
