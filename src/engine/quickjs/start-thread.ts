/** Starts a thread for isolates. It needs nothing else of the program, so that a short command can do this first of all. */
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { ThreadData } from "./protocol.ts";

/** Room for the native frames of deep guest recursion, so that it ends as a guest's RangeError. */
const STACK_MEGABYTES = 32;

/** A thread, and the host's end of its synchronous ops. */
export interface StartedThread {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly wake: SharedArrayBuffer;
}

/** `compileCache`: threads have a cache of compiled code only by their environment; they need nothing else of it. */
export function startThread(script: URL, compileCache: string): StartedThread {
  const { port1, port2 } = new MessageChannel();
  const wake = new SharedArrayBuffer(4);
  const data: ThreadData = { syncPort: port2 as unknown as ThreadData["syncPort"], wake };
  const worker = new Worker(script, {
    name: "worker isolate",
    workerData: data,
    transferList: [port2],
    env: { NODE_COMPILE_CACHE: compileCache },
    trackUnmanagedFds: false,
    resourceLimits: { stackSizeMb: STACK_MEGABYTES },
  });
  // Whoever uses the thread hears of its end.
  worker.on("error", () => {});
  return { worker, port: port1, wake };
}
