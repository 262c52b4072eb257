/** The host's end of the threads that isolates run on. A thread serves one isolate, and when that is done with, another. */
import type { Worker } from "node:worker_threads";
import { isV8Used } from "../v8/flags.ts";
import type { Frame, FromThread, ToThread } from "./protocol.ts";
import type { StartedThread } from "./start-thread.ts";

/** Threads that wait for an isolate: each of them has a heap of its own. */
const MOST_IDLE = 1;

/** The isolate that a thread serves. */
export interface ThreadUser {
  receive(message: FromThread): void;
  callSync(text: string, bytes: readonly Uint8Array[]): string | Uint8Array;
  lost(detail: string): void;
}

export class HostThread {
  user: ThreadUser | undefined;
  readonly #worker: Worker;
  #gone = false;

  constructor({ worker, port, wake }: StartedThread) {
    this.#worker = worker;
    port.on("message", ([text, bytes]: Frame) => {
      port.postMessage(this.user?.callSync(text, bytes) ?? "=");
      Atomics.store(new Int32Array(wake), 0, 1);
      Atomics.notify(new Int32Array(wake), 0);
    });
    port.unref();
    this.#worker.on("message", (message: FromThread) => this.user?.receive(message));
    this.#worker.on("error", (error: Error) => this.#lost(error.message));
    this.#worker.on("exit", code => this.#lost(`the thread ended with code ${code}`));
  }

  send(message: ToThread, moving: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, moving);
  }

  /** Has the thread let go of its isolate, before it opens another. */
  release(): void {
    this.user = undefined;
    this.#worker.unref();
    // The flag that exposes gc() holds for the whole process, and so for the contexts of workers that V8 makes meanwhile.
    this.send({ kind: "close", collectGarbage: !isV8Used() });
  }

  /** The thread is to serve an isolate again. */
  reuse(): void {
    this.#worker.ref();
  }

  get gone(): boolean {
    return this.#gone;
  }

  async terminate(): Promise<void> {
    this.user = undefined;
    await this.#worker.terminate();
  }

  #lost(detail: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.user?.lost(detail);
  }
}

export class HostThreads {
  readonly #start: () => StartedThread;
  readonly #idle: HostThread[] = [];
  #closed = false;

  /** `first`: one that was started already. */
  constructor(start: () => StartedThread, first: StartedThread | undefined) {
    this.#start = start;
    if (first !== undefined) this.#idle.push(new HostThread(first));
  }

  /** A thread that serves nobody: one that waits, else a new one. */
  take(): HostThread {
    for (let thread = this.#idle.pop(); thread !== undefined; thread = this.#idle.pop()) {
      if (thread.gone) continue;
      thread.reuse();
      return thread;
    }
    return new HostThread(this.#start());
  }

  /** The isolate of the thread is done with, and nothing runs in it. */
  giveBack(thread: HostThread): void {
    if (this.#closed || thread.gone || this.#idle.length >= MOST_IDLE) {
      void thread.terminate();
      return;
    }
    thread.release();
    this.#idle.push(thread);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#idle.splice(0).map(thread => thread.terminate()));
  }
}
