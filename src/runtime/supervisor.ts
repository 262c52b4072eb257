/**
 * Keeps a server alive: owns the listening socket, starts the host process that serves it, and starts another when
 * that one dies or stops answering. The socket never closes, so clients wait a moment instead of being refused.
 */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { WorkerDescription } from "../bindings/worker/contract.ts";
import type { ErrorReport } from "../engine/error-report.ts";
import { compileCacheDirectory } from "../engine/image.ts";
import { V8_FLAGS } from "../engine/v8/flags.ts";
import type { Logger } from "../log.ts";
import type { ListeningSocket } from "./listening-socket.ts";
import type { FromHost, ServedWorker, ServerOptions, ToHost } from "./protocol.ts";

const HEARTBEAT_MS = 250;
/** Guests never run on the host's main thread: if that one does not answer for so long, it never will. */
const SILENCE_MS = 3000;
/** How long a host process may take to finish its requests and end. */
const STOP_MS = 8000;
/** A host process that dies younger than this, so many times in a row, is not started again. */
const YOUNG_MS = 2000;
const MAX_YOUNG_DEATHS = 5;

export type LoadOutcome =
  | { readonly ok: true; readonly description: WorkerDescription }
  | { readonly ok: false; readonly report: ErrorReport };

export class Supervisor {
  readonly #log: Logger;
  #serving: { readonly options: ServerOptions; readonly socket: ListeningSocket } | undefined;
  #child: ChildProcess | undefined;
  #startedAt = 0;
  #lastHeard = 0;
  #heartbeat: NodeJS.Timeout | undefined;
  #worker: ServedWorker | undefined;
  /** Until there is a worker, events wait. */
  #held = true;
  #broken: string | undefined;
  #stopping = false;
  #youngDeaths = 0;
  #loads: ((outcome: LoadOutcome) => void)[] = [];
  #listening!: () => void;
  /** Resolves when the first host process accepts connections. */
  readonly listening = new Promise<void>(resolve => {
    this.#listening = resolve;
  });
  #failed!: (report: ErrorReport) => void;
  /** Resolves when the server cannot go on, with the reason. */
  readonly failed = new Promise<ErrorReport>(resolve => {
    this.#failed = resolve;
  });

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Starts the host process, before it is known what it is to serve. */
  prepare(): void {
    this.#spawn();
  }

  /** Has the host process serve on the socket; the worker may follow later. */
  start(options: ServerOptions, socket: ListeningSocket): void {
    this.#serving = { options, socket };
    this.#introduce();
    this.#lastHeard = performance.now();
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  #spawn(): void {
    const child = fork(fileURLToPath(new URL("./host-process.js", import.meta.url)), {
      execArgv: [
        ...V8_FLAGS,
        // Chunks of bodies die young, but only a collection frees their bytes: with the usual size of this space
        // a stream of 200 MB leaves more than 100 MB behind before there is one.
        "--max-semi-space-size=1",
      ],
      // A worker's clock shows UTC wherever it runs, and its host's modules are compiled once.
      env: {
        ...process.env,
        TZ: "UTC",
        NODE_COMPILE_CACHE: compileCacheDirectory(),
        // glibc's malloc has eight arenas for each core, and keeps in each what its threads gave back: isolates come and
        // go on many threads, and what one of them leaves serves the next only in the same arena.
        MALLOC_ARENA_MAX: process.env["MALLOC_ARENA_MAX"] ?? String(availableParallelism()),
      },
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child = child;
    this.#startedAt = this.#lastHeard = performance.now();
    child.on("message", (message: FromHost) => {
      if (child === this.#child) this.#receive(message);
    });
    child.on("exit", (code, signal) => {
      if (child === this.#child) this.#exited(signal ?? `code ${code}`);
    });
    child.on("error", () => {});
  }

  /** Tells a new host process all that the one before it knew. */
  #introduce(): void {
    if (this.#serving === undefined) return;
    this.#tell({ kind: "start", options: this.#serving.options });
    if (this.#held) this.#tell({ kind: "hold" });
    if (this.#broken !== undefined) this.#tell({ kind: "broken", text: this.#broken });
    if (this.#worker !== undefined) this.#tell({ kind: "load", worker: this.#worker });
    // Last, because from then on there are requests: they find what they wait for.
    this.#child?.send({ kind: "listen" } satisfies ToHost, this.#serving.socket.handle as never, () => {});
  }

  #tell(message: ToHost): void {
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  #receive(message: FromHost): void {
    this.#lastHeard = performance.now();
    switch (message.kind) {
      case "listening":
        this.#listening();
        break;
      case "loaded":
        this.#loads.shift()?.({ ok: true, description: message.description });
        break;
      case "load-failed":
        this.#loads.shift()?.({ ok: false, report: message.report });
        break;
      case "fatal":
        this.#failed(message.report);
        break;
    }
  }

  #beat(): void {
    this.#tell({ kind: "ping" });
    if (performance.now() - this.#lastHeard > SILENCE_MS) this.#child?.kill("SIGKILL");
  }

  #exited(how: string): void {
    this.#child = undefined;
    if (this.#stopping) return;
    this.#youngDeaths = performance.now() - this.#startedAt < YOUNG_MS ? this.#youngDeaths + 1 : 0;
    if (this.#youngDeaths >= MAX_YOUNG_DEATHS) {
      this.#failed({
        code: "ISOLATE_LOST",
        title: `The host process ended ${MAX_YOUNG_DEATHS} times in a row as soon as it was started (${how}).`,
        hint: "Look at what the worker does when it is loaded.",
        frames: [],
        position: null,
        codeFrame: null,
        causes: [],
        status: 500,
      });
      return;
    }
    this.#log.warn(`the host process ended (${how}); a new one takes over`);
    this.#spawn();
    this.#introduce();
  }

  /** Events that arrive from now on wait for `load` or `proceed`. */
  hold(): void {
    this.#held = true;
    this.#tell({ kind: "hold" });
  }

  proceed(): void {
    this.#held = false;
    this.#tell({ kind: "proceed" });
  }

  /** Has browsers that asked to be told load their pages again. */
  refresh(): void {
    this.#tell({ kind: "refresh" });
  }

  /** There is no code to run: events are answered by what is wrong, until a worker is loaded. */
  breakDown(text: string): void {
    this.#broken = text;
    this.#held = false;
    this.#tell({ kind: "broken", text });
  }

  /** Loads a worker, or new code for it. */
  load(worker: ServedWorker): Promise<LoadOutcome> {
    this.#worker = worker;
    this.#broken = undefined;
    this.#held = false;
    return new Promise(resolve => {
      this.#loads.push(resolve);
      this.#tell({ kind: "load", worker });
    });
  }

  /** Lets requests in flight finish, ends the host process, and closes the socket. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearInterval(this.#heartbeat);
    const child = this.#child;
    if (child !== undefined) {
      const ended = new Promise(resolve => child.once("exit", resolve));
      if (this.#serving === undefined) child.kill("SIGKILL");
      else this.#tell({ kind: "stop" });
      const overdue = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(overdue);
    }
    this.#serving?.socket.handle.close();
  }
}
