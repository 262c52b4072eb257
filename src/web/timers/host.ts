/** The host's timers: one queue per event, ordered by due time and then by creation. */
import type { HostOps, OpContext } from "../../engine/ops.ts";
import { monotonicNow } from "../../monotonic.ts";
import type { TimerAsyncOps, TimerNotices } from "./contract.ts";

/** The longest delay that Node's `setTimeout` takes; longer ones wait in several steps. */
const MAX_STEP_MS = 2 ** 31 - 1;

interface Entry {
  readonly id: number;
  readonly due: number;
  fire(): void;
  drop(reason: unknown): void;
}

class TimerQueue {
  readonly #entries: Entry[] = [];
  #wake: NodeJS.Timeout | undefined;

  add(entry: Entry): void {
    let index = this.#entries.length;
    while (index > 0 && this.#entries[index - 1]!.due > entry.due) index--;
    this.#entries.splice(index, 0, entry);
    if (index === 0) this.#schedule();
  }

  /** Lets a timer go before its time, if it is here. */
  clear(id: number): void {
    const index = this.#entries.findIndex(entry => entry.id === id);
    if (index < 0) return;
    const [entry] = this.#entries.splice(index, 1);
    entry?.fire();
    if (index === 0) this.#schedule();
  }

  drop(reason: unknown): void {
    clearTimeout(this.#wake);
    for (const entry of this.#entries.splice(0)) entry.drop(reason);
  }

  #schedule(): void {
    clearTimeout(this.#wake);
    const first = this.#entries[0];
    if (first === undefined) return;
    const delay = Math.ceil(first.due - monotonicNow());
    this.#wake = setTimeout(() => this.#run(), Math.min(Math.max(delay, 0), MAX_STEP_MS));
  }

  #run(): void {
    const now = monotonicNow();
    while (this.#entries.length > 0 && this.#entries[0]!.due <= now) this.#entries.shift()?.fire();
    this.#schedule();
  }
}

let turnNow: number | undefined;

/**
 * Timers that one turn of a guest starts count from one moment, however long the turn takes: as on workerd, where the
 * clock stands still in a turn, their delays alone decide which is first. All of a turn arrives here in one task.
 */
function nowOfTurn(): number {
  if (turnNow === undefined) {
    turnNow = monotonicNow();
    queueMicrotask(() => {
      turnNow = undefined;
    });
  }
  return turnNow;
}

const queues = new WeakMap<AbortSignal, TimerQueue>();

function queueOf(context: OpContext): TimerQueue {
  let queue = queues.get(context.signal);
  if (queue === undefined) {
    const created = new TimerQueue();
    context.signal.addEventListener("abort", () => created.drop(context.signal.reason), { once: true });
    queues.set(context.signal, created);
    queue = created;
  }
  return queue;
}

/** The timers' ops. A timer whose event has ended fails, which makes the guest forget it. */
export const timerOps: HostOps<TimerAsyncOps> = {
  "timer.start"(context, id, milliseconds) {
    context.signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<null>();
    const due = nowOfTurn() + milliseconds;
    queueOf(context).add({ id, due, fire: () => resolve(null), drop: reject });
    return promise;
  },
};

export const timerNotices: HostOps<TimerNotices> = {
  "timer.clear"(context, id) {
    queues.get(context.signal)?.clear(id);
  },
};
