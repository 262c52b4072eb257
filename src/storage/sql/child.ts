/** The other end of `serve.ts`: a process that runs SQL, its pipes, and how it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { FrameReader, type SqlAnswer } from "./protocol.ts";

/** A request that was ended: it took too long, or its process is gone. What it did is rolled back or done. */
export class SqlEnded extends Error {
  readonly reason: "timeout" | "memory" | "lost";

  constructor(reason: SqlEnded["reason"], detail: string) {
    super(detail);
    this.reason = reason;
  }
}

export interface Answer {
  readonly header: SqlAnswer;
  readonly body: Buffer;
}

const CLOSE_MS = 5000;
const START_MS = 30_000;
const KEPT_STDERR = 4096;
/** An answer that a worker could take is far smaller. */
const HEAP_MEGABYTES = 512;

interface ChildOwner {
  onAnswer(answer: Answer): void;
  onExit(error: SqlEnded): void;
}

/** The process itself, with its pipes. */
export class Child {
  readonly #process: ChildProcess;
  readonly #input: Writable & Pick<Socket, "ref" | "unref">;
  readonly #output: Readable & Pick<Socket, "ref" | "unref">;
  readonly ended: Promise<void>;
  readonly #startedAt = performance.now();
  #ready = false;

  constructor(settings: Buffer, owner: ChildOwner) {
    const script = import.meta.url.endsWith(".ts") ? "./main.ts" : "./sql-process.js";
    this.#process = spawn(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        `--max-old-space-size=${HEAP_MEGABYTES}`,
        "--v8-pool-size=0",
        fileURLToPath(new URL(script, import.meta.url)),
      ],
      { stdio: ["pipe", "pipe", "pipe", "pipe"], env: environment(), windowsHide: true },
    );
    const { stdin, stdout, stderr, stdio } = this.#process;
    this.#input = stdin as unknown as Writable & Socket;
    this.#output = stdout as unknown as Readable & Socket;
    const lifeline = stdio[3] as Socket;
    for (const stream of [this.#input, lifeline]) stream.on("error", () => {});
    (stderr as unknown as Socket).unref();
    lifeline.unref();
    let said = "";
    (stderr as Readable).setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-KEPT_STDERR);
    });
    const frames = new FrameReader();
    this.#output.on("data", (chunk: Buffer) => {
      frames.add(chunk);
      for (let next = frames.next(); next !== undefined; next = frames.next()) {
        this.#ready = true;
        owner.onAnswer({ header: next.header as SqlAnswer, body: next.body });
      }
    });
    this.ended = new Promise(resolve => {
      this.#process.once("error", error => {
        owner.onExit(new SqlEnded("lost", error.message));
        resolve();
      });
      this.#process.once("close", (code, signal) => {
        owner.onExit(endOf(code, signal, said));
        resolve();
      });
    });
    this.write(settings);
  }

  get isStarting(): boolean {
    return !this.#ready && performance.now() - this.#startedAt < START_MS;
  }

  write(bytes: Buffer): void {
    this.#input.write(bytes);
  }

  /** Reads nothing of what it answers until then. A rejection is somebody else's to handle. */
  pauseFor(work: void | Promise<void>): void {
    if (work === undefined) return;
    this.#output.pause();
    const resume = () => this.#output.resume();
    work.then(resume, resume);
  }

  ref(): void {
    for (const handle of [this.#process, this.#input, this.#output]) handle.ref();
  }

  unref(): void {
    for (const handle of [this.#process, this.#input, this.#output]) handle.unref();
  }

  /** Lets it finish: it closes its database and goes. */
  end(): void {
    this.ref();
    this.#input.end();
    const overdue = setTimeout(() => this.kill(), CLOSE_MS);
    void this.ended.then(() => clearTimeout(overdue));
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }
}

function endOf(code: number | null, signal: string | null, said: string): SqlEnded {
  if (/heap out of memory|Array buffer allocation failed/i.test(said)) return new SqlEnded("memory", said);
  return new SqlEnded("lost", said.trim() || `The process of the database ended (${signal ?? code}).`);
}

/** What SQLite asks for a place for temporary files, and nothing that is not its business. */
function environment(): NodeJS.ProcessEnv {
  const names = ["SQLITE_TMPDIR", "TMPDIR", "TEMP", "TMP", "SystemRoot"];
  return Object.fromEntries(
    names.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
